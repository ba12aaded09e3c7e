"""A linear problem as an ONNX model: float operations between DequantizeLinear and QuantizeLinear, which runtimes fuse.

Activations are uint8, the codes plus 128: the form that runtimes have their fastest kernels for.
"""
import numpy
from onnx import TensorProto, helper, numpy_helper


def unsigned(codes):
    return (codes.astype(numpy.int16) + 128).astype(numpy.uint8)


def layout(problem):
    """The shapes of input and output as the model has them: rows by channels, or channels first."""
    if problem.is_dense:
        return problem.input[::2], problem.output[::2]
    return [1, problem.input[2], *problem.input[:2]], [1, problem.output[2], *problem.output[:2]]


def inputs(problem):
    x = unsigned(problem.x)
    return x.reshape(layout(problem)[0]) if problem.is_dense else numpy.ascontiguousarray(x.transpose(2, 0, 1)[None])


def codes(problem, result):
    """A result as the problem has it."""
    signed = (numpy.asarray(result).astype(numpy.int16) - 128).astype(numpy.int8)
    return signed if problem.is_dense else signed[0].transpose(1, 2, 0)


def model_of(problem):
    channels = problem.output[2]
    constants, nodes = [], []

    def constant(name, values):
        constants.append(numpy_helper.from_array(numpy.ascontiguousarray(values), name))
        return name

    def node(kind, given, made, **attributes):
        nodes.append(helper.make_node(kind, given, [made], **attributes))
        return made

    weights = problem.weights
    if not problem.is_dense:
        depth = 1 if problem.depthwise else problem.input[2]
        if problem.depthwise:
            weights = weights.reshape(channels, 1, *problem.kernel)
        else:
            weights = weights.reshape(channels, *problem.kernel, depth).transpose(0, 3, 1, 2)
    scales, zeros = problem.weight_scales, numpy.zeros(channels)
    x = node("DequantizeLinear", ["x", constant("x_scale", numpy.float32(1)), constant("x_zero", numpy.uint8(128))], "xr")
    w = node("DequantizeLinear", [constant("w", weights), constant("w_scale", scales),
                                  constant("w_zero", zeros.astype(numpy.int8))], "wr", axis=0)
    b = node("DequantizeLinear", [constant("b", problem.bias), constant("b_scale", scales),
                                  constant("b_zero", zeros.astype(numpy.int32))], "br", axis=0)
    if problem.is_dense:
        y = node("Gemm", [x, w, b], "yr", transB=1)
    else:
        y = node("Conv", [x, w, b], "yr", kernel_shape=list(problem.kernel), strides=list(problem.stride),
                 pads=list(problem.padding), group=channels if problem.depthwise else 1)
    node("QuantizeLinear", [y, constant("y_scale", numpy.float32(problem.output_scale)),
                            constant("y_zero", numpy.uint8(problem.output_zero + 128))], "y")
    shapes = layout(problem)
    graph = helper.make_graph(nodes, "problem", [helper.make_tensor_value_info("x", TensorProto.UINT8, shapes[0])],
                              [helper.make_tensor_value_info("y", TensorProto.UINT8, shapes[1])], constants)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 8
    return made.SerializeToString()
