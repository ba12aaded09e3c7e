"""ONNX Runtime: linear problems."""
import onnxruntime

import onnx_model
import peer

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
for problem in peer.problems():
    session = onnxruntime.InferenceSession(onnx_model.model_of(problem), options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    binding.bind_cpu_input("x", onnx_model.inputs(problem))
    binding.bind_output("y")
    session.run_with_iobinding(binding)
    found = onnx_model.codes(problem, binding.copy_outputs_to_cpu()[0])
    run, held = session._sess.run_with_iobinding, binding._iobinding
    peer.row(problem.group, problem.name, "onnxruntime", lambda: run(held, None), peer.near(found, problem.expected))
