"""Layers of real networks, cut to crops."""

import gzip

import numpy as np
from ai_edge_litert import schema_py_generated as tflite

import runtimes
from operators import Add, Average, Linear

KINDS = {
    tflite.BuiltinOperator.CONV_2D: "convolution",
    tflite.BuiltinOperator.DEPTHWISE_CONV_2D: "depthwise",
    tflite.BuiltinOperator.FULLY_CONNECTED: "dense",
}

# file, operator, name, crop (images, height, width), number of outputs
LINEAR = [
    ("pretrainedResnet_quant", 0, "resnet, first convolution, 3x3", (2, 6, 6), 8),
    ("pretrainedResnet_quant", 1, "resnet, convolution 3x3", (2, 5, 5), 4),
    ("pretrainedResnet_quant", 4, "resnet, convolution 3x3, stride 2", (2, 6, 6), 4),
    ("pretrainedResnet_quant", 6, "resnet, convolution 1x1, stride 2", (2, 5, 5), 12),
    ("pretrainedResnet_quant", 9, "resnet, convolution 3x3, 64 channels", (1, 4, 4), 2),
    ("pretrainedResnet_quant", 14, "resnet, dense", (4, 1, 1), 10),
    ("kws_ref_model", 0, "keyword spotting, first convolution, 10x4", (1, 17, 10), 6),
    ("kws_ref_model", 1, "keyword spotting, depthwise convolution 3x3", (2, 4, 4), 18),
    ("kws_ref_model", 2, "keyword spotting, convolution 1x1", (2, 3, 3), 8),
    ("kws_ref_model", 11, "keyword spotting, dense", (4, 1, 1), 12),
    ("ad01_int8", 1, "anomaly detection, dense", (6, 1, 1), 8),
    ("ad01_int8", 5, "anomaly detection, dense, depth 8", (12, 1, 1), 32),
    ("ad01_int8", 9, "anomaly detection, last dense", (6, 1, 1), 8),
]
ADDS = [3, 7, 11]
AVERAGES = [
    ("pretrainedResnet_quant", 12, "resnet, average pool", 12),
    ("kws_ref_model", 9, "keyword spotting, average pool", 6),
]
CANDIDATES = 16


def smooth(rng, shape):
    """A sum of waves over height and width, or over the last axis."""
    grid = np.indices(shape[1:]).astype(np.float64)
    total = np.zeros(shape[1:])
    for _ in range(4):
        slope = rng.uniform(-0.4, 0.4, len(shape) - 1)
        total += np.cos(np.tensordot(slope, grid, 1) + rng.uniform(0, 6.28))
    return np.clip(np.round(total / 2.5 * 127), -128, 127).astype(np.int8)[None]


def digits(path, shape):
    """A few handwritten digits as pictures of three equal channels."""
    pixels = np.frombuffer(gzip.decompress(path.read_bytes())[16:], np.uint8).reshape(-1, 28, 28)[:4]
    framed = np.pad(pixels, ((0, 0), (2, 2), (2, 2)))[..., None].repeat(shape[3], -1)
    return [(image.astype(np.int16) - 128).astype(np.int8)[None] for image in framed]


def images(rng, network, digits_file):
    shape = tuple(network.graph.tensors[network.graph.inputs[0]].shape)
    made = [rng.integers(-128, 128, shape).astype(np.int8) for _ in range(4)] + [smooth(rng, shape) for _ in range(4)]
    return made + (digits(digits_file, shape) if shape[1:] == (32, 32, 3) else [])


def operator(network, index, name, run):
    """A whole layer on the activations of a run."""
    op = network.graph.operators[index]
    kind, first, output = network.codes[op.opcodeIndex], int(op.inputs[0]), network.grid(int(op.outputs[0]))
    if kind == tflite.BuiltinOperator.ADD:
        pair = [int(i) for i in op.inputs]
        return Add(name, network.grid(pair[0]), network.grid(pair[1]), output, [run[t] for t in pair])
    if kind == tflite.BuiltinOperator.AVERAGE_POOL_2D:
        return Average(name, run[first], (op.builtinOptions.filterHeight, op.builtinOptions.filterWidth), output)
    if kind not in KINDS:
        return None
    x, weights = run[first], network.constant(int(op.inputs[1]), np.int8)
    scales = np.float32(network.graph.tensors[op.inputs[1]].quantization.scale)
    stride, same = (1, 1), False
    if KINDS[kind] == "dense":
        x, weights = x.reshape(x.shape[0], 1, 1, -1), weights.reshape(weights.shape[0], 1, 1, -1)
    else:
        stride = op.builtinOptions.strideH, op.builtinOptions.strideW
        same = op.builtinOptions.padding == tflite.Padding.SAME
    if KINDS[kind] == "depthwise":
        weights = np.moveaxis(weights[0], -1, 0)
    return Linear(KINDS[kind], name, x, weights, scales, network.constant(int(op.inputs[2]), np.int32),
                  network.grid(first), output, stride, same)


def check_one_operator_models(network, runs):
    """Layer by layer, a one-operator model gives the codes of the whole network in the same runtime."""
    for resolver, run in runs.items():
        for index, op in enumerate(network.graph.operators):
            layer = operator(network, index, "", run)
            if layer is None:
                continue
            codes = runtimes.run(layer)
            alone = codes.get(resolver, codes["builtin"])  # what XNNPACK does not take, the built-in kernel does
            assert np.array_equal(alone.ravel(), run[int(op.outputs[0])].ravel()), (resolver, index)


def crop(rng, layer, activations, size, outputs):
    """Crops of the layer's inputs, and some of its outputs. Of some candidates the one that tells TFLite Micro
    from XNNPACK most often."""
    best, best_count = None, -1
    for _ in range(CANDIDATES):
        count, height, width = size
        crops = []
        for _ in range(count):
            x = activations[rng.integers(len(activations))].reshape(1, *layer.inputs.shape[1:])
            top, left = (int(rng.integers(n - k + 1)) for n, k in zip(x.shape[1:3], (height, width)))
            crops.append(x[:, top:top + height, left:left + width])
        candidate = part(layer, np.concatenate(crops), np.arange(layer.weights.shape[0]))
        codes = runtimes.run(candidate)
        differences = (codes["micro"] != codes["xnnpack"]).sum((0, 1, 2))
        chosen = np.sort(np.argsort(-differences, kind="stable")[:outputs])
        if differences[chosen].sum() > best_count:
            best, best_count = part(candidate, candidate.inputs, chosen), differences[chosen].sum()
    return best


def part(layer, inputs, outputs):
    scales = layer.weight_scales[outputs] if layer.weight_scales.size > 1 else layer.weight_scales
    x = inputs[..., outputs] if layer.kind == "depthwise" else inputs
    return Linear(layer.kind, layer.name, np.ascontiguousarray(x), layer.weights[outputs], scales,
                  layer.bias[outputs], layer.input, layer.output, layer.stride, layer.same)


def from_networks(folder, digits_file):
    rng, linear, others, networks = np.random.default_rng(20), [], [], {}
    for file in dict.fromkeys(entry[0] for entry in LINEAR):
        network = runtimes.Network(folder / f"{file}.tflite")
        inputs = images(rng, network, digits_file)
        runs = [network.run(x, "xnnpack") for x in inputs]
        check_one_operator_models(network, {name: network.run(inputs[-1], name)
                                            for name in ("xnnpack", "reference_kernels", "builtin", "micro")})
        networks[file] = network, runs
    for file, index, name, size, outputs in LINEAR:
        network, runs = networks[file]
        layer = operator(network, index, name, runs[0])
        tensor = int(network.graph.operators[index].inputs[0])
        linear.append(crop(rng, layer, [run[tensor] for run in runs], size, outputs))
    network, runs = networks["pretrainedResnet_quant"]
    for number, index in enumerate(ADDS):
        whole = operator(network, index, f"resnet, add {number + 1}", runs[0])
        others.append(Add(whole.name, whole.a, whole.b, whole.output))
    for file, index, name, channels in AVERAGES:
        network, runs = networks[file]
        whole = operator(network, index, name, runs[-1])
        others.append(Average(whole.name, np.ascontiguousarray(whole.inputs[..., :channels]), whole.window, whole.grid))
    return linear, others
