#!/usr/bin/env python3
"""Golden vectors of TensorFlow Lite's operators on int16 codes (LiteRT's reference kernels and TensorFlow Lite Micro),
with int8 weights and int64 bias, for tests/kernel/golden_int16x8.cpp.

    pip install ai-edge-litert==2.3.0 tflite-micro==0.dev20261023182759 numpy flatbuffers onnxruntime==1.32.0
    python3 tests/golden/runtimes/int16x8.py

Writes int16x8.inc next to itself. Codes and weights come from a generator that the test has, too: the file holds
scales and what Micro gave. LiteRT must give the same, but for the dense layer, where its reference kernel has
another rounding.
"""

from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as tflite

import runtimes
from operators import TfliteFile

HERE = Path(__file__).resolve().parent
CODE, KIND, TYPES = tflite.BuiltinOperator, tflite.BuiltinOptions, tflite.TensorType


class Random:
    def __init__(self, seed):
        self.state = seed

    def below(self, count):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % count

    def array(self, shape, low, high):
        return np.array([low + self.below(high - low + 1) for _ in range(int(np.prod(shape)))]).reshape(shape)


def scales(count, first):
    return np.array([np.float32(first * (1 + i / 7)) for i in range(count)], np.float32)


def run(file, alike=True):
    """Micro's codes, which LiteRT's reference kernels must equal where they are `alike`."""
    model, inputs = file
    (reference,), _ = runtimes.litert(model, inputs, "reference_kernels")
    (micro,) = runtimes.tflite_micro(model, inputs)
    different = int(np.sum(reference != micro.reshape(reference.shape)))
    if alike != (different == 0):
        raise SystemExit(f"{different} codes differ between runtimes")
    return micro


def linear(kind, seed, inputs_shape, weights_shape, low, high, weight_low, weight_high, scale_in, scale_out):
    random = Random(seed)
    x = random.array(inputs_shape, low, high).astype(np.int16)
    weights = random.array(weights_shape, weight_low, weight_high).astype(np.int8)
    outputs = weights_shape[-1] if kind == "depthwise" else weights_shape[0]
    bias = random.array((outputs,), -100000, 100000).astype(np.int64)
    weight_scales = scales(outputs, 0.0037)
    file = TfliteFile()
    if kind == "dense":
        options, what = tflite.FullyConnectedOptionsT(), (CODE.FULLY_CONNECTED, 11, KIND.FullyConnectedOptions)
        out_shape = (inputs_shape[0], outputs)
        axis = 0
    else:
        depthwise = kind == "depthwise"
        options = tflite.DepthwiseConv2DOptionsT() if depthwise else tflite.Conv2DOptionsT()
        options.padding, options.strideH, options.strideW = tflite.Padding.VALID, 1, 1
        options.dilationHFactor = options.dilationWFactor = 1
        what = (CODE.CONV_2D, 4, KIND.Conv2DOptions)
        axis = 0
        if depthwise:
            options.depthMultiplier = 1
            what, axis = (CODE.DEPTHWISE_CONV_2D, 5, KIND.DepthwiseConv2DOptions), 3
        out_shape = (1, inputs_shape[1] - weights_shape[1] + 1, inputs_shape[2] - weights_shape[2] + 1, outputs)
    bias_scales = (np.float64(scale_in) * weight_scales.astype(np.float64)).astype(np.float32)
    inputs = [file.tensor(inputs_shape, TYPES.INT16, scale_in, 0)]
    constants = [file.tensor(weights.shape, TYPES.INT8, weight_scales, 0, weights, axis),
                 file.tensor(bias.shape, TYPES.INT64, bias_scales, 0, bias)]
    file.operator(*what, options, inputs + constants, file.tensor(out_shape, TYPES.INT16, scale_out, 0))
    return run((file.bytes(inputs), [x]), alike=kind != "dense")  # LiteRT's dense layer rounds a float64


def meeting(code, version, options_type, options, seed, scale_a, scale_b, scale_out):
    random = Random(seed)
    a, b = (random.array((1, 400), -32768, 32767).astype(np.int16) for _ in range(2))
    file = TfliteFile()
    inputs = [file.tensor(a.shape, TYPES.INT16, scale_a, 0), file.tensor(b.shape, TYPES.INT16, scale_b, 0)]
    file.operator(code, version, options_type, options, inputs, file.tensor(a.shape, TYPES.INT16, scale_out, 0))
    return run((file.bytes(inputs), [a, b]))


def written(name, numbers, codes):
    text = ", ".join(str(code) for code in codes.ravel())
    clipped = int(np.sum(np.abs(codes.astype(np.int32)) >= 32767))
    print(f"{name}: {codes.size} codes, {clipped} at the ends, {len(set(codes.ravel()))} different")
    given = ", ".join(f"{float(n).hex()}F" for n in numbers)
    return f"inline constexpr float {name}_scales[] = {{{given}}};\n" \
           f"inline constexpr std::int16_t {name}_codes[] = {{\n{text}}};\n"


def main():
    add_options = tflite.AddOptionsT()
    add_options.potScaleInt16 = False
    f = np.float32
    text = f"// Written by int16x8.py: {runtimes.versions()}.\n"
    text += written("convolution", [f(0.00031), f(0.004)],
                    linear("convolution", 1, (1, 7, 6, 16), (9, 3, 3, 16), -32768, 32767, -127, 127, f(0.00031), f(0.004)))
    text += written("depthwise", [f(0.00031), f(0.0009)],
                    linear("depthwise", 2, (1, 9, 8, 5), (1, 3, 3, 5), -32768, 32767, -127, 127, f(0.00031), f(0.0009)))
    text += written("dense", [f(0.00021), f(0.11)],
                    linear("dense", 3, (20, 900), (12, 900), 20000, 32767, 60, 127, f(0.00021), f(0.11)))
    text += written("sum", [f(0.0003), f(0.00047), f(0.0006)],
                    meeting(CODE.ADD, 4, KIND.AddOptions, add_options, 4, f(0.0003), f(0.00047), f(0.0006)))
    text += written("product", [f(0.0003), f(0.00047), f(0.005)],
                    meeting(CODE.MUL, 4, KIND.MulOptions, tflite.MulOptionsT(), 5, f(0.0003), f(0.00047), f(0.005)))
    (HERE / "int16x8.inc").write_text(text)


if __name__ == "__main__":
    main()
