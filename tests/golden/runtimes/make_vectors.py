#!/usr/bin/env python3
"""Golden vectors from TensorFlow Lite (LiteRT: XNNPACK, reference and built-in kernels), TensorFlow Lite Micro
and ONNX Runtime, for tests/kernel/golden.cpp.

    pip install ai-edge-litert==2.3.0 tflite-micro==0.dev20261023182759 onnxruntime==1.32.0 onnx==1.23.2 numpy flatbuffers
    python3 tests/golden/runtimes/make_vectors.py MODELS_FOLDER

The folder holds ad01_int8.tflite, kws_ref_model.tflite and pretrainedResnet_quant.tflite of the MLPerf Tiny
benchmark (MLCommons, repository mlcommons/tiny, folder benchmark/training, Apache-2.0). Writes vectors.inc next
to itself; the versions that ran stand in it.

An operator is cut out of a network, made a model of its own and run in every runtime on the same codes. Before
that, every layer of every network is run alone and must give what the whole network gives in the same runtime.
"""

import sys
from pathlib import Path

import numpy as np

import layers
import made
import runtimes
from operators import Add, Average, Linear

HERE = Path(__file__).resolve().parent
DIGITS = HERE.parents[2] / "examples/data/mnist/t10k-images-idx3-ubyte.gz"
WIDTH = 118


def text(codes):
    """Codes as hexadecimal bytes, two's complement, in strings of a line each."""
    digits = np.ascontiguousarray(codes).astype(np.int8).tobytes().hex()
    return "\n".join(f'"{digits[i:i + WIDTH]}"' for i in range(0, len(digits), WIDTH)) or '""'


def number(value):
    mantissa, exponent = float(value).hex().split("p")
    return f"{mantissa.rstrip('0').rstrip('.')}p{exponent}f"


def numbers(values):
    return "{" + ", ".join(number(v) for v in values) + "}"


def grid(of):
    return f"{{{number(of.scale)}, {of.zero}}}"


def agreeing(codes):
    """Runtimes with the same codes in one group, as [("a | b", codes)]."""
    groups = []
    for name, found in codes.items():
        for names, first in groups:
            if np.array_equal(found, first):
                names.append(name)
                break
        else:
            groups.append(([name], found))
    return [(" | ".join(names), found.ravel()) for names, found in groups]


def results(codes):
    """The first runtime's codes; then for each group {runtimes, {{index, code}, ...}}: where it differs."""
    groups, lines = agreeing(codes), []
    base = groups[0][1]
    for names, found in groups:
        pairs = ",".join(f"{{{i},{found[i]}}}" for i in np.flatnonzero(found != base))
        lines.append(f"{{{names}, {{{pairs}}}}}")
    return f"{{{text(base)},\n{{" + ",\n".join(lines) + "}}"


def linear_row(op):
    codes = runtimes.run(op)
    images, height, width, outputs = op.output_shape()
    (_, top, bottom), (_, left, right) = op.frame()
    shape = (f".in_height = {op.inputs.shape[1]}, .in_width = {op.inputs.shape[2]}, .in_channels = {op.inputs.shape[3]}, "
             f".out_height = {height}, .out_width = {width}, .out_channels = {outputs}, "
             f".kernel_height = {op.kernel()[0]}, .kernel_width = {op.kernel()[1]}, "
             f".stride_height = {op.stride[0]}, .stride_width = {op.stride[1]}, "
             f".pad_top = {top}, .pad_left = {left}, .pad_bottom = {bottom}, .pad_right = {right}")
    return (f'{{"{op.name}", operation::{op.kind}, {images},\n{{{shape}}},\n{grid(op.input)}, {grid(op.output)},\n'
            f"{numbers(op.weight_scales)},\n{{{', '.join(str(b) for b in op.bias)}}},\n{text(op.inputs)},\n"
            f"{text(op.weights)},\n{results(codes)}}},\n")


def hash_of(codes):
    value = 0xcbf29ce484222325
    for byte in codes.astype(np.int8).tobytes():
        value = (value ^ byte) * 0x100000001b3 & (2**64 - 1)
    return value


def add_row(op):
    """A hash of the sums of all pairs of codes, and some pairs: where the runtimes differ, and any."""
    codes = {name: c.ravel() for name, c in runtimes.run(op).items()}
    rng = np.random.default_rng(8)
    stacked = np.stack([codes[name] for name in ("xnnpack", "reference_kernels", "builtin", "micro")])
    differ = np.flatnonzero((stacked != stacked[0]).any(0))
    if differ.size > 48:
        differ = np.sort(rng.choice(differ, 48, replace=False))
    chosen = np.concatenate([differ, rng.choice(256 * 256, 192, replace=False)])
    hashes = ", ".join(f"{{{names}, {hash_of(c):#x}}}" for names, c in agreeing(codes))
    a, b = (x.ravel()[chosen] for x in op.inputs)
    return (f'{{"{op.name}", {grid(op.a)}, {grid(op.b)}, {grid(op.output)},\n{{{hashes}}},\n{text(a)},\n{text(b)},\n'
            f"{results({name: c[chosen] for name, c in codes.items()})}}},\n")


def average_row(op):
    _, height, width, channels = op.output_shape()
    shape = (f".in_height = {op.inputs.shape[1]}, .in_width = {op.inputs.shape[2]}, .in_channels = {channels}, "
             f".out_height = {height}, .out_width = {width}, .out_channels = {channels}, "
             f".kernel_height = {op.window[0]}, .kernel_width = {op.window[1]}, "
             f".stride_height = {op.window[0]}, .stride_width = {op.window[1]}")
    return f'{{"{op.name}", {{{shape}}}, {grid(op.grid)},\n{text(op.inputs)},\n{results(runtimes.run(op))}}},\n'


def requantize_row(op):
    return f'{{"{op.name}", {grid(op.input)}, {grid(op.output)},\n{results(runtimes.run(op))}}},\n'


def array(kind, name, rows):
    return f"const {kind} {name}[] = {{\n{''.join(rows)}}};\n"


def main():
    folder = Path(sys.argv[1])
    linear, others = layers.from_networks(folder, DIGITS)
    linear += made.linear()
    others += made.others()
    adds = [op for op in others if isinstance(op, Add)]
    averages = [op for op in others if isinstance(op, Average)]
    requantizations = [op for op in others if not isinstance(op, (Add, Average, Linear))]
    output = (f"// Written by make_vectors.py with {runtimes.versions()}.\n"
              "// Holds parts of the weights and biases of MLPerf Tiny's networks (MLCommons, Apache-2.0).\n"
              + array("linear_vector", "linear_vectors", [linear_row(op) for op in linear])
              + array("add_vector", "add_vectors", [add_row(op) for op in adds])
              + array("average_vector", "average_vectors", [average_row(op) for op in averages])
              + array("requantize_vector", "requantize_vectors", [requantize_row(op) for op in requantizations]))
    (HERE / "vectors.inc").write_text(output)
    print(f"{len(output)} bytes, {runtimes.versions()}")


if __name__ == "__main__":
    main()
