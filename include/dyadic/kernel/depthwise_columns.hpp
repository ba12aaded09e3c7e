#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/dot.hpp>
#include <dyadic/kernel/finish.hpp>
#include <dyadic/kernel/pack.hpp>
#include <dyadic/kernel/shape.hpp>
#include <dyadic/kernel/unroll.hpp>

/// Depthwise convolution by columns: four rows of one column of pixels are interleaved once, and every window
/// that the column belongs to multiplies it by the weights of one of its kernel columns.
namespace dyadic::kernel::detail {

/// A window's columns in units of four rows.
struct column_units {
  static constexpr std::size_t most = 16;

  std::size_t columns, per_column;

  constexpr explicit column_units(window_shape const& shape) noexcept
      : columns(static_cast<std::size_t>(shape.kernel_width)),
        per_column((static_cast<std::size_t>(shape.kernel_height) + unit_inputs - 1) / unit_inputs) {}
  constexpr std::size_t count() const noexcept { return columns * per_column; }
};

/// The kernels of one instruction set for blocks of 16 channels.
template <class Arch> class depthwise_columns {
  using dot = dot_product<Arch>;
  static constexpr std::size_t registers = dot::registers, together = 8 / registers;
  static constexpr std::size_t most_pixels = 32, most_held = 128;
  /// Pixels past a strip's last are computed with it.
  static constexpr std::size_t most_step = 8, room_behind = together * most_step;

  struct interleaved {
    typename dot::per_output of[registers];
  };
  struct weight_unit {
    typename dot::weight of[registers];
  };

 public:
  /// Do the units of one window and a few pixels fit in what is held at a time?
  static constexpr bool takes(window_shape const& shape) noexcept {
    column_units const units(shape);
    std::size_t const reach =
        static_cast<std::size_t>(shape.covered_width() + static_cast<int>(together) * shape.stride_width);
    return units.count() <= column_units::most && reach * units.per_column <= most_held &&
           static_cast<std::size_t>(shape.stride_width) * units.per_column <= most_step;
  }

  /// `shape` must outlive it.
  explicit depthwise_columns(window_shape const& shape) noexcept : shape_(shape), units_(shape) {
    std::size_t const held = most_held / units_.per_column;
    std::size_t const fit = (held - static_cast<std::size_t>(shape.covered_width())) / step() + 1;
    pixels_ = fit < most_pixels ? fit : most_pixels;
  }

  /// One block of 16 channels: `image` points at its first, `weights` at its units as `pack` laid them out.
  template <int StorageBits, class Output, class Code>
  void block(Arch arch, std::int8_t const* image, std::uint8_t const* weights, Output const& output,
             std::size_t first, std::size_t channels, Code* y) noexcept {
    load<StorageBits>(weights);
    auto const in = static_cast<std::size_t>(shape_.in_channels);
    auto const width = static_cast<std::size_t>(shape_.out_width);
    std::size_t const line = static_cast<std::size_t>(shape_.padded_width()) * in;
    for (int row = 0; row < shape_.out_height; ++row) {
      std::int8_t const* const from = image + static_cast<std::size_t>(row * shape_.stride_height) * line;
      for (std::size_t pixel = 0; pixel < width; pixel += pixels_) {
        std::size_t const count = width - pixel < pixels_ ? width - pixel : pixels_;
        interleave(from + pixel * step() * in,
                   (count - 1) * step() + static_cast<std::size_t>(shape_.covered_width()), line);
        multiply(count);
        finish<false>(arch,
                      finish_shape{count, channels, first, static_cast<std::ptrdiff_t>(unit_outputs),
                                   static_cast<std::ptrdiff_t>(in)},
                      sums_, output, y, nullptr);
        y += count * in;
      }
    }
  }

 private:
  std::size_t step() const noexcept { return static_cast<std::size_t>(shape_.stride_width); }

  /// The weights of kernel column x, rows 4u to 4u + 3, become unit x * per_column + u; what the sums start
  /// from takes the activations' offset back.
  template <int StorageBits> void load(std::uint8_t const* weights) noexcept {
    alignas(64) std::int32_t const zeros[dot::width]{};
    std::int8_t const no_codes[unit_inputs]{};
    auto const zero_codes = dot::broadcast(no_codes);
    for (std::size_t i = 0; i < registers; ++i) start_[i] = dot::start(zeros);
    for (std::size_t x = 0; x < units_.columns; ++x)
      for (std::size_t u = 0; u < units_.per_column; ++u) {
        alignas(64) std::uint8_t unit[unit_weights]{};
        for (std::size_t i = 0; i < unit_inputs; ++i) {
          std::size_t const row = u * unit_inputs + i;
          if (row >= static_cast<std::size_t>(shape_.kernel_height)) break;
          std::size_t const tap = row * units_.columns + x;
          std::uint8_t const* const from = weights + tap / unit_inputs * unit_bytes<StorageBits>;
          for (std::size_t c = 0; c < unit_outputs; ++c)
            unit[c * unit_inputs + i] = static_cast<std::uint8_t>(
                unit_weight<StorageBits>(from, c * unit_inputs + tap % unit_inputs));
        }
        weight_unit& to = weights_[x * units_.per_column + u];
        dot::template load<8>(unit, to.of);
        if constexpr (dot::activation_offset != 0)
          for (std::size_t i = 0; i < registers; ++i) start_[i] = dot::dot4(start_[i], zero_codes, to.of[i]);
      }
    for (std::size_t i = 0; i < registers; ++i) start_[i] = dot::subtract(dot::start(zeros), start_[i]);
  }

  void interleave(std::int8_t const* from, std::size_t columns, std::size_t line) noexcept {
    std::size_t const row_step = static_cast<std::size_t>(shape_.dilation_height) * line;
    auto const last = static_cast<std::size_t>(shape_.kernel_height) - 1;
    auto const row = [&](std::size_t i) { return from + (i < last ? i : last) * row_step; };
    // Past the last row, whose weights are 0, any will do.
    for (std::size_t u = 0; u < units_.per_column; ++u) {
      std::size_t const i = u * unit_inputs;
      interleave_rows(row(i), row(i + 1), row(i + 2), row(i + 3),
                      static_cast<std::size_t>(shape_.in_channels), columns, columns_ + u, units_.per_column);
    }
  }
  // Everything in parameters: what the loop stores could be any member.
  [[gnu::noinline]] static void interleave_rows(std::int8_t const* a, std::int8_t const* b,
                                                std::int8_t const* c, std::int8_t const* d, std::size_t step,
                                                std::size_t columns, interleaved* to,
                                                std::size_t to_step) noexcept {
    for (std::size_t i = 0; i < columns; ++i, to += to_step, a += step, b += step, c += step, d += step) {
      std::int8_t const* const taps[unit_inputs]{a, b, c, d};
      dot::interleave(taps, to->of);
    }
  }

  /// All sums of a strip, some pixels at a time; what is past the last pixel is not looked at. Near pixels
  /// are `Step` units apart, 0 standing for any distance.
  template <std::size_t Step> void multiply(std::size_t count) noexcept {
    std::size_t const step = Step != 0 ? Step : this->step() * units_.per_column;
    std::size_t const stride = static_cast<std::size_t>(shape_.dilation_width) * units_.per_column;
    std::size_t const columns = units_.columns, per_column = units_.per_column;
    for (std::size_t p = 0; p < count; p += together) {
      typename dot::sums sum[together][registers];
      DYADIC_UNROLL for (std::size_t i = 0; i < together; ++i)
          DYADIC_UNROLL for (std::size_t r = 0; r < registers; ++r) sum[i][r] = start_[r];
      weight_unit const* weight = weights_;
      interleaved const* column = columns_ + p * step;
      for (std::size_t c = 0; c < columns; ++c, column += stride)
        for (std::size_t u = 0; u < per_column; ++u, ++weight) {
          DYADIC_UNROLL for (std::size_t i = 0; i < together; ++i)
              DYADIC_UNROLL for (std::size_t r = 0; r < registers; ++r) sum[i][r] =
                  dot::dot4(sum[i][r], column[u + i * step].of[r], weight->of[r]);
          DYADIC_UNROLL for (std::size_t i = 0; i < together; ++i)
              DYADIC_UNROLL for (std::size_t r = 0; r < registers; ++r) dot::tie(sum[i][r]);
        }
      DYADIC_UNROLL for (std::size_t i = 0; i < together; ++i)
          DYADIC_UNROLL for (std::size_t r = 0; r < registers; ++r)
              dot::store(sum[i][r], sums_ + (p + i) * unit_outputs + r * dot::width);
    }
  }
  void multiply(std::size_t count) noexcept {
    switch (step() * units_.per_column) {
      case 1:
        return multiply<1>(count);
      case 2:
        return multiply<2>(count);
      default:
        return multiply<0>(count);
    }
  }

  window_shape const& shape_;
  column_units units_;
  std::size_t pixels_;
  typename dot::sums start_[registers];
  weight_unit weights_[column_units::most];
  interleaved columns_[most_held + room_behind];
  alignas(64) std::int32_t sums_[(most_pixels + together) * unit_outputs];
};

}  // namespace dyadic::kernel::detail
