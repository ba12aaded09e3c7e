#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/compiler_lanes.hpp>
#include <dyadic/kernel/native.hpp>

namespace dyadic::kernel {

/// Where a sum of two tensors lands: plus `zero`, then held in [low, high].
struct sum_output {
  std::int32_t zero, low, high;
};

namespace detail {

/// ((a * ma + b * mb + B) >> n) + zero in 32 bits. With ma = high * 2^k + low and so on, the shift by k of
/// the low parts' sum is exact beside the high parts' sum, so ((high sum + (low sum >> k)) >> (n - k)) has
/// the same bits.
struct split_sum {
  std::int32_t low_a, low_b, low_offset, high_a, high_b, high_offset;
  int low_shift, high_shift;
  bool split;  ///< else the high parts are 0 and the low ones hold everything
  bool fits;
};

/// The parts of a sum of codes of at most `code` in magnitude, which is below 256.
template <class Addition>
constexpr split_sum split(Addition const& by, std::int64_t code, std::int32_t zero) noexcept {
  constexpr std::int64_t limit = (std::int64_t{1} << 31) - (1 << 17);
  constexpr int longest = 31;  // of a shift of 32 bits: what is left is the sign
  auto const magnitude = [](std::int64_t x) { return x < 0 ? -x : x; };
  auto const fits = [&](std::int64_t a, std::int64_t b, std::int64_t offset) {
    return magnitude(offset) < limit && magnitude(offset) + code * (magnitude(a) + magnitude(b)) < limit;
  };
  auto const narrow = [](std::int64_t x) { return static_cast<std::int32_t>(x); };
  int const n = by.shift;
  std::int64_t const a = by.multiplier_a, b = by.multiplier_b;
  std::int64_t offset = 0;  // with the zero point, which the shift then leaves as it is
  if (zero < -32768 || zero > 65535 || n > 45 ||
      __builtin_add_overflow(by.offset, std::int64_t{zero} * (std::int64_t{1} << n), &offset))
    return {};
  if (fits(a, b, offset))
    return {narrow(a), narrow(b), narrow(offset), 0, 0, 0, n < longest ? n : longest, 0, false, true};
  int const k = n < 21 ? n : 21;
  std::int64_t const mask = (std::int64_t{1} << k) - 1;
  int const left = n - k < longest ? n - k : longest;
  return {narrow(a & mask),
          narrow(b & mask),
          narrow(offset & mask),
          narrow(a >> k),
          narrow(b >> k),
          narrow(offset >> k),
          k,
          left,
          true,
          fits(a >> k, b >> k, offset >> k)};
}

/// Lane by lane, byte number `Byte` of a word, sign or zero extended as `Code` is: no data crosses lanes.
template <int Byte, class Code, class Integers> void byte_of(Integers const& words, Integers& to) noexcept {
  if constexpr (std::is_signed_v<Code>)
    to = (words << (24 - 8 * Byte)) >> 24;
  else
    to = (words >> (8 * Byte)) & 255;
}

/// The sum in vectors; returns how many elements it did.
template <bool Split, std::size_t Bytes, class A, class B, class Code>
std::size_t add_vectors(std::size_t count, A const* a, B const* b, split_sum const& by, sum_output const& to,
                        Code* y) noexcept {
  using integers = typename compiler_lanes<Bytes>::integers;
  std::size_t i = 0;
  for (; i + Bytes <= count; i += Bytes) {
    integers first, second, sums{};
    __builtin_memcpy(&first, a + i, Bytes);
    __builtin_memcpy(&second, b + i, Bytes);
    auto const add_byte = [&]<int Byte>(std::integral_constant<int, Byte>) {
      integers x, z;
      byte_of<Byte, A>(first, x);
      byte_of<Byte, B>(second, z);
      integers sum = (x * by.low_a + z * by.low_b + by.low_offset) >> by.low_shift;
      if constexpr (Split) sum = (sum + (x * by.high_a + z * by.high_b + by.high_offset)) >> by.high_shift;
      compiler_lanes<Bytes>::clamp(sum, to.low, to.high);
      if constexpr (Byte < 3) sum &= 255;
      sums |= sum << (8 * Byte);
    };
    [&]<int... Byte>(std::integer_sequence<int, Byte...>) {
      (add_byte(std::integral_constant<int, Byte>{}), ...);
    }(std::make_integer_sequence<int, 4>{});
    __builtin_memcpy(y + i, &sums, Bytes);
  }
  return i;
}

}  // namespace detail

/// Is `Policy`'s sum of two codes a plain shift of a * ma + b * mb + offset?
template <class Policy>
concept adds_by_shift = requires { requires Policy::adds_by_shift; };

/// y[i] = Policy::apply(by, a[i], b[i], to.zero) held in [to.low, to.high].
template <class Policy, compiled Arch, class A, class B, class Code>
constexpr void add_codes(Arch, std::size_t count, A const* a, B const* b, typename Policy::addition const& by,
                         sum_output const& to, Code* y) noexcept {
  std::size_t i = 0;
  if constexpr (std::derived_from<Arch, portable> && adds_by_shift<Policy> && sizeof(A) == 1 &&
                sizeof(B) == 1 && sizeof(Code) == 1)
    if (!std::is_constant_evaluated()) {
      detail::split_sum const parts =
          detail::split(by, std::is_signed_v<A> && std::is_signed_v<B> ? 128 : 255, to.zero);
      constexpr std::size_t bytes = vector_bytes<Arch>;
      if (parts.fits)
        i = parts.split ? detail::add_vectors<true, bytes>(count, a, b, parts, to, y)
                        : detail::add_vectors<false, bytes>(count, a, b, parts, to, y);
    }
  for (; i < count; ++i) {
    std::int64_t const code = Policy::apply(by, a[i], b[i], to.zero);
    y[i] = static_cast<Code>(code < to.low ? to.low : code > to.high ? to.high : code);
  }
}

}  // namespace dyadic::kernel
