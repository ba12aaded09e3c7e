#!/usr/bin/env python3
"""Replays saved integer networks in plain Python: integers only, nothing taken from the C++ code.

Usage: replay.py FOLDER   (with the model files of golden_networks)
Each file brings a test vector, images and the codes of every stage for them. Every checksum is computed and every code
compared; then one number of each stage is changed, and the comparison must notice.
"""

import re
import struct
import sys
import zlib
from pathlib import Path

INT32_MAX = 2**31 - 1


# The file.

def check(condition, sentence):
    if not condition:
        raise ValueError(sentence)


class Tensor:
    def __init__(self, content, family, bits):
        (length,) = struct.unpack_from("<H", content)
        self.name = content[2 : 2 + length].decode()
        rank = content[2 + length]
        self.extents = struct.unpack_from(f"<{rank}I", content, 3 + length)
        count = 1
        for extent in self.extents:
            count *= extent
        self.numbers = list(split(content[3 + length + 4 * rank :], bits, count))
        if family == "s":
            half = 2 ** (bits - 1)
            self.numbers = [(n ^ half) - half for n in self.numbers]


def split(data, bits, count):
    """Numbers of so many bits each, from a little-endian bit string."""
    rest, held = 0, 0
    source = iter(data)
    for _ in range(count):
        while held < bits:
            rest |= next(source) << held
            held += 8
        yield rest & (2**bits - 1)
        rest >>= bits
        held -= bits


class Model:
    def __init__(self, path):
        data = path.read_bytes()
        check(data[:8] == b"DYADIC\r\n", "not a model file")
        version, kind, length, sections, crc = struct.unpack_from("<I4sQII", data, 8)
        check((version, kind, length) == (1, b"int ", len(data)), "not an integer network of version 1, or not its length")
        check(crc == zlib.crc32(data[:28]), "header checksum")
        check(struct.unpack("<I", data[-4:])[0] == zlib.crc32(data[:-4]), "file checksum")
        self.tensors, self.test, self.extra = {}, {}, {}
        at = 32
        for _ in range(sections):
            kind, family, bits, _, size, crc, header_crc = struct.unpack_from("<4scBHQII", data, at)
            content = data[at + 24 : at + 24 + size]
            check(header_crc == zlib.crc32(data[at : at + 20]), "section header checksum")
            check(crc == zlib.crc32(content), "section checksum")
            at += 24 + size
            if kind == b"net ":
                self.lines = [line.split(" | ") for line in content.decode().splitlines()]
                continue
            tensor = Tensor(content, family.decode(), bits)
            {b"tnsr": self.tensors, b"test": self.test, b"xtra": self.extra}[kind][tensor.name] = tensor
        check(at == len(data) - 4, "bytes behind the last section")

    def numbers(self, name):
        return self.tensors[name].numbers

    def number(self, name):
        (value,) = self.numbers(name)
        return value


# Requantization.

def saturated(value):
    return max(-INT32_MAX, min(INT32_MAX, value))


def half_even(x, n):
    return x if n <= 0 else (x + 2 ** (n - 1) - 1 + (x >> n & 1)) >> n


def half_away(x, n):
    return x if n <= 0 else (x + 2 ** (n - 1) - (x < 0)) >> n


def half_to_zero(x, n):
    return x if n <= 0 else (x + 2 ** (n - 1) - (x >= 0)) >> n


def toward_zero(x, n):
    return (x + (2**n - 1) * (x < 0)) >> n


def plain(x, n):
    return x >> n


def mean(total, count):
    return (total + count // 2) // count if total > 0 else -((-total + count // 2) // count)


class OneRounding:
    """((x * m + B) >> n) + zero: the constants of half_up, half_down, floor and ceil are in B."""

    def __init__(self, mode):
        self.shift = {"half_even": half_even, "half_away": half_away, "half_to_zero": half_to_zero,
                      "toward_zero": toward_zero}.get(mode, plain)

    def linear(self, model, path, channel, x):
        m, b, n = (model.numbers(f"{path}.{field}")[channel] for field in ("multiplier", "offset", "shift"))
        return self.shift(x * m + b, n)

    def add(self, model, path, a, b):
        ma, mb, offset, n = (model.number(f"{path}.{field}") for field in ("multiplier_a", "multiplier_b", "offset", "shift"))
        return self.shift(a * ma + b * mb + offset, n)

    def average(self, model, path, total, _):
        return self.linear(model, f"{path}.sum", 0, total)

    average_adds_zero = True


def tflite_multiply(x, m, exponent):
    kept = saturated(x << max(exponent, 0))
    return half_away((kept * m + 2**30) >> 31, max(-exponent, 0))


class TfliteReference:
    def linear(self, model, path, channel, x):
        m, b, e = (model.numbers(f"{path}.{field}")[channel] for field in ("multiplier", "bias", "exponent"))
        return tflite_multiply(saturated(x + b), m, e)

    def add(self, model, path, a, b):
        left = model.number(f"{path}.left_shift")

        def scaled(value, name):
            return tflite_multiply(value, model.number(f"{path}.{name}.multiplier"), model.number(f"{path}.{name}.exponent"))

        total = sum(
            scaled(saturated((code - model.number(f"{path}.zero_{name}")) << left), name) for code, name in ((a, "a"), (b, "b"))
        )
        return scaled(saturated(total), "sum")

    def average(self, model, path, total, taps):
        check(model.number(f"{path}.count") == taps, "the count of an average")
        return mean(total, taps)

    average_adds_zero = False


def to_24_bits(value):
    """A float32's mantissa: (m, e) with the value rounded half to even to m * 2^e."""
    dropped = max(abs(value).bit_length() - 24, 0)
    return half_even(value, dropped), dropped


class XnnpackFp32:
    def linear(self, model, path, channel, x):
        bits = model.numbers(f"{path}.scale_bits")[channel]
        field, fraction = bits >> 23 & 0xFF, bits & 0x7FFFFF
        factor = (fraction | 0x800000 if field else fraction) * (-1 if bits >> 31 else 1)
        converted, e1 = to_24_bits(saturated(x + model.numbers(f"{path}.bias")[channel]))
        product, e2 = to_24_bits(converted * factor)
        exponent = e1 + e2 + max(field, 1) - 150
        return product << exponent if exponent > 0 else half_even(product, -exponent)

    def add(self, model, path, a, b):
        return OneRounding("half_up").add(model, path, a, b)

    def average(self, model, path, total, taps):
        return TfliteReference().average(model, path, total, taps)

    average_adds_zero = False


def policy_of(fields):
    name = next(field for field in fields if field.startswith("rescale "))[len("rescale ") :]
    if name == "tflite_reference":
        return TfliteReference()
    if name == "xnnpack_fp32":
        return XnnpackFp32()
    found = re.fullmatch(r"(?:multiplier<\d+,|power_of_two<)(\w+)>", name)
    check(found, f"an unknown policy, {name}")
    return OneRounding(found[1])


# The stages.

def shape_of(text):
    extents = [int(extent) for extent in text.split(" ")[0].split("x")]
    return [1] * (3 - len(extents)) + extents


class Window:
    """How a layer's window, "3x3,stride 2,same" on an image and "3,dilation 2,causal" on a sequence, slides."""

    def __init__(self, name, image):
        found = re.search(r"[<,](?:(\d+)x)?(\d+)((?:,[a-z]+(?: \d+(?:x\d+)?)?)*)>$", name)
        columns = int(found[2]) if found else image[1]
        rows = int(found[1] or 1) if found else image[0]
        options = found[3] if found else ""
        self.groups = self.option(options, "groups")[0]
        border = next((word for word in ("same", "causal") if f",{word}" in options), "valid")
        spreads = name.startswith("conv_transpose")
        strides, dilations = self.option(options, "stride"), self.option(options, "dilation")
        in_time = image[0] == 1  # then rows are none of the window's
        down = (image[0], 1, 1, 1) if in_time else (image[0], rows, strides[0], dilations[0])
        self.axes = [
            self.transposed(*axis, border) if spreads else self.slid(*axis, border)
            for axis in (down, (image[1], columns, strides[1], dilations[1]))
        ]

    def option(self, options, word):
        found = re.search(rf",{word} (\d+)(?:x(\d+))?", options)
        return (int(found[1]), int(found[2] or found[1])) if found else (1, 1)

    def slid(self, size, kernel, stride, dilation, border):
        """The taps of each place on one axis: an index of the input, maybe outside."""
        covered = (kernel - 1) * dilation + 1
        places, before = -(-size // stride), 0
        if border == "valid":
            places = (size - covered) // stride + 1
        elif border == "same":
            before = max((places - 1) * stride + covered - size, 0) // 2
        else:
            before = covered - 1
        return [[place * stride - before + tap * dilation for tap in range(kernel)] for place in range(places)]

    def transposed(self, size, kernel, stride, dilation, border):
        """As TensorFlow's, the taps turned: input i adds to place i * stride + j * dilation by tap kernel - 1 - j."""
        over = max((kernel - 1) * dilation + 1 - stride, 0)
        places, cut = (size * stride, over // 2) if border == "same" else (size * stride + over, 0)
        taps = [[-1] * kernel for _ in range(places)]
        for index in range(size):
            for j in range(kernel):
                place = index * stride + j * dilation - cut
                if 0 <= place < places:
                    taps[place][kernel - 1 - j] = index
        return taps

    def __iter__(self):
        """The taps of each place: (row, column) of the image, maybe outside, in the kernel's order."""
        for rows in self.axes[0]:
            for columns in self.axes[1]:
                yield [(row, column) for row in rows for column in columns]


class Network:
    def __init__(self, model):
        self.model = model
        self.given = {}  # the codes of each stage for the last image

    def clamped(self, name, value, zero=True):
        low, high = self.model.number(f"{name}.output.low"), self.model.number(f"{name}.output.high")
        return max(low, min(high, value + (self.model.number(f"{name}.output.zero") if zero else 0)))

    def run(self, codes):
        self.given = {"input": codes}
        return self.chain(self.model.lines[1:], codes)

    def chain(self, lines, codes):
        sums = [line[0] + "/" for line in lines if line[1].startswith("add")]
        for line in lines:
            if any(line[0].startswith(outer) for outer in sums):
                continue
            codes = self.given[line[0]] = self.stage(line, lines, codes)
        return codes

    def stage(self, line, lines, codes):
        name, layers = line[0], line[1]
        kind = re.match(r"\w+", layers)[0]
        if kind == "add":
            return self.residual(line, lines, codes)
        if kind == "dropout":
            return codes
        if kind in ("relu", "relu6"):
            low, high = self.model.number(f"{name}.low"), self.model.number(f"{name}.high")
            return [max(low, min(high, code)) for code in codes]
        image = shape_of(line[2])
        work = {"conv1d": self.convolution, "conv2d": self.convolution, "conv_transpose1d": self.convolution,
                "conv_transpose2d": self.convolution, "dense": self.convolution,
                "depthwise_conv1d": self.depthwise, "depthwise_conv2d": self.depthwise,
                "batch_norm": self.lone_norm, "max_pool": self.max_pool, "average_pool": self.average_pool,
                "global_average_pool": self.average_pool}[kind]
        return work(line, layers.split(" + ")[0], image, codes)

    def residual(self, line, lines, codes):
        name, policy = line[0], policy_of(line)
        side = [inner for inner in lines if inner[0].startswith(f"{name}/shortcut_")]
        body = [inner for inner in lines if inner[0].startswith(f"{name}/") and inner not in side]
        a, b = self.chain(body, codes), self.chain(side, codes)
        return [self.clamped(name, policy.add(self.model, f"{name}.join", x, y)) for x, y in zip(a, b)]

    def pixels(self, taps, image, codes, outside):
        """The channels of each tap; None for `outside` leaves those outside the image out."""
        for row, column in taps:
            if 0 <= row < image[0] and 0 <= column < image[1]:
                first = (row * image[1] + column) * image[2]
                yield codes[first : first + image[2]]
            elif outside is not None:
                yield [outside] * image[2]

    def convolution(self, line, layer, image, codes):
        name, policy = line[0], policy_of(line)
        weights = self.model.numbers(f"{name}.weights")
        filters = self.model.tensors[f"{name}.weights"].extents[0]
        depth = len(weights) // filters
        window = None if layer.startswith("dense") else Window(layer, image)
        groups = window.groups if window else 1
        width, wide = image[2] // groups, filters // groups
        zero = self.model.number(f"{name}.zero_in")
        given = []
        for taps in window or [[(0, 0)]]:
            pixels = list(self.pixels(taps, image, codes, zero))
            for channel in range(filters):
                first = channel // wide * width
                seen = [code for pixel in pixels for code in pixel[first : first + width]]
                row = weights[channel * depth : (channel + 1) * depth]
                total = sum(code * weight for code, weight in zip(seen, row, strict=True))
                given.append(self.clamped(name, policy.linear(self.model, f"{name}.rescale", channel, total)))
        return given

    def depthwise(self, line, layer, image, codes):
        name, policy = line[0], policy_of(line)
        weights = self.model.numbers(f"{name}.weights")
        taps_of_channel = len(weights) // image[2]
        zero = self.model.number(f"{name}.zero_in")
        given = []
        for taps in Window(layer, image):
            seen = list(self.pixels(taps, image, codes, zero))
            for channel in range(image[2]):
                total = sum(seen[tap][channel] * weights[channel * taps_of_channel + tap] for tap in range(len(taps)))
                given.append(self.clamped(name, policy.linear(self.model, f"{name}.rescale", channel, total)))
        return given

    def lone_norm(self, line, layer, image, codes):
        name, policy = line[0], policy_of(line)
        return [self.clamped(name, policy.linear(self.model, f"{name}.rescale", i % image[2], code))
                for i, code in enumerate(codes)]

    def max_pool(self, line, layer, image, codes):
        return [max(channel) for taps in Window(layer, image) for channel in zip(*self.pixels(taps, image, codes, None))]

    def average_pool(self, line, layer, image, codes):
        name, policy = line[0], policy_of(line)
        several = f"{name}.averages.1.sum.shift" in self.model.tensors or f"{name}.averages.1.count" in self.model.tensors
        given = []
        for taps in Window(layer, image):
            seen = list(self.pixels(taps, image, codes, None))
            path = f"{name}.averages.{len(seen) - 1 if several else 0}"
            for channel in zip(*seen):
                value = policy.average(self.model, path, sum(channel), len(seen))
                given.append(self.clamped(name, value, zero=policy.average_adds_zero))
        return given


# The comparison.

def first_difference(model):
    """The stage of the first code that differs, and how many codes were compared."""
    network, compared = Network(model), 0
    if network.run(model.test["input"].numbers) != model.test["output"].numbers:
        return "the test vector", compared
    tables = model.tensors["input.tables"]
    maps, images = tables.extents[0], model.extra["images"].numbers
    size = len(model.test["input"].numbers)
    for image in range(len(images) // size):
        pixels = images[image * size : (image + 1) * size]
        network.run([tables.numbers[256 * (i % maps) + pixel] for i, pixel in enumerate(pixels)])
        for stage, codes in network.given.items():
            expected = model.extra[f"codes.{stage}"].numbers
            if codes != expected[image * len(codes) : (image + 1) * len(codes)]:
                return f"{stage}, image {image}", compared
            compared += len(codes)
    check(set(model.extra) == {"images"} | {f"codes.{stage}" for stage in network.given}, "a stage was not compared")
    return None, compared


def notices_changes(model):
    """Does a unit more or less in each stage's weights and offsets lead to another code somewhere?"""
    unnoticed = []
    for name, tensor in model.tensors.items():
        if not re.search(r"\.(weights|addition\.offset|rescale\.(offset|bias)|output\.zero|tables)$", name):
            continue
        stage = name.removesuffix(".output.zero")
        if stage == "input" or f"{stage}.averages.0.count" in model.tensors:  # in the tables, in the input's codes
            continue
        saved = list(tensor.numbers)
        step = 2**34 if name.endswith("offset") else 20 if name.endswith("bias") else 1
        tensor.numbers = [number - step if number > 0 else number + step for number in saved]
        if first_difference(model)[0] is None:
            unnoticed.append(name)
        tensor.numbers = saved
    return unnoticed


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    paths = sorted(Path(sys.argv[1]).glob("*.dyadic"))
    if not paths:
        sys.exit(f"{sys.argv[1]}: no model files")
    for path in paths:
        model = Model(path)
        difference, compared = first_difference(model)
        if difference is not None:
            sys.exit(f"{path}: differs at {difference}, after {compared} equal codes")
        unnoticed = notices_changes(model)
        if unnoticed:
            sys.exit(f"{path}: a change is not noticed in {', '.join(unnoticed)}")
        print(f"{path.name}: {len(model.lines)} stages, {compared} codes equal")


if __name__ == "__main__":
    main()
