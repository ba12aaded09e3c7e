// Linear operations on int8 codes, from input codes to output codes: Dyadic under two rescale policies and
// the peers that this program was built with. A padded convolution includes the copy into the frame.
#include <cstring>
#include <memory>

#include "../peak.hpp"
#include "problem.hpp"

namespace benched {
namespace {

template <int Bits> struct packed_weights {
  explicit packed_weights(linear_problem const& problem)
      : bytes(kernel::packed_weights_bytes<Bits>(problem.packed_shape())), sums(problem.channels()) {
    kernel::pack<Bits>(problem.weights.data(), problem.packed_shape(), bytes.data());
    kernel::sum_weights(problem.weights.data(), problem.packed_shape(), sums.data());
  }
  std::vector<std::uint8_t> bytes;
  std::vector<std::int32_t> sums;
};

/// Dyadic's kernels on one problem, whose weights have `WeightBits` and are stored in `Bits`.
template <class Policy, int Bits, int WeightBits = Bits> struct solver {
  static constexpr int most = 1 << (WeightBits - 1);
  using architecture =
      kernel::for_operands<kernel::native, kernel::operand_bounds{-128, 127, -most, most - 1}>;

  explicit solver(std::shared_ptr<linear_problem const> given)
      : problem(std::move(given)),
        weights(*problem),
        held(problem->channels(), [this](std::size_t c) { return problem->line(c); }),
        padded(kernel::padded_size(problem->window)),
        y(problem->output_size()) {}

  void run() {
    auto const& shape = problem->window;
    std::int8_t const* x = problem->x.data();
    auto const output = held.output(problem->zero);
    if constexpr (Bits > 1)
      if (problem->depthwise)
        return kernel::padded_depthwise<Bits>(kernel::native{}, shape, x, std::int8_t{0}, padded.data(),
                                              weights.bytes.data(), output, y.data());
    if (shape.padded()) {
      kernel::pad(shape, x, std::int8_t{0}, padded.data());
      x = padded.data();
    }
    kernel::convolution<Bits>(architecture{}, shape, x, weights.bytes.data(), weights.sums.data(), output,
                              y.data());
  }
  bool correct() const {
    auto const output = held.output(problem->zero);
    for (std::size_t i = 0; i < y.size(); ++i)
      if (y[i] != output(problem->sums[i], i % problem->channels())) return false;
    return true;
  }

  std::shared_ptr<linear_problem const> problem;
  packed_weights<Bits> weights;
  parameters<Policy> held;
  std::vector<std::int8_t> padded, y;
};

template <class Policy, int Bits = 8, int WeightBits = Bits>
void add_dyadic(std::shared_ptr<linear_problem const> const& problem, contest& to, std::string variant = "") {
  auto const solved = std::make_shared<solver<Policy, Bits, WeightBits>>(problem);
  to.contenders.push_back({.implementation = "dyadic",
                           .rescale = Policy::name.c_str(),
                           .variant = std::move(variant),
                           .run = [solved] { solved->run(); },
                           .correct = [solved] { return solved->correct(); }});
}

/// Reads everything once, as fast as this core reads.
void read_all(std::vector<std::int8_t> const& numbers) {
  typedef std::int64_t lane [[gnu::vector_size(vector_bytes)]];
  lane sums[8]{};
  std::int8_t const* from = numbers.data();
  for (std::size_t i = 0; i < numbers.size() / sizeof sums; ++i)
#pragma GCC unroll 8
    for (std::size_t s = 0; s < 8; ++s, from += sizeof(lane)) {
      lane part;
      std::memcpy(&part, from, sizeof part);
      sums[s] |= part;
    }
#pragma GCC unroll 8
  for (std::size_t s = 1; s < 8; ++s) sums[0] |= sums[s];
  lane volatile sink = sums[0];
  static_cast<void>(sink);
}

contender read_of_weights(std::shared_ptr<linear_problem const> const& problem) {
  return {.implementation = "read of the weights",
          .rescale = {},
          .variant = {},
          .run = [problem] { read_all(problem->weights); },
          .correct = [] { return true; },
          .limit = true};
}

using shared_problem = std::shared_ptr<linear_problem const>;

template <int WeightBits = 8> contest linear_contest(shared_problem const& problem) {
  contest made{.multiply_adds = problem->multiply_adds(), .contenders = {}};
  add_dyadic<dyadic::xnnpack_fp32, 8, WeightBits>(problem, made);
  add_dyadic<dyadic::multiplier<31>, 8, WeightBits>(problem, made);
#ifdef BENCHED_ONEDNN
  add_onednn(problem, made);
#endif
#ifdef BENCHED_GEMMLOWP
  add_gemmlowp(problem, made);
#endif
  return made;
}

kernel::window_shape rows_by(int rows, int outputs, int depth) {
  return {.in_height = rows, .in_channels = depth, .out_height = rows, .out_channels = outputs};
}

/// 4-bit and 2-bit weights, and weights and codes of one bit, against 8-bit ones of the same count.
contest narrow_contest(int rows, int outputs, int depth) {
  auto const problem = [shape = rows_by(rows, outputs, depth)](int bits) {
    return std::make_shared<linear_problem const>(shape, false, bits);
  };
  auto const wide = problem(8);
  contest made = linear_contest(wide);
  using policy = dyadic::xnnpack_fp32;
  add_dyadic<policy, 4>(problem(4), made, "4-bit weights");
  add_dyadic<policy, 2>(problem(2), made, "2-bit weights");
  add_dyadic<policy, 1>(problem(1), made, "1-bit weights and codes");
  if (rows == 1) made.contenders.push_back(read_of_weights(wide));
  return made;
}

/// Padded as "same" pads: the larger half at the bottom and right.
kernel::window_shape same(int height, int width, int in, int out, int kernel_height, int kernel_width,
                          int stride) {
  auto const around = [stride](int size, int taps) {
    int const covered = ((size + stride - 1) / stride - 1) * stride + taps - size;
    return covered > 0 ? covered : 0;
  };
  int const down = around(height, kernel_height), across = around(width, kernel_width);
  return {.in_height = height,
          .in_width = width,
          .in_channels = in,
          .out_height = (height + stride - 1) / stride,
          .out_width = (width + stride - 1) / stride,
          .out_channels = out,
          .kernel_height = kernel_height,
          .kernel_width = kernel_width,
          .stride_height = stride,
          .stride_width = stride,
          .pad_top = down / 2,
          .pad_left = across / 2,
          .pad_bottom = down - down / 2,
          .pad_right = across - across / 2};
}

/// 3x3, 32x32x16.
template <class... Numbers> std::string by(int first, Numbers... more) {
  std::string text = std::to_string(first);
  ((text.append("x").append(std::to_string(more))), ...);
  return text;
}

/// " stride 2", nothing for 1.
std::string stepping(int stride) {
  return stride == 1 ? std::string() : std::string(" stride ").append(std::to_string(stride));
}

}  // namespace

std::vector<entry> kernel_entries(problem_sink const& sink) {
  std::vector<entry> entries;
  auto const add = [&](std::string group, std::string name, kernel::window_shape const& shape) {
    bool const depthwise = group == "depthwise", one_row = group == "gemv";
    entry made{.group = std::move(group), .name = std::move(name), .make = {}};
    made.make = [=, about = made] {
      auto const problem = std::make_shared<linear_problem const>(shape, depthwise);
      if (sink) sink(about, *problem);
      contest taken = linear_contest(problem);
      if (one_row) taken.contenders.push_back(read_of_weights(problem));
      return taken;
    };
    entries.push_back(std::move(made));
  };
  constexpr int products[][3] = {{8, 1024, 1024},    {32, 1024, 1024}, {128, 1024, 1024}, {512, 512, 512},
                                 {1024, 1024, 1024}, {196, 512, 256},  {784, 256, 128},   {3136, 128, 64},
                                 {2304, 64, 64},     {12544, 64, 32},  {1024, 144, 16},   {256, 288, 32},
                                 {64, 576, 64},      {1024, 16, 144},  {256, 32, 288},    {64, 64, 576},
                                 {49, 1024, 512}};
  for (auto const& [rows, outputs, depth] : products)
    add("gemm", by(rows, outputs, depth), rows_by(rows, outputs, depth));
  if constexpr (!std::same_as<solver<dyadic::xnnpack_fp32, 8, 7>::architecture, kernel::native>)
    for (auto const& [rows, outputs, depth] : products)
      if (outputs >= 256)
        entries.push_back({"gemm", by(rows, outputs, depth).append(" 7-bit weights"),
                           [shape = rows_by(rows, outputs, depth)] {
                             return linear_contest<7>(
                                 std::make_shared<linear_problem const>(shape, false, 7));
                           }});
  constexpr int vectors[][2] = {{16, 16}, {64, 64}, {128, 640}, {640, 128}, {128, 784}, {1024, 1024}};
  for (auto const& [outputs, depth] : vectors) add("gemv", by(1, outputs, depth), rows_by(1, outputs, depth));
  for (int const side : {2048, 8192})
    entries.push_back({"gemv", by(1, side, side), [side] { return narrow_contest(1, side, side); }});
  entries.push_back({"gemm", by(64, 1024, 1024), [] { return narrow_contest(64, 1024, 1024); }});

  auto const convolution = [&](int side, int in, int out, int taps, int stride) {
    add("convolution",
        by(taps, taps).append(" ").append(by(side, side, in)).append("->").append(by(out)) + stepping(stride),
        same(side, side, in, out, taps, taps, stride));
  };
  convolution(32, 16, 16, 3, 1);
  convolution(16, 32, 32, 3, 1);
  convolution(8, 64, 64, 3, 1);
  convolution(56, 64, 64, 3, 1);
  convolution(32, 16, 32, 3, 2);
  convolution(16, 32, 64, 3, 2);
  convolution(48, 64, 64, 1, 1);
  convolution(32, 3, 16, 3, 1);
  convolution(224, 3, 32, 3, 2);
  add("convolution", "10x4 49x10x1->64 stride 2", same(49, 10, 1, 64, 10, 4, 2));

  auto const depthwise = [&](int height, int width, int channels, int taps, int stride) {
    add("depthwise", by(taps, taps).append(" ").append(by(height, width, channels)) + stepping(stride),
        same(height, width, channels, channels, taps, taps, stride));
  };
  depthwise(48, 48, 64, 3, 1);
  depthwise(25, 5, 64, 3, 1);
  depthwise(56, 56, 128, 3, 1);
  depthwise(14, 14, 512, 3, 1);
  depthwise(112, 112, 32, 3, 1);
  depthwise(112, 112, 32, 3, 2);
  depthwise(56, 56, 128, 3, 2);
  depthwise(28, 28, 64, 5, 1);
  depthwise(28, 28, 64, 5, 2);
  return entries;
}

}  // namespace benched
