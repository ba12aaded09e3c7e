"""OpenVINO: linear problems."""
import openvino

import onnx_model
import peer

core = openvino.Core()
settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
for problem in peer.problems():
    compiled = core.compile_model(core.read_model(onnx_model.model_of(problem)), "CPU", settings)
    request = compiled.create_infer_request()
    request.set_input_tensor(openvino.Tensor(onnx_model.inputs(problem)))
    request.infer()
    found = onnx_model.codes(problem, request.get_output_tensor().data)
    peer.row(problem.group, problem.name, "openvino", request.infer, peer.near(found, problem.expected))
