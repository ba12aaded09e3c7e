#!/usr/bin/env python3
"""Writes pytorch_observers.inc: the scales and zero points of PyTorch's observers, batch after batch.

Run with an installed torch (the version is in the file's first line): python3 pytorch_observers.py > pytorch_observers.inc
HistogramObserver has no counterpart here: it keeps another histogram and searches another error.
"""
import struct

import torch
from torch.ao.quantization import observer

torch.manual_seed(11)
BATCHES, VALUES = 5, 8


def bits(values):
    return ", ".join("0x%08xU" % struct.unpack("<I", struct.pack("<f", float(x)))[0] for x in values)


def show(name, low, high, batches, scales, zeros, state):
    print("{\"%s\", %d, %d," % (name, low, high))
    print("  {%s}," % ", ".join("{%s}" % bits(batch) for batch in batches))
    print("  {%s}, {%s}, {%s}}," % (bits(scales), ", ".join("%d" % z for z in zeros), bits(state)))


def watch(name, of, low, high, shift=0.0, warm=0):
    """`warm` batches come first, of which only what the observer remembers is written."""
    for _ in range(warm):
        of(torch.randn(VALUES) + shift)
    state = (float(of.min_val), float(of.max_val)) if warm else (0.0, 0.0)
    batches = [torch.randn(VALUES) * (1 + i) + shift for i in range(BATCHES)]
    grids = []
    for batch in batches:
        of(batch)
        grids.append(of.calculate_qparams())
    show(name, low, high, batches, [float(s) for s, _ in grids], [int(z) for _, z in grids], state)


def main():
    print("// Made by pytorch_observers.py with torch %s." % torch.__version__)
    affine, symmetric = torch.per_tensor_affine, torch.per_tensor_symmetric
    for shift in (0.0, 3.0, -3.0, 0.7):
        watch("min_max", observer.MinMaxObserver(dtype=torch.quint8, qscheme=affine), 0, 255, shift)
        watch("min_max", observer.MinMaxObserver(dtype=torch.quint8, qscheme=affine, reduce_range=True), 0, 127, shift)
        watch("symmetric", observer.MinMaxObserver(dtype=torch.qint8, qscheme=symmetric), -128, 127, shift)
        average = dict(dtype=torch.quint8, qscheme=affine)
        watch("halving", observer.MovingAverageMinMaxObserver(averaging_constant=0.5, **average), 0, 255, shift)
        watch("moving", observer.MovingAverageMinMaxObserver(**average), 0, 255, shift, warm=150)

    channels = observer.PerChannelMinMaxObserver(ch_axis=0, dtype=torch.qint8, qscheme=torch.per_channel_symmetric)
    batches = [torch.randn(3, VALUES) for _ in range(BATCHES)]
    grids = []
    for batch in batches:
        channels(batch)
        grids.append(channels.calculate_qparams())
    for row in range(3):
        show("symmetric", -128, 127, [b[row] for b in batches], [s[row] for s, _ in grids], [z[row] for _, z in grids],
             (0.0, 0.0))


main()
