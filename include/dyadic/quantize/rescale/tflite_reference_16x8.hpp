#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/quantize/accumulator.hpp>
#include <dyadic/quantize/grid.hpp>
#include <dyadic/quantize/rescale/tflite_reference.hpp>

namespace dyadic {

/// The arithmetic of TFLite's reference kernels for int16 activations and int8 weights (ConvPerChannel,
/// DepthwiseConvPerChannel, FullyConnected and TransposeConv with int64 accumulators and bias in
/// tensorflow/lite/kernels/internal/reference/integer_ops, MultiplyByQuantizedMultiplier(int64_t, ...) in
/// kernels/internal/common.cc): a 64-bit bias, the 31-bit multiplier cut to 15 bits, one rounding half up.
/// Sums, products, averages and requantization of 16-bit codes are `tflite_reference`'s, as they are there.
/// With the converter's other choice, an int32 bias, linear layers are `tflite_reference`'s as well.
struct tflite_reference_16x8 : tflite_reference {
  static constexpr auto name = fixed_string("tflite_reference_16x8");
  /// Accumulator and bias together stay below 2^47, which the kernel asks for.
  static constexpr std::int64_t accumulator_limit = largest_accumulator;
  /// The largest exponent that the kernel takes; a larger factor counts as 2^7.
  static constexpr int largest_exponent = 7;
  /// Multipliers up to this are the 64-bit kernels', larger ones the 32-bit kernels'.
  static constexpr std::int32_t largest_reduced = 0x7FFF;

  using channel = tflite_channels<std::int64_t>::channel;
  using view = tflite_channels<std::int64_t>::view;
  template <std::size_t Count> using channels = tflite_channels<std::int64_t>::all<Count>;

  /// The parameters of a channel: those of `tflite_reference` with the multiplier cut to 15 bits, rounded
  /// half up, and a bias of up to 2^47.
  static constexpr channel linear(rescale_line const& line) noexcept {
    float const weight_scale = int32_bias::weight_scale(line.weight_scale, line.gain);
    channel result = widened(tflite_reference::linear(line));
    result.bias = bias_of(line, weight_scale);
    result.multiplier =
        result.multiplier < 0x7FFF0000 ? (result.multiplier + (1 << 15)) >> 16 : largest_reduced;
    return result;
  }

  /// From one grid to another, as `tflite_reference` does it.
  static constexpr channel requantize(float input_scale, int zero_in, float output_scale, double gain = 1,
                                      double offset = 0, std::int64_t bound = 32768) noexcept {
    return widened(tflite_reference::requantize(input_scale, zero_in, output_scale, gain, offset, bound));
  }

  /// The product of two codes, as `tflite_reference` does it.
  static constexpr channel product(rescale_line const& line) noexcept {
    return widened(tflite_reference::linear(line));
  }

  using tflite_reference::apply;
  /// The code before the clamp.
  static constexpr std::int64_t apply(channel const& to, std::int64_t accumulator, int zero_out) noexcept {
    std::int64_t const sum = accumulator + to.bias;
    if (to.multiplier <= largest_reduced && to.multiplier >= -largest_reduced)
      return rounding::half_up::shift_right(sum * to.multiplier, 15 - to.exponent) + zero_out;
    return std::int64_t{multiply(int32_bias::add(sum, 0), to.multiplier, to.exponent)} + zero_out;
  }

  /// For walks over an engine's numbers.
  template <std::size_t Count, class Visitor>
  static void walk(channels<Count>& c, std::int64_t bound, Visitor& visit) {
    walk_channels(c, Count, bound, visit);
  }
  template <std::size_t Count, class Visitor>
  static void walk(channels<Count> const& c, std::int64_t bound, Visitor& visit) {
    walk_channels(c, Count, bound, visit);
  }

 private:
  static constexpr std::int64_t room(std::int64_t bound) noexcept {
    return (std::int64_t{1} << 47) - 1 - bound;
  }

  static constexpr std::int64_t bias_of(rescale_line const& line, float weight_scale) noexcept {
    double const step = exact::multiply(double{line.input_scale}, double{weight_scale});
    double const largest = exact::scale_by_power_of_two(step, 50);
    double const offset = clamp(line.offset, -largest, largest);
    std::int64_t const sum = rounding::half_away::from_real(exact::divide(offset, step)) - line.zero_shift;
    return clamp(sum, -room(line.accumulator_bound), room(line.accumulator_bound));
  }

  static constexpr channel widened(tflite_reference::channel const& from) noexcept {
    bool const beyond = from.exponent > largest_exponent;
    std::int32_t const most = from.multiplier < 0 ? -INT32_MAX : INT32_MAX;
    return {from.bias, beyond ? most : from.multiplier,
            static_cast<std::int8_t>(beyond ? largest_exponent : from.exponent)};
  }

  template <class Channels, class Visitor>
  static void walk_channels(Channels& c, std::size_t count, std::int64_t bound, Visitor& visit) {
    visit.numbers("bias", c.bias, count, {-room(bound), room(bound)});
    visit.numbers("multiplier", c.multiplier, count, {-INT32_MAX, INT32_MAX});
    visit.numbers("exponent", c.exponent, count, {-31, largest_exponent});
  }
};

}  // namespace dyadic
