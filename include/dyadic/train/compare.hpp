#pragma once

#include <cstddef>
#include <cstdio>
#include <limits>
#include <string_view>
#include <vector>

#include <dyadic/core/math.hpp>
#include <dyadic/core/result.hpp>
#include <dyadic/network/trainable.hpp>
#include <dyadic/train/evaluate.hpp>

namespace dyadic {

/// How far a stage of a quantized network is from the float network's, over samples. Errors of the stages
/// before it are in it.
struct stage_error {
  char const* stage = "";
  int bits = 0;           ///< of the stage's codes; 32 where it is kept float
  std::size_t count = 0;  ///< numbers compared
  double signal = 0;      ///< sum of the float network's squares
  double noise = 0;       ///< sum of the squared differences
  std::size_t saturated =
      0;               ///< numbers whose float value lies beyond the grid's ends, by more than half a step
  double largest = 0;  ///< largest difference
  double step = 0;     ///< of the grid; 0 where the stage is kept float

  /// Signal-to-quantization-noise ratio in decibels: 6.02 for each bit. Infinite where nothing differs.
  double ratio() const noexcept {
    return noise > 0 ? 10 * math::log10(signal / noise) : std::numeric_limits<double>::infinity();
  }
  /// Share of the numbers, 0 to 1, that the grid's ends cut.
  double saturation() const noexcept {
    return count == 0 ? 0 : static_cast<double>(saturated) / static_cast<double>(count);
  }
};

namespace detail {

/// Adds one batch's numbers of one stage.
template <class Format, class Number>
void add_errors(stage_error& to, float const* reference, Number const* numbers, std::size_t count,
                code_grid where) noexcept {
  constexpr bool real_numbers = Format::is_real;
  to.bits = Format::bits;
  to.count += count;
  if constexpr (!real_numbers) to.step = double{where.scale};
  for (std::size_t i = 0; i < count; ++i) {
    float value{};
    if constexpr (real_numbers) {
      value = numbers[i];
    } else {
      value = decode(numbers[i], where);
      float const code = unrounded_code(reference[i], where);
      if (code < Format::low - 0.5F || code > Format::high + 0.5F) ++to.saturated;
    }
    double const signal = double{reference[i]}, difference = double{value} - signal;
    to.signal += signal * signal;
    to.noise += difference * difference;
    if (double const size = math::magnitude(difference); size > to.largest) to.largest = size;
  }
}

}  // namespace detail

/// Where the error is: for each stage of the quantized network, in the order of the forward pass, its
/// difference from the float network of the same type on the same samples, both in evaluation mode. The first
/// is the input; conversions around layers that are kept float are left out.
template <class Net, class Scheme>
result<std::vector<stage_error>> compare(trainable_engine<Net, all_float> const& reference,
                                         trainable_engine<Net, Scheme> const& quantized, data_view samples) {
  using engine = trainable_engine<Net, Scheme>;
  if (samples.sample_size != engine::input_size || samples.empty())
    return make_error(fault::wrong_size, "compare: %zu samples of %zu numbers, the network takes %zu",
                      samples.count(), samples.sample_size, engine::input_size);
  if (auto ready = quantized.calibrated(); !ready) return ready.error();
  struct seen {
    std::string_view stage;
    float const* numbers;
  };
  std::vector<seen> expected;
  std::vector<stage_error> errors;
  for (std::size_t at = 0; at < samples.count(); at += evaluation_group) {
    batch const group = samples.slice(at, evaluation_group);
    reference.forward({}, source_of(group));
    expected.clear();
    expected.push_back({"input", reference.inputs()});
    reference.watch_stages([&](char const* stage, auto const* numbers, std::size_t) {
      expected.push_back({stage, numbers});
    });
    quantized.forward({}, source_of(group));
    std::size_t index = 0;
    quantized.watch_stages([&]<class Number, class Format>(char const* stage, Number const* numbers,
                                                           std::size_t count, code_grid where, Format) {
      for (seen const& e : expected) {
        if (e.stage != stage) continue;
        if (index == errors.size()) errors.push_back({.stage = stage});
        detail::add_errors<Format>(errors[index++], e.numbers, numbers, count, where);
        return;
      }
    });
  }
  return errors;
}

/// Prints what `compare` found, a line a stage.
inline void print(std::vector<stage_error> const& errors, std::FILE* to = stdout) {
  int width = 5;
  for (stage_error const& e : errors) {
    int const length = static_cast<int>(std::string_view(e.stage).size());
    width = length > width ? length : width;
  }
  std::fprintf(to, "%-*s  bits  SQNR in dB  saturated  largest error\n", width, "stage");
  for (stage_error const& e : errors) {
    std::fprintf(to, "%-*s  %4d  %10.1f  %7.3f %%  %13.4g", width, e.stage, e.bits, e.ratio(),
                 100 * e.saturation(), e.largest);
    if (e.step > 0 && e.bits <= 8) std::fprintf(to, "  (%.1f steps)", e.largest / e.step);
    std::fprintf(to, "\n");
  }
}

}  // namespace dyadic
