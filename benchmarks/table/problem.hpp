#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "dyadic/kernel/binary.hpp"
#include "dyadic/kernel/convolution.hpp"
#include "dyadic/kernel/depthwise.hpp"
#include "dyadic/quantize/rescale.hpp"

#include "contest.hpp"

namespace benched {

namespace kernel = dyadic::kernel;

/// Codes that cover the range of `bits` bits, the same in every run.
template <class Code> std::vector<Code> random_codes(std::size_t count, int bits, std::uint32_t state = 1) {
  std::vector<Code> result(count);
  for (Code& code : result) {
    state = state * 1664525U + 1013904223U;
    code = static_cast<Code>(static_cast<std::int32_t>(state) >> (32 - bits));
  }
  return result;
}

/// A linear operation on int8 codes whose zero point is 0, to int8 codes: what all contenders compute. A
/// dense layer is a 1x1 window on an image of height `rows` and width 1. With weights of one bit, 1 and -1,
/// the codes are 0 and -1.
struct linear_problem {
  kernel::window_shape window;
  bool depthwise = false;

  std::vector<std::int8_t> x;        ///< one image, not padded, and slack
  std::vector<std::int8_t> weights;  ///< [outputs][taps][inputs]; depthwise [channels][taps]
  std::vector<std::int32_t> bias;    ///< on the accumulator's grid
  std::vector<float> weight_scales;  ///< of a channel; the input's is 1
  float output_scale = 1;
  std::vector<std::int32_t> sums;     ///< what the reference accumulates
  std::vector<std::int8_t> expected;  ///< what xnnpack_fp32 makes of them
  static constexpr int zero = 3;      ///< of the outputs

  linear_problem(kernel::window_shape const& shape, bool each_channel, int weight_bits = 8);

  std::size_t channels() const noexcept { return weight_scales.size(); }
  std::size_t input_size() const noexcept { return x.size() - kernel::read_slack; }
  std::size_t output_size() const noexcept { return sums.size(); }
  std::size_t depth() const noexcept { return weights.size() / channels(); }
  double multiply_adds() const noexcept { return static_cast<double>(output_size() * depth()); }
  kernel::weight_shape packed_shape() const noexcept {
    return depthwise ? kernel::depthwise_weights(window) : kernel::convolution_weights(window);
  }
  /// One channel's line for a rescale policy.
  dyadic::rescale_line line(std::size_t channel) const noexcept {
    return {.input_scale = 1,
            .weight_scale = weight_scales[channel],
            .output_scale = output_scale,
            .offset = double{weight_scales[channel]} * bias[channel],
            .accumulator_bound = 1 << 30};
  }
};

/// Peers whose rounding order differs may be off by one code.
inline bool nearly_equal(std::vector<std::int8_t> const& a, std::vector<std::int8_t> const& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] - b[i] > 1 || b[i] - a[i] > 1) return false;
  return a.size() == b.size();
}

/// A policy's parameters for each channel, and the output function that reads them.
template <class Policy> class parameters {
 public:
  template <class Line> parameters(std::size_t count, Line const& line) {
    for (std::size_t c = 0; c < count; ++c) {
      auto const channel = Policy::linear(line(c));
      if constexpr (requires { channel.scale_bits; }) {
        words_.push_back(channel.bias);
        scales_.push_back(channel.scale_bits);
      } else {
        offsets_.push_back(channel.offset);
        words_.push_back(channel.multiplier);
        shifts_.push_back(channel.shift);
      }
    }
  }
  auto output(int zero) const {
    using view = typename Policy::view;
    if constexpr (requires(view v) { v.scale_bits; })
      return kernel::requantized<Policy, view, std::int8_t>{{words_.data(), scales_.data()}, zero, -128, 127};
    else
      return kernel::requantized<Policy, view, std::int8_t>{
          {offsets_.data(), words_.data(), shifts_.data()}, zero, -128, 127};
  }

 private:
  std::vector<std::uint8_t> shifts_;
  std::vector<std::int64_t> offsets_;
  std::vector<std::int32_t> words_;
  std::vector<std::uint32_t> scales_;
};

/// The peers, each compiled where its library is found.
void add_onednn(std::shared_ptr<linear_problem const> const& problem, contest& to);
void add_onednn_requantize(std::shared_ptr<std::vector<std::int32_t> const> const& sums, float scale,
                           int zero, contest& to);
void add_gemmlowp(std::shared_ptr<linear_problem const> const& problem, contest& to);

/// Writes the problem to `folder` and gives its line of the list that programs of other languages read.
std::string write_problem(linear_problem const& problem, entry const& about,
                          std::filesystem::path const& folder);

}  // namespace benched
