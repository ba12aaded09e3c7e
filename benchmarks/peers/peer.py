"""What the scripts of peers share: the command line, the problems that the C++ program wrote, timing and rows."""
import argparse
import json
import pathlib
import time

import numpy

parser = argparse.ArgumentParser()
parser.add_argument("--filter", default="", help='only where "group name" contains it')
parser.add_argument("--quick", action="store_true", help="fewer rounds")
parser.add_argument("--cases", type=pathlib.Path, help="the folder that `benchmark_table --cases` filled")
parser.add_argument("--models", type=pathlib.Path, help="a folder with the .tflite files of MLPerf Tiny")
given = parser.parse_args()


class Problem:
    """A linear problem: int8 codes with zero point 0 to int8 codes, the scale of the inputs being 1."""

    def __init__(self, described):
        self.__dict__.update(described)
        data = (given.cases / self.file).read_bytes()
        channels = self.output[2]
        taps = self.kernel[0] * self.kernel[1]
        depth = taps if self.depthwise else taps * self.input[2]
        self.is_dense = taps == 1 and self.input[1] == 1
        at = 0

        def take(kind, *shape):
            nonlocal at
            count = int(numpy.prod(shape))
            taken = numpy.frombuffer(data, kind, count, at).reshape(shape)
            at += taken.nbytes
            return taken

        self.bias = take(numpy.int32, channels)
        self.weight_scales = take(numpy.float32, channels)
        self.weights = take(numpy.int8, channels, depth)
        self.x = take(numpy.int8, *self.input)
        self.expected = take(numpy.int8, *self.output)


def wanted(group, name):
    return given.filter in f"{group} {name}"


def problems():
    if given.cases:
        for described in json.loads((given.cases / "cases.json").read_text()):
            if wanted(described["group"], described["name"]):
                yield Problem(described)


def near(result, expected, off=1):
    """Do codes differ by `off` at most? Peers whose rounding order is another may be off by one."""
    difference = numpy.asarray(result, numpy.int32).ravel() - numpy.asarray(expected, numpy.int32).ravel()
    return bool(numpy.abs(difference).max() <= off)


def times(call, seconds=3e-4):
    """Nanoseconds a call, a figure a round; a round's calls take about `seconds`."""
    calls = 1
    while True:
        begin = time.perf_counter_ns()
        for _ in range(calls):
            call()
        taken = (time.perf_counter_ns() - begin) * 1e-9
        if taken > seconds / 3:
            break
        calls *= 4
    calls = max(1, int(seconds / taken * calls))
    figures = []
    for _ in range(15 if given.quick else 40):
        call()
        begin = time.perf_counter_ns()
        for _ in range(calls):
            call()
        figures.append((time.perf_counter_ns() - begin) / calls)
    return figures


def row(group, name, implementation, call, checked):
    print(json.dumps({"group": group, "name": name, "implementation": implementation, "checked": checked,
                      "nanoseconds": times(call) if checked else []}), flush=True)
