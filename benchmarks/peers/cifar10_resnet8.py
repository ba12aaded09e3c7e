#!/usr/bin/env python3
"""The network, data and recipe of examples/12_cifar10_resnet.cpp in PyTorch, and both results together.

    python3 benchmarks/peers/cifar10_resnet8.py DIR [--epochs N] [--seed N] [--dyadic PROGRAM]

DIR holds CIFAR-10's binary version (plain or .gz). PROGRAM, the built example_12_cifar10_resnet, is run first with the
same arguments where it is given. Needs torch and numpy."""

import argparse
import gzip
import pathlib
import subprocess
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def read(folder, names):
    records = []
    for name in names:
        path = pathlib.Path(folder, name + ".bin")
        data = path.read_bytes() if path.exists() else gzip.open(f"{path}.gz").read()
        records.append(np.frombuffer(data, np.uint8).reshape(-1, 3073))
    all_records = np.concatenate(records)
    return all_records[:, 1:].reshape(-1, 3, 32, 32), all_records[:, 0].astype(np.int64)


def reals(pixels):
    x = (torch.from_numpy(np.ascontiguousarray(pixels)).float() - 127.5) / 64
    return x.to(memory_format=torch.channels_last)


class Convolution(nn.Module):
    """3x3, padded as TensorFlow's "same": at the end where the stride is 2."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 3, stride)
        self.padding = (1, 1, 1, 1) if stride == 1 else (0, 1, 0, 1)

    def forward(self, x):
        return self.convolution(F.pad(x, self.padding))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(Convolution(inputs, outputs, stride), nn.BatchNorm2d(outputs), nn.ReLU(),
                                  Convolution(outputs, outputs, 1), nn.BatchNorm2d(outputs))
        self.shortcut = nn.Identity() if stride == 1 else nn.Conv2d(inputs, outputs, 1, stride)

    def forward(self, x):
        return F.relu(self.body(x) + self.shortcut(x))


def resnet8():
    net = nn.Sequential(Convolution(3, 16, 1), nn.BatchNorm2d(16), nn.ReLU(), Block(16, 16, 1), Block(16, 32, 2),
                        Block(32, 64, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight)
            nn.init.zeros_(module.bias)
    return net.to(memory_format=torch.channels_last)


def augmented(pixels, random):
    """Shifted by up to 4 pixels each way, grey moving in, and mirrored every other time."""
    padded = np.pad(pixels, ((0, 0), (0, 0), (4, 4), (4, 4)), constant_values=128)
    out = np.empty_like(pixels)
    for i, (down, right) in enumerate(random.integers(0, 9, (len(pixels), 2))):
        image = padded[i, :, down:down + 32, right:right + 32]
        out[i] = image[:, :, ::-1] if random.integers(2) else image
    return out


def accuracy(net, pixels, labels):
    net.eval()
    with torch.no_grad():
        right = sum((net(reals(pixels[i:i + 500])).argmax(1).numpy() == labels[i:i + 500]).sum()
                    for i in range(0, len(pixels), 500))
    net.train()
    return 100 * right / len(pixels)


def learn(net, pixels, labels, rate, epochs, random):
    """SGD with momentum, decay on weights alone, a short rise of the rate and a cosine down."""
    weights = [m.weight for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    known = {id(w) for w in weights}
    others = [p for p in net.parameters() if id(p) not in known]
    rule = torch.optim.SGD([{"params": weights, "weight_decay": 5e-4}, {"params": others}], lr=rate, momentum=0.9)
    batches = -(-len(pixels) // 128)
    begin = time.time()
    for step in range(epochs * batches):
        if step % batches == 0:
            order = random.permutation(len(pixels))
        done = step / (epochs * batches)
        for group in rule.param_groups:
            group["lr"] = rate * min(1, done / 0.05) * 0.5 * (1 + np.cos(np.pi * done))
        chosen = order[step % batches * 128:][:128]
        loss = F.cross_entropy(net(reals(augmented(pixels[chosen], random))), torch.from_numpy(labels[chosen]))
        rule.zero_grad()
        loss.backward()
        rule.step()
    return time.time() - begin


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder")
    options.add_argument("--epochs", type=int, default=16)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--dyadic", help="the built example")
    chosen = options.parse_args()
    if chosen.dyadic:
        subprocess.run([chosen.dyadic, chosen.folder, "--epochs", str(chosen.epochs), "--seed", str(chosen.seed)],
                       check=True)
        print()
    torch.set_num_threads(1)
    torch.manual_seed(chosen.seed)
    random = np.random.default_rng(chosen.seed)
    train, labels = read(chosen.folder, [f"data_batch_{i}" for i in range(1, 6)])
    test, test_labels = read(chosen.folder, ["test_batch"])
    net = resnet8()
    print(f"PyTorch {torch.__version__}, one thread", flush=True)
    seconds = learn(net, train, labels, 0.1, chosen.epochs, random)
    print(f"at first   {accuracy(net, test, test_labels):6.2f} %  {seconds:6.0f} s", flush=True)
    seconds = learn(net, train, labels, 0.02, max(1, chosen.epochs // 2), random)
    print(f"float32    {accuracy(net, test, test_labels):6.2f} %  {seconds:6.0f} s")


if __name__ == "__main__":
    main()
