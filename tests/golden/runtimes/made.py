"""Operators made to meet ties, and values so near to them that the order of the roundings decides."""

import math

import numpy as np

from operators import Add, Average, Grid, Linear, Requantize, every_pair

# Weight scale, weight code, bias: with input and output scale 1, exact halves; accumulators whose float32 is
# rounded to a half; multipliers from 2^-32 to above 1.
TIES = [
    (2**-1, 1, 0), (2**-1, -1, 1), (2**-2, 1, 2), (2**-2, -3, 0), (3 * 2**-2, 2, 0), (3 * 2**-1, 1, -5),
    (3 * 2**-1, -1, 0), (2.5, 1, 0), (2**-12, 127, 2048), (2**-20, 1, 33 * 2**19), (2**-20, -1, -33 * 2**19),
    (2**-22, 5, 33 * 2**21), (2**-25, -127, 65 * 2**24), (2**-30, 1, 2**29), (2**-31, -1, 2**30),
    (2**-32, 1, 2**30), (2**-32, 0, 2**31 - 1), (0.0371, 93, 777), (0.499999, 1, 0), (0.500001, -1, 0),
]
INPUT, OUTPUT = np.float32(0.0393936), np.float32(0.0762932)


def half_even_code(accumulator, scale, scale_first=False, convert=True, round_product=True):
    """XNNPACK's formula, or one that leaves out a rounding."""
    x = np.float64(np.float32(accumulator)) if convert else np.float64(accumulator)
    product = np.float64(INPUT) * np.float64(scale)
    factor = np.float32((product if scale_first else np.float64(np.float32(product))) / np.float64(OUTPUT))
    result = x * np.float64(factor)  # exact: 29 bits by 24
    return int(np.rint(np.float32(result) if round_product else result))


def two_roundings_code(accumulator, scale, float_product=False):
    """TensorFlow Lite Micro's formula, or one whose product of scales is a float32."""
    product = np.float64(INPUT) * np.float64(scale)
    mantissa, exponent = math.frexp((np.float32(product) if float_product else product) / np.float64(OUTPUT))
    multiplier = math.floor(mantissa * 2**31 + 0.5)
    high = (accumulator * multiplier + 2**30) >> 31
    return (high + (1 << (-exponent - 1))) >> -exponent if exponent < 0 else high


VARIANTS = [
    lambda x, s: half_even_code(x, s) != half_even_code(x, s, scale_first=True),
    lambda x, s: half_even_code(x, s) != half_even_code(x, s, convert=False),
    lambda x, s: half_even_code(x, s) != half_even_code(x, s, round_product=False),
    lambda x, s: two_roundings_code(x, s) != two_roundings_code(x, s, float_product=True),
]


def near_halves(count):
    """(weight scale, weight code, bias): for each rounding of a formula some channels whose code changes
    without it."""
    rng, found = np.random.default_rng(6), []
    for decides in VARIANTS:
        wanted = len(found) + count
        while len(found) < wanted:
            accumulator = int(2 ** rng.uniform(6, 29))
            half = rng.integers(80) + 0.5
            scale = np.float32(half / accumulator * np.float64(OUTPUT) / np.float64(INPUT))
            for _ in range(rng.integers(3)):
                scale = np.nextafter(scale, np.float32(rng.integers(2)))
            if decides(accumulator, scale):
                sign = 1 if len(found) % 2 == 0 else -1
                found.append((scale, sign, sign * accumulator))
    return found


def sums(a, b, output, float_ratio=True, half_even=True):
    """XNNPACK's formula for an addition of all pairs of codes, or one that leaves out a rounding or rounds
    ties away."""
    ratios = [np.float64(g.scale) / np.float64(output.scale) for g in (a, b)]
    if float_ratio:
        ratios = [np.float64(np.float32(r)) for r in ratios]
    shift = 21 - math.frexp(max(ratios))[1]
    multipliers = [int(np.rint(r * 2**shift) if half_even else np.floor(r * 2**shift + 0.5)) for r in ratios]
    total = sum((x.astype(np.int64) - g.zero) * m for x, g, m in zip(every_pair(), (a, b), multipliers))
    return np.clip(((total + 2 ** (shift - 1)) >> shift) + output.zero, -128, 127)


def deciding_add(name, **variant):
    """An addition with codes that change with the formula. One ratio lies in the middle of two multipliers, exactly
    or but for the rounding to float32."""
    rng = np.random.default_rng(12)
    while True:
        output = Grid(np.float32(rng.uniform(0.5, 2) if "float_ratio" in variant else 1), int(rng.integers(-20, 20)))
        scale = np.float32((rng.integers(2**20, 2**21) + 0.5) / 2**21 * np.float64(output.scale))
        a, b = Grid(scale, 2), Grid(np.float32(rng.uniform(0.1, 0.5)), -3)
        if not np.array_equal(sums(a, b, output), sums(a, b, output, **variant)):
            return Add(name, a, b, output)


def layers_of(name, channels, codes, input_grid, output_grid):
    """A convolution, a depthwise convolution and a dense layer of depth 1."""
    scales, weights, bias = (np.array(column) for column in zip(*channels))
    scales, weights, bias = scales.astype(np.float32), weights.astype(np.int8), bias.astype(np.int32)
    single, numbers = codes.reshape(1, -1, 4, 1), (scales, bias, input_grid, output_grid)
    return [
        Linear("convolution", f"made, convolution, {name}", single, weights.reshape(-1, 1, 1, 1), *numbers),
        Linear("depthwise", f"made, depthwise convolution, {name}", single.repeat(len(channels), 3),
               weights.reshape(-1, 1, 1), *numbers),
        Linear("dense", f"made, dense, {name}", codes.reshape(-1, 1, 1, 1), weights.reshape(-1, 1, 1, 1), *numbers,
               same=False),
    ]


def linear():
    codes, grids = np.arange(-20, 20).astype(np.int8), (Grid(np.float32(1), 3), Grid(np.float32(1), -7))
    result = layers_of("ties", TIES, codes, *grids)
    near = near_halves(4)
    result += layers_of("near ties", near, codes[20:28], Grid(INPUT, 3), Grid(OUTPUT, -7))
    few, bias = np.array([1, -1, 3, -5], np.int8).reshape(-1, 1, 1, 1), np.arange(-1, 3).astype(np.int32)
    rows = codes.reshape(-1, 1, 1, 1)
    for scale in (2**-1, 2**-2, 1.5):
        result.append(Linear("dense", f"made, dense, scale {scale}", rows, few, np.float32([scale]), bias, *grids,
                             same=False))
    for scale, weight, offset in near[::4]:
        result.append(Linear("dense", f"made, dense, scale {scale}", rows[20:28],
                             np.array([weight], np.int8).reshape(1, 1, 1, 1), np.float32([scale]),
                             np.array([offset], np.int32), Grid(INPUT, 3), Grid(OUTPUT, -7), same=False))
    return result


def others():
    def grid(scale, zero):
        return Grid(np.float32(scale), zero)

    rng = np.random.default_rng(4)
    windows = [(2, 2), (2, 3), (5, 1)]
    averages = [Average(f"made, average of {h}x{w}", rng.integers(-128, 128, (1, 5 * h, 4 * w, 6)).astype(np.int8),
                        (h, w), grid(0.1, 3)) for h, w in windows]
    averages[0].inputs[0, :4] //= 64  # small sums: ties on both sides of 0
    adds = [
        Add("made, add, halves", grid(0.5, 0), grid(0.5, 0), grid(1, 0)),
        Add("made, add, quarters", grid(0.5, 3), grid(0.25, -5), grid(1, -7)),
        Add("made, add, one grid", grid(1, 1), grid(1, 1), grid(1, 1)),
        Add("made, add, far apart", grid(0.9, -128), grid(0.0117, 127), grid(0.51, -11)),
        deciding_add("made, add, a multiplier to even", half_even=False),
        deciding_add("made, add, the ratio a float32", float_ratio=False),
        Add("made, add, thirds", grid(1 / 3, -4), grid(0.7, 9), grid(0.99, 2)),
    ]
    requantizations = [
        Requantize("made, requantize, halves", grid(0.5, 1), grid(1, -3)),
        Requantize("made, requantize, quarters", grid(0.25, 0), grid(1, 0)),
        Requantize("made, requantize, up", grid(1.5, -2), grid(1, 5)),
        Requantize("made, requantize, a resnet's grids", grid(0.0393936, -128), grid(0.0509457, -128)),
        Requantize("made, requantize, sevenths", grid(1 / 7, 11), grid(0.31, -20)),
    ]
    return averages + adds + requantizations
