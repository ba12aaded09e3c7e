#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/core/exact.hpp>
#include <dyadic/fixed/rounding.hpp>
#include <dyadic/kernel/reciprocal_root.hpp>

/// A row of codes less its mean, over its deviation, in integers alone: with C codes q, S their sum and Q the
/// sum of their squares it is (C q - S) / sqrt(C Q - S^2 + E). Scale and zero point cancel out but for E,
/// which stands for C^2 epsilon / scale^2.
namespace dyadic::kernel {

/// Bits behind the point of a normalized value.
inline constexpr int normalized_fraction = 16;
inline constexpr float normalized_scale = 0x1p-16F;

/// So many codes of at most 16 bits keep every sum within 62 bits.
inline constexpr int most_normalized = 32768;

/// No normalized value of `channels` codes is larger in magnitude.
constexpr std::int64_t largest_normalized(std::size_t channels) noexcept {
  return (std::int64_t{floor_root(channels - 1)} + 1) << normalized_fraction;
}

/// E, half to even, in 1 .. 2^61.
inline constexpr std::int64_t largest_epsilon = std::int64_t{1} << 61;
constexpr std::int64_t epsilon_of(double epsilon, float scale, std::size_t channels) noexcept {
  auto const count = static_cast<double>(channels);
  double const steps = exact::divide(
      exact::divide(exact::multiply(exact::multiply(count, count), epsilon), double{scale}), double{scale});
  if (!(steps < 0x1p61)) return largest_epsilon;
  std::int64_t const rounded = rounding::half_even::from_real(steps);
  return rounded < 1 ? 1 : rounded;
}

/// What normalizes the codes of one row.
struct row_normalizer {
  std::int64_t count, sum;
  scaled_integer root;

  template <class Code>
  static constexpr row_normalizer of(Code const* x, std::size_t channels, std::int64_t epsilon) noexcept {
    using total = std::conditional_t<sizeof(Code) == 1, std::int32_t, std::int64_t>;
    total sum = 0, squares = 0;
    for (std::size_t c = 0; c < channels; ++c) {
      sum += x[c];
      squares += x[c] * x[c];
    }
    auto const count = static_cast<std::int64_t>(channels);
    std::int64_t const spread = count * squares - std::int64_t{sum} * sum;
    return {count, sum, reciprocal_root(static_cast<std::uint64_t>(spread + epsilon))};
  }

  /// The code's place as an integer of 2^-16, rounded half up.
  constexpr std::int32_t operator()(int code) const noexcept {
    int const shift = root.shift - normalized_fraction;
    std::int64_t const product = (count * code - sum) * root.mantissa;
    return static_cast<std::int32_t>((product + (std::int64_t{1} << (shift - 1))) >> shift);
  }
};

}  // namespace dyadic::kernel
