"""One quantized operator with its numbers, as a TFLite file and as an ONNX file."""

from dataclasses import dataclass, field

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as tflite


@dataclass
class Grid:
    """real = scale * (code - zero)"""
    scale: np.float32
    zero: int


@dataclass
class Linear:
    """Inputs are [images][height][width][channels]; a dense layer's are [rows][1][1][depth]. Weights are
    [outputs][height][width][channels], those of a depthwise convolution [channels][height][width]. A ReLU is
    the output's grid: its zero is the lowest code."""
    kind: str  # convolution, depthwise, dense
    name: str
    inputs: np.ndarray
    weights: np.ndarray
    weight_scales: np.ndarray  # one for each output, or one
    bias: np.ndarray
    input: Grid
    output: Grid
    stride: tuple = (1, 1)
    same: bool = True

    def kernel(self):
        return self.weights.shape[1:3]

    def frame(self):
        """(out, before, after) for the height and for the width."""
        return [frame(size, kernel, stride, self.same)
                for size, kernel, stride in zip(self.inputs.shape[1:3], self.kernel(), self.stride)]

    def output_shape(self):
        (height, _, _), (width, _, _) = self.frame()
        return self.inputs.shape[0], height, width, self.weights.shape[0]


@dataclass
class Add:
    name: str
    a: Grid
    b: Grid
    output: Grid
    inputs: list = field(default_factory=lambda: list(every_pair()))

    def output_shape(self):
        return self.inputs[0].shape


@dataclass
class Average:
    """Windows do not overlap and do not pad; the output has the input's grid."""
    name: str
    inputs: np.ndarray
    window: tuple
    grid: Grid

    def output_shape(self):
        images, height, width, channels = self.inputs.shape
        return images, height // self.window[0], width // self.window[1], channels


@dataclass
class Requantize:
    name: str
    input: Grid
    output: Grid

    def output_shape(self):
        return 1, 16, 16, 1


def every_code():
    return np.arange(-128, 128).astype(np.int8)


def every_pair():
    return (np.repeat(every_code(), 256).reshape(1, 256, 256, 1), np.tile(every_code(), 256).reshape(1, 256, 256, 1))


def frame(size, kernel, stride, same):
    if not same:
        return (size - kernel) // stride + 1, 0, 0
    out = -(-size // stride)
    total = max((out - 1) * stride + kernel - size, 0)
    return out, total // 2, total - total // 2


# TFLite

class TfliteFile:
    def __init__(self):
        self.model, self.graph = tflite.ModelT(), tflite.SubGraphT()
        self.model.version, self.model.description = 3, b""
        self.model.subgraphs, self.model.buffers = [self.graph], [tflite.BufferT()]
        self.graph.tensors, self.graph.operators = [], []

    def tensor(self, shape, kind, scales, zero, data=None, dimension=0):
        tensor, grid = tflite.TensorT(), tflite.QuantizationParametersT()
        grid.scale = np.atleast_1d(np.asarray(scales, np.float32))
        grid.zeroPoint = np.full(grid.scale.shape, zero, np.int64)
        grid.quantizedDimension = dimension
        tensor.shape, tensor.type, tensor.quantization = np.asarray(shape, np.int32), kind, grid
        tensor.name, tensor.buffer = b"t%d" % len(self.graph.tensors), 0
        if data is not None:
            buffer = tflite.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            tensor.buffer = len(self.model.buffers)
            self.model.buffers.append(buffer)
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def activations(self, shape, grid):
        return self.tensor(shape, tflite.TensorType.INT8, grid.scale, grid.zero)

    def operator(self, code, version, options_type, options, inputs, output):
        kind, operator = tflite.OperatorCodeT(), tflite.OperatorT()
        kind.builtinCode = kind.deprecatedBuiltinCode = code
        kind.version = version
        self.model.operatorCodes = [kind]
        operator.opcodeIndex, operator.inputs, operator.outputs = 0, inputs, [output]
        operator.builtinOptionsType, operator.builtinOptions = options_type, options
        self.graph.operators.append(operator)
        self.graph.outputs = [output]

    def bytes(self, inputs):
        self.graph.inputs = inputs
        return packed(self.model)


def packed(model):
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def tflite_file(op):
    file, code, kind = TfliteFile(), tflite.BuiltinOperator, tflite.BuiltinOptions
    if isinstance(op, Linear):
        return linear_tflite_file(op, file)
    if isinstance(op, Add):
        inputs = [file.activations(x.shape, grid) for x, grid in zip(op.inputs, (op.a, op.b))]
        output = file.activations(op.output_shape(), op.output)
        file.operator(code.ADD, 2, kind.AddOptions, tflite.AddOptionsT(), inputs, output)
        return file.bytes(inputs)
    if isinstance(op, Average):
        options = tflite.Pool2DOptionsT()
        options.padding = tflite.Padding.VALID
        options.filterHeight, options.filterWidth = options.strideH, options.strideW = op.window
        inputs = [file.activations(op.inputs.shape, op.grid)]
        output = file.activations(op.output_shape(), op.grid)
        file.operator(code.AVERAGE_POOL_2D, 2, kind.Pool2DOptions, options, inputs, output)
        return file.bytes(inputs)
    inputs = [file.activations(op.output_shape(), op.input)]
    output = file.activations(op.output_shape(), op.output)
    file.operator(code.QUANTIZE, 2, kind.QuantizeOptions, tflite.QuantizeOptionsT(), inputs, output)
    return file.bytes(inputs)


def linear_tflite_file(op, file):
    code, kind, types = tflite.BuiltinOperator, tflite.BuiltinOptions, tflite.TensorType
    bias_scales = (np.float64(op.input.scale) * op.weight_scales.astype(np.float64)).astype(np.float32)
    dense, depthwise = op.kind == "dense", op.kind == "depthwise"
    if dense:
        weights, shape = op.weights.reshape(op.weights.shape[0], -1), (op.inputs.shape[0], op.inputs.shape[3])
        options, result = tflite.FullyConnectedOptionsT(), (op.inputs.shape[0], op.weights.shape[0])
        what = code.FULLY_CONNECTED, 4, kind.FullyConnectedOptions
    else:
        weights, shape, result = op.weights, op.inputs.shape, op.output_shape()
        options = tflite.DepthwiseConv2DOptionsT() if depthwise else tflite.Conv2DOptionsT()
        options.padding = tflite.Padding.SAME if op.same else tflite.Padding.VALID
        options.strideH, options.strideW = op.stride
        options.dilationHFactor = options.dilationWFactor = 1
        what = code.CONV_2D, 3, kind.Conv2DOptions
        if depthwise:
            options.depthMultiplier, weights = 1, np.moveaxis(op.weights, 0, -1)[None]
            what = code.DEPTHWISE_CONV_2D, 3, kind.DepthwiseConv2DOptions
    inputs = [file.activations(shape, op.input)]
    constants = [file.tensor(weights.shape, types.INT8, op.weight_scales, 0, weights, 3 if depthwise else 0),
                 file.tensor(op.bias.shape, types.INT32, bias_scales, 0, op.bias)]
    file.operator(*what, options, inputs + constants, file.activations(result, op.output))
    return file.bytes(inputs)


# ONNX: codes become uint8 by adding 128, and every tensor is dequantized before and quantized after the
# operator, which ONNX Runtime turns into its integer operators.

class OnnxFile:
    def __init__(self):
        import onnx
        self.onnx, self.nodes, self.constants = onnx, [], []

    def constant(self, name, values):
        self.constants.append(self.onnx.numpy_helper.from_array(np.asarray(values), name))
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(self.onnx.helper.make_node(kind, inputs, [output], **attributes))
        return output

    def activation_grid(self, name, grid):
        return [self.constant(name + "_scale", np.float32(grid.scale)),
                self.constant(name + "_zero", np.uint8(grid.zero + 128))]

    def real(self, name, grid):
        return self.node("DequantizeLinear", [name] + self.activation_grid(name, grid), name + "_real")

    def real_constant(self, name, codes, scales):
        scales = np.asarray(scales, np.float32)
        if scales.size == 1:
            scales = scales.reshape(())
        zero = np.zeros(scales.shape, codes.dtype)
        inputs = [self.constant(name, codes), self.constant(name + "_scale", scales),
                  self.constant(name + "_zero", zero)]
        return self.node("DequantizeLinear", inputs, name + "_real", **({"axis": 0} if scales.shape else {}))

    def bytes(self, inputs, real_output, grid, shape):
        helper, uint8 = self.onnx.helper, self.onnx.TensorProto.UINT8
        self.node("QuantizeLinear", [real_output] + self.activation_grid("y", grid), "y")
        graph = helper.make_graph(self.nodes, "one_operator",
                                  [helper.make_tensor_value_info(n, uint8, s) for n, s in inputs],
                                  [helper.make_tensor_value_info("y", uint8, shape)], self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)],
                                 ir_version=8).SerializeToString()


def channels_first(shape):
    return shape[0], shape[3], shape[1], shape[2]


def onnx_file(op):
    file, shape = OnnxFile(), channels_first(op.output_shape())
    if isinstance(op, Add):
        reals = [file.real("a", op.a), file.real("b", op.b)]
        y = file.node("Add", reals, "y_real")
        return file.bytes([("a", shape), ("b", shape)], y, op.output, shape)
    if isinstance(op, Average):
        y = file.node("AveragePool", [file.real("x", op.grid)], "y_real", kernel_shape=op.window, strides=op.window)
        return file.bytes([("x", channels_first(op.inputs.shape))], y, op.grid, shape)
    if isinstance(op, Requantize):
        return None
    bias_scales = (np.float64(op.input.scale) * op.weight_scales.astype(np.float64)).astype(np.float32)
    x, bias = file.real("x", op.input), file.real_constant("bias", op.bias, bias_scales)
    if op.kind == "dense":
        weights = file.real_constant("weights", op.weights.reshape(op.weights.shape[0], -1), op.weight_scales)
        y = file.node("Gemm", [x, weights, bias], "y_real", transB=1)
        return file.bytes([("x", (op.inputs.shape[0], op.inputs.shape[3]))], y, op.output, (shape[0], shape[1]))
    depthwise = op.kind == "depthwise"
    codes = op.weights[:, None] if depthwise else np.moveaxis(op.weights, -1, 1)
    weights = file.real_constant("weights", np.ascontiguousarray(codes), op.weight_scales)
    (_, top, bottom), (_, left, right) = op.frame()
    y = file.node("Conv", [x, weights, bias], "y_real", kernel_shape=op.kernel(), strides=op.stride,
                  pads=[top, left, bottom, right], group=op.weights.shape[0] if depthwise else 1)
    return file.bytes([("x", channels_first(op.inputs.shape))], y, op.output, shape)
