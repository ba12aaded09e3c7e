"""PyTorch: training steps of the same networks, eager (rows by channels or channels last, whichever is faster) and
compiled. A step is right if steps on one batch lessen its loss."""
import torch
from torch import nn

import peer

torch.set_num_threads(1)


def block(inputs, outputs, stride):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1), nn.BatchNorm2d(outputs), nn.ReLU(),
                         nn.Conv2d(outputs, outputs, 3, 1, 1), nn.BatchNorm2d(outputs))


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = block(inputs, outputs, stride)
        self.skip = nn.Identity() if stride == 1 else nn.Conv2d(inputs, outputs, 1, stride)

    def forward(self, x):
        return torch.relu(self.body(x) + self.skip(x))


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10)), (64, 1, 28, 28)


def lenet():
    return nn.Sequential(nn.Conv2d(1, 16, 5), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(16, 32, 5), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(512, 128), nn.ReLU(), nn.Linear(128, 10)), (64, 1, 28, 28)


def resnet8():
    return nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1), nn.BatchNorm2d(16), nn.ReLU(), Residual(16, 16, 1),
                         Residual(16, 32, 2), Residual(32, 64, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(64, 10)), (32, 3, 32, 32)


def step_of(make, layout, compiled):
    torch.manual_seed(1)
    net, shape = make()
    net = net.to(memory_format=layout)
    x = torch.rand(shape).to(memory_format=layout)
    labels = torch.randint(0, 10, (shape[0],))
    optimizer = torch.optim.SGD(net.parameters(), 0.01, momentum=0.9)
    run = torch.compile(net) if compiled else net

    def step():
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(run(x), labels)
        loss.backward()
        optimizer.step()
        return loss

    return step


for make, batch in (mlp, 64), (lenet, 64), (resnet8, 32):
    name = f"{make.__name__} batch {batch} float32"
    if not peer.wanted("training", name):
        continue
    for compiled in False, True:
        for layout, said in (torch.contiguous_format, ""), (torch.channels_last, " channels last"):
            if make is mlp and said:
                continue
            try:
                step = step_of(make, layout, compiled)
                first = step().item()
                right = min(step().item() for _ in range(20)) < first
            except Exception as error:  # a compiler may be missing
                print(f"{name}: {type(error).__name__}", flush=True)
                continue
            peer.row("training", name, "pytorch" + (" compiled" if compiled else "") + said, step, right)
