"""Runs TFLite files and one-operator models in the runtimes."""

import importlib.metadata

import numpy as np
import onnxruntime
from ai_edge_litert import schema_py_generated as tflite
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_micro.python.tflite_micro import runtime as micro

import operators

RESOLVERS = {
    "xnnpack": OpResolverType.AUTO,
    "reference_kernels": OpResolverType.BUILTIN_REF,
    "builtin": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
}


def versions():
    return ", ".join(f"{name} {importlib.metadata.version(name)}"
                     for name in ("ai-edge-litert", "tflite-micro", "onnxruntime"))


def litert(file, inputs, resolver):
    interpreter = Interpreter(model_content=file, num_threads=1, experimental_op_resolver_type=RESOLVERS[resolver])
    interpreter.allocate_tensors()
    for detail, x in zip(interpreter.get_input_details(), inputs):
        interpreter.set_tensor(detail["index"], x.reshape(detail["shape"]))
    interpreter.invoke()
    delegated = any("elegate" in op["op_name"].lower() for op in interpreter._get_ops_details())
    return [interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()], delegated


def tflite_micro(file, inputs):
    interpreter = micro.Interpreter.from_bytes(file, arena_size=2_000_000)
    for i, x in enumerate(inputs):
        interpreter.set_input(x.reshape(interpreter.get_input_details(i)["shape"]), i)
    interpreter.invoke()
    outputs = tflite.ModelT.InitFromPackedBuf(file, 0).subgraphs[0].outputs
    return [interpreter.get_output(i).copy() for i in range(len(outputs))]


def onnx_runtime(file, inputs):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    return session.run(None, {d.name: x for d, x in zip(session.get_inputs(), inputs)})[0]


def inputs_of(op):
    if isinstance(op, operators.Add):
        return op.inputs
    if isinstance(op, operators.Requantize):
        return [operators.every_code()]
    return [op.inputs]


def run(op):
    """The codes of one operator in every runtime, {name: codes}; XNNPACK's only where it takes the operator."""
    file, inputs, shape, codes = operators.tflite_file(op), inputs_of(op), op.output_shape(), {}
    for resolver in RESOLVERS:
        (result,), delegated = litert(file, inputs, resolver)
        if resolver != "xnnpack" or delegated:
            codes[resolver] = result.reshape(shape)
    codes["micro"] = tflite_micro(file, inputs)[0].reshape(shape)
    onnx_file = operators.onnx_file(op)
    if onnx_file is not None:
        dense = isinstance(op, operators.Linear) and op.kind == "dense"
        unsigned = [(x.astype(np.int16) + 128).astype(np.uint8) for x in inputs]
        unsigned = [x.reshape(x.shape[0], -1) if dense else np.moveaxis(x, -1, 1) for x in unsigned]
        result = (onnx_runtime(onnx_file, unsigned).astype(np.int16) - 128).astype(np.int8)
        codes["onnx"] = result.reshape(shape) if dense else np.ascontiguousarray(np.moveaxis(result, 1, -1))
    return codes


class Network:
    """A .tflite file whose every activation is an output."""

    def __init__(self, path):
        model = tflite.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
        self.graph, self.buffers = model.subgraphs[0], model.buffers
        self.codes = [max(c.builtinCode, c.deprecatedBuiltinCode) for c in model.operatorCodes]
        self.watched = [int(op.outputs[0]) for op in self.graph.operators]
        self.graph.outputs = self.watched
        self.file = operators.packed(model)

    def run(self, image, resolver):
        """{tensor: codes} for the input and every operator's output."""
        outputs, _ = litert(self.file, [image], resolver) if resolver in RESOLVERS else (
            tflite_micro(self.file, [image]), None)
        return {int(self.graph.inputs[0]): image, **dict(zip(self.watched, outputs))}

    def grid(self, tensor):
        quantization = self.graph.tensors[tensor].quantization
        return operators.Grid(np.float32(quantization.scale[0]), int(quantization.zeroPoint[0]))

    def constant(self, tensor, kind):
        found = self.graph.tensors[tensor]
        return np.frombuffer(self.buffers[found.buffer].data.tobytes(), kind).reshape(found.shape)
