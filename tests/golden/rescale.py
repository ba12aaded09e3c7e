#!/usr/bin/env python3
"""Requantization again, in plain Python: integers and fractions, no floating point, nothing taken from the C++ code.

Run without arguments it writes rescale_vectors.inc next to itself; with --check it compares and says whether the file
is what it would write. The C++ test tests/quantize/rescale/golden.cpp reads that file.
"""

from fractions import Fraction
from pathlib import Path

from vectors import write_or_check

INT32_MAX = 2**31 - 1


# Binary floating point as fractions.

def half_even(value):
    below = value.numerator // value.denominator
    rest = value - below
    if rest > Fraction(1, 2) or (rest == Fraction(1, 2) and below % 2 == 1):
        return below + 1
    return below


def half_away(value):
    nearest = int(abs(value) + Fraction(1, 2))
    return nearest if value >= 0 else -nearest


def half_up(value):
    return (value + Fraction(1, 2)).__floor__()


def ceiling(value):
    return value.__ceil__()


def exponent_of(value):
    """e with 2^e <= |value| < 2^(e+1)."""
    value = abs(value)
    e = value.numerator.bit_length() - value.denominator.bit_length()
    return e if value >= Fraction(2) ** e else e - 1


def round_to_bits(value, bits):
    """The nearest number with so many significant bits: one rounded operation."""
    if value == 0:
        return Fraction(0)
    unit = Fraction(2) ** (exponent_of(value) - bits + 1)
    return half_even(value / unit) * unit


def double(value):
    return round_to_bits(Fraction(value), 53)


def float32(value):
    return round_to_bits(Fraction(value), 24)


def bits_of(value, mantissa_bits, exponent_bits):
    """The IEEE bit pattern of a normal number or 0."""
    if value == 0:
        return 0
    e = exponent_of(value)
    bias = 2 ** (exponent_bits - 1) - 1
    assert -bias < e <= bias
    mantissa = abs(value) / Fraction(2) ** e * 2**mantissa_bits
    assert mantissa.denominator == 1
    sign = 1 if value < 0 else 0
    return (sign << (mantissa_bits + exponent_bits)) | ((e + bias) << mantissa_bits) | (mantissa.numerator - 2**mantissa_bits)


def float_bits(value):
    return bits_of(value, 23, 8)


def double_bits(value):
    return bits_of(value, 52, 11)


# The policies. A line is a dict of fractions and integers.

def clamp(value, largest):
    return max(-largest, min(largest, value))


ROUNDINGS = {
    # what goes into B, and the whole rounding
    "half_up": (lambda n: 2 ** (n - 1) if n > 0 else 0, half_up),
    "half_even": (lambda n: 0, half_even),
    "half_away": (lambda n: 0, half_away),
    "ceil": (lambda n: 2**n - 1, ceiling),
}


def nearest_power(value):
    """2^r with 2^(r - 1/2) < |value| < 2^(r + 1/2): the square lies between 2^(2r - 1) and 2^(2r + 1)."""
    if value == 0:
        return value
    e = exponent_of(value)
    magnitude = Fraction(2) ** (e + 1 if value * value > Fraction(2) ** (2 * e + 1) else e)
    return magnitude if value > 0 else -magnitude


def factor_of(line):
    return double(double(line["gain"] * double(line["s_in"] * line["s_w"])) / line["s_out"])


def one_rounding(line, bits, rounding, powers=False):
    """(B, m, n)."""
    constant = ROUNDINGS[rounding][0]
    factor = nearest_power(factor_of(line)) if powers else factor_of(line)
    shift = double(line["offset"] / line["s_out"])
    bits = min(bits, 62 - max(line["bound"], abs(line["zero_shift"])).bit_length())
    if powers:
        factor = clamp(factor, Fraction(2) ** (bits - 1))
    for n in range(62, -1, -1):
        m = half_even(factor * 2**n)
        if n == 0:
            m = clamp(m, 2**bits - 1)
        b = half_even(shift * 2**n) - line["zero_shift"] * m + constant(n)
        if n == 0:
            b = clamp(b, 2**62 - 1)
        if abs(m) < 2**bits and abs(b) < 2**62:
            return b, m, n


def apply_one_rounding(parameters, rounding, accumulator, zero):
    b, m, n = parameters
    constant, whole = ROUNDINGS[rounding]
    return whole(Fraction(accumulator * m + b - constant(n), 2**n)) + zero


def weight_scale_with_gain(line):
    return float32(double(line["s_w"] * max(abs(line["gain"]), Fraction(1, 2**16))))


def bias_of(line):
    step = line["s_in"] * weight_scale_with_gain(line)
    bias = half_away(double(line["offset"] / step)) - line["zero_shift"]
    return clamp(bias, INT32_MAX - line["bound"])


def tflite(line):
    """(bias, m, exponent)."""
    value = double(line["s_in"] * weight_scale_with_gain(line) / line["s_out"])
    exponent = exponent_of(value) + 1
    m = half_away(value / Fraction(2) ** exponent * 2**31)
    if m == 2**31:
        m, exponent = 2**30, exponent + 1
    if exponent < -31:
        m, exponent = 0, 0
    return bias_of(line), m, exponent


def apply_tflite(parameters, accumulator, zero):
    bias, m, exponent = parameters
    x = clamp((accumulator + bias) * 2 ** max(exponent, 0), INT32_MAX)
    high = half_up(Fraction(x * m, 2**31))
    return half_away(Fraction(high, 2 ** max(-exponent, 0))) + zero


def xnnpack(line):
    """(bias, the float32 scale)."""
    return bias_of(line), float32(float32(line["s_in"] * weight_scale_with_gain(line)) / line["s_out"])


def apply_xnnpack(parameters, accumulator, zero):
    bias, scale = parameters
    return clamp(half_even(float32(float32(accumulator + bias) * scale)), 2**31) + zero


# Seeded channels.

class Random:
    def __init__(self, seed):
        self.state = seed

    def bits(self, count):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return self.state >> (64 - count)

    def between(self, lowest, highest):
        return lowest + self.bits(40) % (highest - lowest + 1)

    def real(self, mantissa_bits, lowest, highest):
        e = self.between(lowest, highest)
        return (1 + Fraction(self.bits(mantissa_bits), 2**mantissa_bits)) * Fraction(2) ** e

    def line(self, index):
        few = index % 5 == 0  # short mantissas make ties
        bits = 1 if few else 23
        line = {
            "s_in": self.real(bits, -9, -1),
            "s_w": self.real(bits, -12, -3),
            "s_out": Fraction(2) ** self.between(-8, 0) if few else self.real(bits, -8, 0),
            "gain": Fraction(1),
            "offset": Fraction(0),
            "bound": self.between(100, 2 ** self.between(8, 29)),
        }
        line["zero_shift"] = clamp(self.between(-2**20, 2**20), line["bound"])
        if self.between(0, 2) > 0:
            line["gain"] = self.real(3 if few else 52, -5, 4) * (1 if self.between(0, 2) else -1)
        if self.between(0, 3) > 0:
            line["offset"] = self.real(3 if few else 52, -8, 4) * (1 if self.between(0, 1) else -1)
        extremes = {7: Fraction(0), 27: double(Fraction(1, 10**30)), 47: double(Fraction(10**30)), 67: -double(Fraction(10**30))}
        if index % 80 in extremes:
            line["gain"] = extremes[index % 80]
        if index % 40 == 13:
            line["offset"] = self.real(52, 20, 60)
        if index % 40 == 33:
            line["bound"] = 2 ** self.between(31, 50)
        return line

    def accumulator(self, line, bound):
        """Near a code of 8 bits where the channel can reach one."""
        factor = factor_of(line)
        if factor != 0:
            target = Fraction(self.between(-260, 260), 2) - line["offset"] / line["s_out"]
            value = half_even(target / factor) + line["zero_shift"]
            if abs(value) <= bound:
                return value
        return self.between(-bound, bound)


def braced(numbers):
    return "{" + ", ".join(str(number) for number in numbers) + "}"


def row(random, index):
    line = random.line(index)
    accumulator = random.accumulator(line, line["bound"])
    zero = random.between(-128, 127)
    half, even, away = (one_rounding(line, 31, rounding) for rounding in ("half_up", "half_even", "half_away"))
    up = one_rounding(line, 16, "ceil")
    power = one_rounding(line, 31, "half_up", powers=True)
    cells = [
        hex(float_bits(line["s_in"])), hex(float_bits(line["s_w"])), hex(float_bits(line["s_out"])),
        hex(double_bits(line["gain"])), hex(double_bits(line["offset"])),
        line["zero_shift"], line["bound"], accumulator, zero,
        braced(half), apply_one_rounding(half, "half_up", accumulator, zero),
        apply_one_rounding(even, "half_even", accumulator, zero),
        apply_one_rounding(away, "half_away", accumulator, zero),
        braced(up), apply_one_rounding(up, "ceil", accumulator, zero),
        braced(power), apply_one_rounding(power, "half_up", accumulator, zero),
    ]
    # Policies with an int32 bias take a bound below 2^31 and gains that a float32 weight scale can hold.
    fits = line["bound"] < 2**31 and abs(line["gain"]) < 2**40
    if fits:
        lite, xnn = tflite(line), xnnpack(line)
        cells += ["true", braced(lite), apply_tflite(lite, accumulator, zero), hex(float_bits(xnn[1])),
                  apply_xnnpack(xnn, accumulator, zero)]
    else:
        cells += ["false", "{}", 0, 0, 0]
    return "{" + ", ".join(str(cell) for cell in cells) + "},"


def text():
    random = Random(20240)
    lines = ["// Written by rescale.py. One channel and one accumulator a row; see golden.cpp for the columns."]
    lines += [row(random, index) for index in range(210)]
    return "\n".join(lines) + "\n"


def main():
    write_or_check(__file__, Path(__file__).with_name("rescale_vectors.inc"), text())


if __name__ == "__main__":
    main()
