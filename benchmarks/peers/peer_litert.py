"""LiteRT, whose default on processors is XNNPACK: single operators, and the networks of MLPerf Tiny."""
import flatbuffers
import numpy
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

import peer

operators = schema.BuiltinOperator
kinds = {numpy.int8: schema.TensorType.INT8, numpy.int32: schema.TensorType.INT32,
         numpy.float32: schema.TensorType.FLOAT32}


class Model:
    """A model of one operator."""

    def __init__(self):
        self.model = schema.ModelT()
        self.model.version = 3
        self.graph = schema.SubGraphT()
        self.graph.tensors = []
        self.model.buffers = [schema.BufferT()]

    def tensor(self, shape, kind, scale=None, zero=0, data=None, channel_axis=0):
        made = schema.TensorT()
        made.shape, made.type, made.buffer = list(shape), kinds[kind], 0
        if data is not None:
            held = schema.BufferT()
            held.data = numpy.frombuffer(numpy.ascontiguousarray(data).tobytes(), numpy.uint8)
            made.buffer = len(self.model.buffers)
            self.model.buffers.append(held)
        if scale is not None:
            scales = numpy.atleast_1d(numpy.asarray(scale, numpy.float32))
            made.quantization = schema.QuantizationParametersT()
            made.quantization.scale = scales
            made.quantization.zeroPoint = numpy.full(len(scales), zero, numpy.int64)
            made.quantization.quantizedDimension = channel_axis
        self.graph.tensors.append(made)
        return len(self.graph.tensors) - 1

    def interpreter(self, operator, inputs, outputs, kind=None, options=None, version=5):
        code = schema.OperatorCodeT()
        code.builtinCode, code.deprecatedBuiltinCode, code.version = operator, operator, version
        step = schema.OperatorT()
        step.opcodeIndex, step.inputs, step.outputs = 0, inputs, outputs
        if options is not None:
            step.builtinOptionsType, step.builtinOptions = kind, options
        self.graph.inputs = [i for i in inputs if self.graph.tensors[i].buffer == 0]
        self.graph.outputs, self.graph.operators = outputs, [step]
        self.model.operatorCodes, self.model.subgraphs = [code], [self.graph]
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        made = Interpreter(model_content=bytes(builder.Output()), num_threads=1)
        made.allocate_tensors()
        return made


def result(interpreter, *inputs):
    for detail, values in zip(interpreter.get_input_details(), inputs):
        interpreter.set_tensor(detail["index"], values.reshape(detail["shape"]))
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def bound(interpreter):
    """The call without Python's wrapper around it."""
    return interpreter._interpreter.Invoke


def linear(problem):
    model = Model()
    channels, scales = problem.output[2], problem.weight_scales
    taps = list(problem.kernel)
    if problem.is_dense:
        shapes = problem.input[::2], problem.output[::2], problem.weights.shape
    else:
        shapes = [1, *problem.input], [1, *problem.output], [channels, *taps, problem.input[2]]
    weights, axis = problem.weights, 0
    if problem.depthwise:
        weights, axis = weights.T, 3
        shapes = *shapes[:2], [1, *taps, channels]
    inputs = [model.tensor(shapes[0], numpy.int8, 1.0),
              model.tensor(shapes[2], numpy.int8, scales, data=weights, channel_axis=axis),
              model.tensor([channels], numpy.int32, scales, data=problem.bias)]
    outputs = [model.tensor(shapes[1], numpy.int8, problem.output_scale, problem.output_zero)]
    if problem.is_dense:
        return model.interpreter(operators.FULLY_CONNECTED, inputs, outputs,
                                 schema.BuiltinOptions.FullyConnectedOptions, schema.FullyConnectedOptionsT())
    name = "DepthwiseConv2DOptions" if problem.depthwise else "Conv2DOptions"
    options = getattr(schema, name + "T")()
    options.padding, options.strideH, options.strideW = schema.Padding.SAME, *problem.stride
    options.dilationHFactor = options.dilationWFactor = 1
    if problem.depthwise:
        options.depthMultiplier = 1
    operator = operators.DEPTHWISE_CONV_2D if problem.depthwise else operators.CONV_2D
    return model.interpreter(operator, inputs, outputs, getattr(schema.BuiltinOptions, name), options)


def linear_rows():
    for problem in peer.problems():
        solver = linear(problem)
        found = result(solver, problem.x)
        peer.row(problem.group, problem.name, "litert", bound(solver), peer.near(found, problem.expected, off=0))


def saturated(values):
    return numpy.clip(numpy.rint(values), -128, 127)


def elementwise_rows():
    random = numpy.random.default_rng(1)

    def row(name, interpreter, inputs, expected):
        found = result(interpreter, *inputs)
        peer.row("elementwise", name, "litert", bound(interpreter), peer.near(found, expected))

    for size in 4096, 65536, 1048576:
        codes = random.integers(-128, 128, (2, size), numpy.int8)
        reals = random.uniform(-32, 32, size).astype(numpy.float32)
        model = Model()
        wide, narrow = [model.tensor([1, size], numpy.float32)], [model.tensor([1, size], numpy.int8, 0.125, 3)]
        if peer.wanted("elementwise", name := f"quantize {size}"):
            row(name, model.interpreter(operators.QUANTIZE, wide, narrow), [reals], saturated(reals / 0.125 + 3))
        if peer.wanted("elementwise", name := f"dequantize {size}"):
            row(name, model.interpreter(operators.DEQUANTIZE, narrow, wide), [codes[0]],
                (codes[0].astype(float) - 3) * 0.125)
        if peer.wanted("elementwise", name := f"add {size}"):
            model = Model()
            a, b, sum = (model.tensor([1, size], numpy.int8, scale, zero)
                         for scale, zero in ((0.1, 3), (0.07, -5), (0.13, 7)))
            options = schema.AddOptionsT()
            options.potScaleInt16 = False
            real = (codes[0] - 3.0) * 0.1 + (codes[1] + 5.0) * 0.07
            row(name, model.interpreter(operators.ADD, [a, b], [sum], schema.BuiltinOptions.AddOptions, options),
                codes, saturated(real / 0.13 + 7))
    for side, channels in (32, 16), (56, 64):
        if peer.wanted("elementwise", name := f"max pool 2x2 {side}x{side}x{channels}"):
            model = Model()
            x = random.integers(-128, 128, (1, side, side, channels), numpy.int8)
            inputs = [model.tensor(x.shape, numpy.int8, 0.1)]
            outputs = [model.tensor([1, side // 2, side // 2, channels], numpy.int8, 0.1)]
            options = schema.Pool2DOptionsT()
            options.padding = schema.Padding.VALID
            options.strideH = options.strideW = options.filterHeight = options.filterWidth = 2
            half = side // 2
            row(name, model.interpreter(operators.MAX_POOL_2D, inputs, outputs,
                                        schema.BuiltinOptions.Pool2DOptions, options, version=2),
                [x], x.reshape(half, 2, half, 2, channels).max((1, 3)))


files = {"resnet8 int8": "pretrainedResnet_quant", "resnet8 float32": "pretrainedResnet", "ad01 int8": "ad01_int8",
         "ad01 float32": "ad01_fp32", "kws int8": "kws_ref_model", "kws float32": "kws_ref_model_float32"}


def network_rows():
    """A network is right if on random inputs half of its outputs are within two codes of the reference kernels'."""
    random = numpy.random.default_rng(1)
    for name, file in files.items():
        path = peer.given.models / f"{file}.tflite"
        if not path.is_file() or not peer.wanted("network", name):
            continue
        pair = [Interpreter(model_path=str(path), num_threads=1, experimental_op_resolver_type=kind)
                for kind in (OpResolverType.AUTO, OpResolverType.BUILTIN_REF)]
        for each in pair:
            each.allocate_tensors()
        detail = pair[0].get_input_details()[0]
        errors = []
        for _ in range(8):
            if detail["dtype"] == numpy.int8:
                x = random.integers(-128, 128, detail["shape"], numpy.int8)
            else:
                x = random.uniform(0, 1, detail["shape"]).astype(numpy.float32)
            found, expected = (result(each, x).astype(float) for each in pair)
            errors.append(numpy.abs(found - expected).ravel() / (1 if x.dtype == numpy.int8 else numpy.abs(expected).max()))
        right = numpy.median(errors) <= (2 if detail["dtype"] == numpy.int8 else 0.01)
        peer.row("network", name, "litert", bound(pair[0]), bool(right))


linear_rows()
elementwise_rows()
if peer.given.models:
    network_rows()
