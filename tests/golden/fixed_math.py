#!/usr/bin/env python3
"""The functions of fixed/math.hpp to 64 significant bits, by Python's decimal at 420 digits; sine and cosine by their
series after subtracting turns. Nothing is taken from the C++ code.

Run without arguments it writes fixed_math.inc next to itself; with --check it compares. The C++ test
tests/fixed/math_golden.cpp reads that file.
"""

import random
import struct
from decimal import Decimal, getcontext
from fractions import Fraction
from pathlib import Path

from vectors import write_or_check

getcontext().prec = 420


def arctangent_of_reciprocal(n, unit):
    term = total = unit // n
    k = 1
    while term:
        term //= -n * n
        k += 2
        total += term // k
    return total


UNIT = 10**450
PI = Decimal(4 * (4 * arctangent_of_reciprocal(5, UNIT) - arctangent_of_reciprocal(239, UNIT))) / UNIT


def sine(x, quarters=0):
    turned = x + quarters * PI / 2
    rest = turned - (turned / (2 * PI)).to_integral_value() * 2 * PI
    term = total = rest
    k = 1
    while term and abs(term) > abs(total) * Decimal(10) ** -60:
        term *= -rest * rest / ((k + 1) * (k + 2))
        k += 2
        total += term
    return total


def tanh(x):
    # e^2x - 1 = e^x (e^x - e^-x) loses no digits that matter here
    return (x.exp() - (-x).exp()) / (x.exp() + (-x).exp())


FUNCTIONS = {
    "exp": (lambda x: x.exp(), 690),
    "log": (lambda x: x.ln(), None),
    "sqrt": (lambda x: x.sqrt(), None),
    "sin": (sine, 2.0**1000),
    "cos": (lambda x: sine(x, 1), 2.0**1000),
    "tanh": (tanh, 40),
    "sigmoid": (lambda x: 1 / (1 + (-x).exp()), 690),
}


def arguments(name, limit):
    chosen = random.Random(name)
    yield from (1.0, 0.5, 2.0, 0.25, 0.75, 1.5, 3.0)
    if limit is None:  # positive numbers, and those about 1
        for e in range(1, 13):
            yield 1 + chosen.random() * 2.0 ** (-4 * e)
            yield 1 - chosen.random() * 2.0 ** (-4 * e)
        for _ in range(16):
            yield chosen.random() * 2.0 ** chosen.randrange(-500, 500)
        return
    for e in range(0, 40):
        size = 2.0 ** -(2 * e) * 8
        yield chosen.choice((-1, 1)) * (1 + chosen.random()) * size
    for _ in range(16):
        yield chosen.uniform(-1, 1) * min(limit, 700)
    if limit > 700:
        for multiple in (1, 2, 3, 11, 355, 10**6):
            yield float(multiple * PI / 2)
        yield 6381956970095103 * 2.0**797  # of all doubles the nearest to a multiple of pi/2
        for e in range(10, 1000, 45):
            yield (1 + chosen.random()) * 2.0**e


def rows():
    for name, (function, limit) in FUNCTIONS.items():
        for x in arguments(name, limit):
            value = Fraction(function(Decimal(x)))
            size = abs(value)
            if size == 0:
                continue
            exponent = size.numerator.bit_length() - size.denominator.bit_length() - 64
            while size >= Fraction(2) ** (exponent + 64):
                exponent += 1
            significand = (size / Fraction(2) ** exponent).__floor__()
            assert 2**63 <= significand < 2**64 or exponent
            bits = struct.unpack("<Q", struct.pack("<d", x))[0]
            sign = "true" if value < 0 else "false"
            yield f'{{"{name}", 0x{bits:016x}, 0x{significand:016x}, {exponent}, {sign}}},\n'


def main():
    path = Path(__file__).with_suffix(".inc")
    text = "// Written by fixed_math.py; see there.\n" + "".join(rows())
    write_or_check(__file__, path, text)


if __name__ == "__main__":
    main()
