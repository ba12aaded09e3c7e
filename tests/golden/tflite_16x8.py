#!/usr/bin/env python3
"""TFLite's requantization of int64 accumulators to int16 codes, in integers and fractions, from its published formula:
QuantizeMultiplier (quantization_util.cc), then MultiplyByQuantizedMultiplier(int64_t, int32_t, int) (common.cc).

Run without arguments it writes tflite_16x8.inc next to itself; with --check it compares and says whether the file is
what it would write. The C++ test tests/quantize/rescale/tflite_reference_16x8.cpp reads that file.
"""

from fractions import Fraction
from pathlib import Path

from rescale import (Random, apply_tflite, braced, clamp, double, double_bits, float_bits, half_away, half_even, tflite,
                     weight_scale_with_gain)
from vectors import write_or_check


def parameters(line):
    """(bias, 15-bit multiplier, shift) of a channel."""
    _, multiplier, shift = tflite(line)
    reduced = (multiplier + (1 << 15)) >> 16 if multiplier < 0x7FFF0000 else 0x7FFF
    step = line["s_in"] * weight_scale_with_gain(line)
    bias = half_away(double(line["offset"] / step)) - line["zero_shift"]
    return clamp(bias, 2**47 - 1 - line["bound"]), reduced, shift


def apply(channel, accumulator, zero):
    bias, multiplier, shift = channel
    total_shift = 15 - shift
    return ((accumulator + bias) * multiplier + (1 << (total_shift - 1)) >> total_shift) + zero


def line_of(random, index):
    few = index % 5 == 0  # short mantissas make ties
    bits = 1 if few else 23
    bound = 2 ** random.between(15, 46)
    largest = 1 + bound.bit_length() - 15  # so that sums near the bound and codes near the ends meet
    line = {
        "s_in": random.real(bits, -14, -6),
        "s_w": random.real(bits, -12, -3),
        "gain": Fraction(1),
        "offset": Fraction(0),
        "bound": bound,
        "zero_shift": 0,
    }
    target = line["s_in"] * line["s_w"] * Fraction(2) ** random.between(0, largest)
    line["s_out"] = random.real(bits, -1, 0) * Fraction(2) ** (target.numerator.bit_length() -
                                                               target.denominator.bit_length())
    if random.between(0, 2) > 0:
        line["gain"] = random.real(3 if few else 52, -3, 3) * (1 if random.between(0, 2) else -1)
    if random.between(0, 3) > 0:
        line["offset"] = line["s_out"] * random.real(3 if few else 52, -4, 15) * (1 if random.between(0, 1) else -1)
    if index % 20 == 7:  # the largest multiplier, which does not round up to 2^15
        line["s_in"], line["s_w"], line["gain"] = Fraction(2**24 - 1, 2**24), Fraction(1, 2), Fraction(1)
        line["s_out"] = Fraction(2) ** random.between(0, 20)
    if index % 40 == 33:
        line["offset"] = line["s_out"] * 2 ** random.between(30, 60)
    line["offset"] = double(line["offset"])
    return line


def accumulator_of(random, line):
    if random.between(0, 3) == 0:
        return random.between(0, 1) * 2 * line["bound"] - line["bound"]
    factor = line["s_in"] * weight_scale_with_gain(line) / line["s_out"]
    value = half_even((Fraction(random.between(-66000, 66000), 2) - line["offset"] / line["s_out"]) / factor)
    return clamp(value, line["bound"])


def row(random, index):
    line = line_of(random, index)
    channel, accumulator = parameters(line), accumulator_of(random, line)
    assert -31 <= channel[2] < 8, channel
    cells = [hex(float_bits(line["s_in"])), hex(float_bits(line["s_w"])), hex(float_bits(line["s_out"])),
             hex(double_bits(line["gain"])), hex(double_bits(line["offset"])), line["bound"], accumulator,
             braced(channel), apply(channel, accumulator, 0)]
    # The product of two codes, by the 32-bit formula.
    product = dict(line, gain=Fraction(1), offset=Fraction(0), bound=2**30)
    of_two = random.between(-32768, 32767) * random.between(-32768, 32767)
    cells += [of_two, apply_tflite(tflite(product), of_two, 0)]
    return "{" + ", ".join(str(cell) for cell in cells) + "},"


def text():
    random = Random(1608)
    lines = ["// Written by tflite_16x8.py; see tests/quantize/rescale/tflite_reference_16x8.cpp for the columns."]
    lines += [row(random, index) for index in range(300)]
    return "\n".join(lines) + "\n"


def main():
    write_or_check(__file__, Path(__file__).with_name("tflite_16x8.inc"), text())


if __name__ == "__main__":
    main()
