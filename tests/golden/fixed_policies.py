#!/usr/bin/env python3
"""Quantization and overflow modes of ac_fixed and ap_fixed, from their definitions: fractions and strings of bits,
nothing taken from the C++ code.

Sources: "Algorithmic C (AC) Datatypes Reference Manual", tables of quantization and overflow modes; Vitis HLS user
guide UG1399, "Quantization Modes" and "Overflow Modes", whose wrap modes with N bits are those of IEEE 1666 (SystemC).

One row for each quantization mode, overflow mode, N and signedness: the CRC-32 of the results, a byte each, of every
value -128..255 at every scale 2^-9..2^8 of the destination's unit, in destinations of 1 (or N) to 8 bits. Those are
all values of all signed and unsigned sources of up to 8 bits. Run without arguments it writes fixed_policies.inc next
to itself; with --check it compares. The C++ test tests/fixed/policies.cpp reads that file.
"""

import zlib
from fractions import Fraction
from pathlib import Path

from vectors import write_or_check

VALUES = range(-128, 256)
SCALES = range(-9, 9)


def nearest(value, tie):
    below = value.__floor__()
    rest = value - below
    if rest != Fraction(1, 2):
        return below + (rest > Fraction(1, 2))
    return tie(below, below + 1)


QUANTIZATION = {
    "TRN": lambda v: v.__floor__(),
    "TRN_ZERO": lambda v: v.__trunc__(),
    "RND": lambda v: nearest(v, max),
    "RND_ZERO": lambda v: nearest(v, lambda a, b: min(a, b, key=abs)),
    "RND_INF": lambda v: nearest(v, lambda a, b: max(a, b, key=abs)),
    "RND_MIN_INF": lambda v: nearest(v, min),
    "RND_CONV": lambda v: nearest(v, lambda a, b: a if a % 2 == 0 else b),
    "RND_CONV_ODD": lambda v: nearest(v, lambda a, b: a if a % 2 == 1 else b),
}


def bits_of(value, count):
    """The lowest bits of the two's complement, most significant first."""
    return format(value % 2**count, f"0{count}b")


def number(bits, signed):
    value = int(bits, 2)
    return value - 2 ** len(bits) if signed and bits[0] == "1" else value


def inverted(bits):
    return bits.translate({ord("0"): "1", ord("1"): "0"})


def wrap(value, width, signed, n):
    bits = bits_of(value, width)
    if n > 0 and signed:  # the sign is retained, n - 1 bits after it saturate
        sign = "1" if value < 0 else "0"
        bits = sign + inverted(sign) * (n - 1) + bits[n:]
    elif n > 0:  # n bits are set to 1
        bits = "1" * n + bits[n:]
    return number(bits, signed)


def wrap_sign_magnitude(value, width, n):
    lost_and_kept = bits_of(value, width + 1)
    lowest_lost, bits = lost_and_kept[0], lost_and_kept[1:]
    if n == 0:  # the sign becomes the lowest deleted bit; if that changes it, the rest is inverted
        rest = bits[1:] if lowest_lost == bits[0] else inverted(bits[1:])
        return number(lowest_lost + rest, True)
    sign = "1" if value < 0 else "0"
    head = sign + inverted(sign) * (n - 1)  # saturated; if that changes its last bit, the rest is inverted
    rest = bits[n:] if head[-1] == bits[n - 1] else inverted(bits[n:])
    return number(head + rest, True)


def overflowed(mode, n, width, signed, value):
    highest = 2 ** (width - 1) - 1 if signed else 2**width - 1
    lowest = 0 if not signed else -highest if mode == "SAT_SYM" else -(2 ** (width - 1))
    if lowest <= value <= highest:
        return value
    if mode in ("SAT", "SAT_SYM"):
        return lowest if value < lowest else highest
    if mode == "SAT_ZERO":
        return 0
    if mode == "WRAP":
        return wrap(value, width, signed, n)
    return wrap_sign_magnitude(value, width, n)


def overflow_modes():
    for signed in (True, False):
        for mode in ("WRAP", "SAT", "SAT_ZERO", "SAT_SYM"):
            yield mode, 0, signed
        for n in range(1, 9):
            yield "WRAP", n, signed
    for n in range(9):
        yield "WRAP_SM", n, True


def rows():
    rounded = {name: [function(v * Fraction(2) ** scale) for scale in SCALES for v in VALUES]
               for name, function in QUANTIZATION.items()}
    integers = {value for values in rounded.values() for value in values}
    for mode, n, signed in overflow_modes():
        checks = dict.fromkeys(QUANTIZATION, 0)
        for width in range(max(n, 1), 9):
            result = {v: overflowed(mode, n, width, signed, v) % 256 for v in integers}
            for name, values in rounded.items():
                checks[name] = zlib.crc32(bytes(map(result.__getitem__, values)), checks[name])
        for name, check in checks.items():
            yield f'{{"{name}", "{mode}", {n}, {"true" if signed else "false"}, 0x{check:08x}}},\n'


def main():
    path = Path(__file__).with_suffix(".inc")
    text = "// Written by fixed_policies.py; see there.\n" + "".join(rows())
    write_or_check(__file__, path, text)


if __name__ == "__main__":
    main()
