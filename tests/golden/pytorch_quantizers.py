#!/usr/bin/env python3
"""Writes pytorch_quantizers.inc: what PyTorch's fake quantization gives, forward and backward.

Run with an installed torch (the version is in the file's first line): python3 pytorch_quantizers.py > pytorch_quantizers.inc
"""
import struct

import torch

torch.manual_seed(7)


def bits(tensor):
    return ", ".join("0x%08xU" % struct.unpack("<I", struct.pack("<f", float(x)))[0] for x in tensor.flatten())


def show(name, low, high, scale, zero, x, dy, y, dx, learned=None):
    print("{\"%s\", %d, %d, 0x%08xU, %d," % (name, low, high, struct.unpack("<I", struct.pack("<f", scale))[0], zero))
    for values in (x, dy, y, dx):
        print("  {%s}," % bits(values))
    print("  %s}," % (bits(torch.tensor(learned)) if learned else "0, 0"))


def main():
    print("// Made by pytorch_quantizers.py with torch %s." % torch.__version__)
    for low, high in ((-128, 127), (-127, 127), (-8, 7), (0, 255), (0, 15)):
        for scale, zero in ((0.25, 0), (0.5, low), (0.125, (low + high) // 2), (2.0, high)):
            # Powers of two: PyTorch multiplies by the reciprocal, which is exact for these alone.
            x = (torch.randn(24) * scale * (high - low) / 2).requires_grad_()
            with torch.no_grad():
                x[0], x[1], x[2] = 0.0, scale * 0.5, scale * 1.5  # ties
                x[3] = scale * (high - zero + 0.25)  # clipped, not rounded away
                x[4] = scale * (low - zero - 0.25)
                x[5] = scale * (high - zero + 0.75)
            dy = torch.randn(24)
            y = torch.fake_quantize_per_tensor_affine(x, scale, zero, low, high)
            y.backward(dy)
            show("per_tensor", low, high, scale, zero, x.detach(), dy, y.detach(), x.grad)

            if zero < 0:
                continue  # the learnable function rounds a negative zero point to its neighbour
            # In the half step beyond the ends the step's gradient is the paper's here, and not PyTorch's.
            x2 = x.detach().clone()
            code = x2 / scale + zero
            x2[((code > high) & (code < high + 1)) | ((code < low) & (code > low - 1))] = 0.0
            if zero % 2 == 1:
                x2[1:3] = 0.0  # its backward pass breaks ties with the zero point added, its forward without
            x2.requires_grad_()
            s = torch.tensor([scale], requires_grad=True)
            z = torch.tensor([float(zero)], requires_grad=True)
            y = torch._fake_quantize_learnable_per_tensor_affine(x2, s, z, low, high, 1.0 / (24 * high) ** 0.5)
            y.backward(dy)
            show("learnable", low, high, scale, zero, x2.detach(), dy, y.detach(), x2.grad,
                 [float(s.grad), float(z.grad)])
    per_channel()


def per_channel():
    """A row each, with a scale and a zero point of its own. No ties: here PyTorch breaks them with the zero point added,
    per tensor without."""
    for low, high, zeros in ((-128, 127, (0, 0, 0)), (-8, 7, (0, -8, 3)), (0, 255, (0, 128, 255)), (0, 15, (0, 7, 15))):
        scale = torch.tensor((0.25, 2.0, 0.03125))
        zero = torch.tensor(zeros, dtype=torch.int32)
        x = (torch.randn(3, 24) * scale[:, None] * (high - low) / 2).requires_grad_()
        dy = torch.randn(3, 24)
        y = torch.fake_quantize_per_channel_affine(x, scale, zero, 0, low, high)
        y.backward(dy)
        for i in range(3):
            show("per_channel", low, high, float(scale[i]), zeros[i], x[i].detach(), dy[i], y[i].detach(), x.grad[i])

        if min(zeros) < 0 or low < 0 and any(zeros):
            continue
        x2 = x.detach().clone()
        code = x2 / scale[:, None] + zero[:, None]
        x2[((code > high) & (code < high + 1)) | ((code < low) & (code > low - 1))] = 0.0
        x2.requires_grad_()
        s = scale.clone().requires_grad_()
        z = zero.float().requires_grad_()
        y = torch._fake_quantize_learnable_per_channel_affine(x2, s, z, 0, low, high, 1.0 / (24 * high) ** 0.5)
        y.backward(dy)
        for i in range(3):
            show("learnable", low, high, float(scale[i]), zeros[i], x2[i].detach(), dy[i], y[i].detach(), x2.grad[i],
                 [float(s.grad[i]), float(z.grad[i])])


main()
