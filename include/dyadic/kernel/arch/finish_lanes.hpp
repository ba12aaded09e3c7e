#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/arch/byte_lanes.hpp>
#include <dyadic/kernel/arch/finish_one_rounding.hpp>
#include <dyadic/kernel/arch/finish_xnnpack_fp32.hpp>
#include <dyadic/kernel/finish_lanes.hpp>

namespace dyadic::kernel::detail {

/// The instruction set whose registers finish for `Arch`.
template <class Arch> using finishing = std::conditional_t<std::derived_from<Arch, avx512>, avx512, avx2>;

/// Numbers of channels as they stand in lanes; those of missing channels are 0.
template <class Number, std::size_t Count>
void put_in_lanes(Number const* from, lane_block const& block, Number (&to)[Count]) noexcept {
  constexpr std::size_t lanes = Count / 16;
  for (std::size_t lane = 0; lane < lanes; ++lane)
    for (std::size_t r = 0; r < 4; ++r) {
      std::size_t const channel = lane * 16 % block.share + r * 4;
      Number* const four = to + (r * lanes + lane) * 4;
      if (channel + 4 <= block.channels)
        __builtin_memcpy(four, from + block.first_channel + channel, 4 * sizeof *four);
      else
        for (std::size_t i = 0; i < 4; ++i)
          four[i] = channel + i < block.channels ? from[block.first_channel + channel + i] : Number{};
    }
}

/// A policy's parameters of a lane_block and its formula, register by register: codes before the zero point,
/// or any others that the clamp makes the same of, from a sum that began with what `start` makes of its own.
template <class Arch, class Output> class lane_formula;

template <class Arch, class Channels>
class lane_formula<Arch, requantized<xnnpack_fp32, Channels, std::int8_t>> : public byte_lanes<Arch, false> {
  using output = requantized<xnnpack_fp32, Channels, std::int8_t>;
  using real = float_lanes<Arch>;

 public:
  using lanes = typename real::lanes;
  static constexpr std::size_t width = 4 * real::width;

  /// Products of scales below 1 stay within int32: they need no clamp of their own.
  static bool takes(output const& function, lane_block const& block) noexcept {
    constexpr std::uint32_t magnitude = 0x7FFFFFFF, one = 0x3F800000;
    std::uint32_t largest = 0;
    for (std::size_t c = 0; c < block.channels; ++c) {
      std::uint32_t const bits = function.channels.scale_bits[block.first_channel + c] & magnitude;
      largest = bits > largest ? bits : largest;
    }
    return largest < one;
  }

  lane_formula(output const& function, lane_block const& block) noexcept
      : byte_lanes<Arch, false>(function.zero, function.low, function.high) {
    alignas(64) std::int32_t bias[width];
    alignas(64) std::uint32_t scale_bits[width];
    put_in_lanes(function.channels.bias, block, bias);
    put_in_lanes(function.channels.scale_bits, block, scale_bits);
    __builtin_memcpy(&bias_, bias, sizeof bias);
    __builtin_memcpy(&scale_, scale_bits, sizeof scale_bits);
  }

  lanes start(std::size_t r, lanes const& sum) const noexcept { return sum + bias_[r]; }
  lanes operator()(std::size_t r, lanes const& sum) const noexcept {
    return real::round(real::convert(sum) * scale_[r]);
  }

 private:
  lanes bias_[4];
  typename real::reals scale_[4];
};

template <class Arch, class Output>
  requires finishes_high<Output>
class lane_formula<Arch, Output> : public high_lines<Arch, Output, 4 * high_lanes<Arch>::width> {
  using lines = high_lines<Arch, Output, 4 * high_lanes<Arch>::width>;

 public:
  using typename lines::lanes;
  static constexpr std::size_t width = 4 * high_lanes<Arch>::width;

  static bool takes(Output const& function, lane_block const& block) noexcept {
    return shifts_whole_halves(function.channels.shift + block.first_channel, block.channels);
  }

  lane_formula(Output const& function, lane_block const& block) noexcept : lines(in_lanes(function, block)) {}

  lanes start(std::size_t, lanes const& sum) const noexcept { return sum; }
  lanes operator()(std::size_t r, lanes const& sum) const noexcept { return lines::operator()(sum, r); }

 private:
  static lines in_lanes(Output const& function, lane_block const& block) noexcept {
    alignas(64) std::int64_t offset[width];
    alignas(64) std::int32_t multiplier[width], nothing[width];
    std::uint8_t shift[width];
    put_in_lanes(function.channels.offset, block, offset);
    put_in_lanes(function.channels.multiplier, block, multiplier);
    put_in_lanes(function.channels.shift, block, shift);
    return lines(Output{{offset, multiplier, shift}, function.zero, function.low, function.high}, 0, nothing);
  }
};

/// Bytes of policies whose formula is known: four registers at a time, never put in order before they are
/// packed.
template <std::derived_from<avx2> Arch, class Output>
  requires requires { lane_formula<finishing<Arch>, Output>::width; }
class lane_finish<Arch, Output, std::int8_t> {
  using formula = lane_formula<finishing<Arch>, Output>;
  using lanes = typename formula::lanes;

 public:
  /// Finishes one pixel after another in registers.
  class sink {
   public:
    sink(lane_finish const& finish, std::int8_t* y) noexcept : finish_(finish), y_(y) {}

    template <std::size_t Parts> void take(lanes const (&sums)[4]) noexcept {
      formula::template store<Parts>(bytes(sums), Parts, y_, finish_.block_.part_step);
      y_ += finish_.block_.pixel_step;
    }
    /// Of shares that are not filled, from sums that began with 0.
    void take_some(lanes (&sums)[4]) noexcept {
      for (std::size_t r = 0; r < 4; ++r) sums[r] = finish_.start(r, sums[r]);
      auto const codes = bytes(sums);
      std::int8_t stored[formula::width];
      __builtin_memcpy(stored, &codes, sizeof codes);
      for (std::size_t part = 0; part < finish_.block_.parts; ++part)
        __builtin_memcpy(y_ + static_cast<std::ptrdiff_t>(part) * finish_.block_.part_step,
                         stored + part * finish_.block_.share, finish_.block_.channels);
      y_ += finish_.block_.pixel_step;
    }

   private:
    auto bytes(lanes const (&sums)[4]) const noexcept {
      lanes codes[4];
      DYADIC_UNROLL for (std::size_t r = 0; r < 4; ++r) codes[r] = finish_.formula_(r, sums[r]);
      auto const saturated = finish_.formula_.saturated(codes);
      return finish_.clamps_ ? finish_.formula_.clamped(saturated) : saturated;
    }

    lane_finish const& finish_;
    std::int8_t* y_;
  };

  lane_finish(Output const& output, lane_block const& block) noexcept
      : formula_(output, block),
        output_(output),
        block_(block),
        takes_(formula::takes(output, block)),
        clamps_(output.low != -128 || output.high != 127) {}

  lanes start(std::size_t r, lanes const& sum) const noexcept { return formula_.start(r, sum); }
  bool takes_registers() const noexcept { return takes_ && block_.channels == block_.share; }

  void operator()(Arch arch, std::int32_t const* sums, std::size_t pixels, std::int8_t* y) const noexcept {
    if (!takes_) return finish_in_order(arch, sums, pixels, output_, block_, y);
    sink to(*this, y);
    for (std::size_t p = 0; p < pixels; ++p) {
      lanes registers[4];
      for (lanes& some : registers) some = lanes::load_aligned(sums), sums += lanes::size;
      to.take_some(registers);
    }
  }

 private:
  formula formula_;
  Output const& output_;
  lane_block block_;
  bool takes_, clamps_;
};

}  // namespace dyadic::kernel::detail
