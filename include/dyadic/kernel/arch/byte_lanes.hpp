#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/arch/xsimd.hpp>
#include <dyadic/kernel/unroll.hpp>

namespace dyadic::kernel::detail {

/// Four registers of int32 to one of bytes in the same order: each plus `zero`, at least `low`, and at most
/// `high`, which `Bounded` ones are already. A code may saturate to 16 bits on its way: |zero| < 2^15 - 2^7.
template <class Arch, bool Bounded> struct byte_lanes;

#if defined(__AVX2__)
template <bool Bounded> struct byte_lanes<avx2, Bounded> {
  using bytes = byte_lanes;
  using lanes = xsimd::batch<std::int32_t, xsimd::avx2>;

  byte_lanes(int zero, int low, int high) noexcept
      : zero_(_mm256_set1_epi16(static_cast<short>(zero))),
        low_(_mm256_set1_epi8(static_cast<char>(low))),
        high_(_mm256_set1_epi8(static_cast<char>(high))) {}

  __m256i narrow(lanes const (&x)[4]) const noexcept {
    return _mm256_permutevar8x32_epi32(narrow_in_lanes(x), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  }
  /// The same, four numbers of each of the registers in turns.
  __m256i narrow_in_lanes(lanes const (&x)[4]) const noexcept { return clamped(saturated(x)); }
  /// What `narrow_in_lanes` is where all bytes are codes.
  __m256i saturated(lanes const (&x)[4]) const noexcept {
    __m256i const first = _mm256_adds_epi16(_mm256_packs_epi32(x[0], x[1]), zero_);
    __m256i const last = _mm256_adds_epi16(_mm256_packs_epi32(x[2], x[3]), zero_);
    return _mm256_packs_epi16(first, last);
  }
  __m256i clamped(__m256i codes) const noexcept {
    __m256i const raised = _mm256_max_epi8(codes, low_);
    return Bounded ? raised : _mm256_min_epi8(raised, high_);
  }

  /// The bytes are those of `Rows` rows, of which `count` or more are stored.
  template <std::size_t Rows>
  static void store(__m256i from, std::size_t count, std::int8_t* to, std::ptrdiff_t stride) noexcept {
    static_assert(Rows <= 2);
    if (Rows == 1 || (count >= Rows && stride == sizeof from / Rows)) {
      __builtin_memcpy(to, &from, sizeof from);
    } else {
      store_half(_mm256_castsi256_si128(from), to);
      if (count > 1) store_half(_mm256_extracti128_si256(from, 1), to + stride);
    }
  }

 private:
  static void store_half(__m128i from, std::int8_t* to) noexcept { __builtin_memcpy(to, &from, sizeof from); }

  __m256i zero_, low_, high_;
};
#endif

#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
template <bool Bounded> struct byte_lanes<avx512, Bounded> {
  using bytes = byte_lanes;
  using lanes = xsimd::batch<std::int32_t, xsimd::avx512bw>;

  byte_lanes(int zero, int low, int high) noexcept
      : zero_(_mm512_set1_epi16(static_cast<short>(zero))),
        low_(_mm512_set1_epi8(static_cast<char>(low))),
        high_(_mm512_set1_epi8(static_cast<char>(high))) {}

  __m512i narrow(lanes const (&x)[4]) const noexcept {
    return _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15),
                                    narrow_in_lanes(x));
  }
  /// The same, four numbers of each of the registers in turns.
  __m512i narrow_in_lanes(lanes const (&x)[4]) const noexcept { return clamped(saturated(x)); }
  /// What `narrow_in_lanes` is where all bytes are codes.
  __m512i saturated(lanes const (&x)[4]) const noexcept {
    __m512i const first = _mm512_adds_epi16(_mm512_packs_epi32(x[0], x[1]), zero_);
    __m512i const last = _mm512_adds_epi16(_mm512_packs_epi32(x[2], x[3]), zero_);
    return _mm512_packs_epi16(first, last);
  }
  __m512i clamped(__m512i codes) const noexcept {
    __m512i const raised = _mm512_max_epi8(codes, low_);
    return Bounded ? raised : _mm512_min_epi8(raised, high_);
  }

  template <std::size_t Rows>
  static void store(__m512i from, std::size_t count, std::int8_t* to, std::ptrdiff_t stride) noexcept {
    if (Rows == 1 || (count >= Rows && stride == sizeof from / Rows)) {
      __builtin_memcpy(to, &from, sizeof from);
    } else if constexpr (Rows > 1) {
      byte_lanes<avx2, Bounded>::template store<Rows / 2>(_mm512_castsi512_si256(from), count, to, stride);
      if (count > Rows / 2)
        byte_lanes<avx2, Bounded>::template store<Rows / 2>(
            _mm512_extracti64x4_epi64(from, 1), count - Rows / 2,
            to + static_cast<std::ptrdiff_t>(Rows / 2) * stride, stride);
    }
  }

 private:
  __m512i zero_, low_, high_;
};
#endif

/// Makes a tile's sums codes of 8 bits while they are in registers, four at a time. `Lines` are `byte_lanes`
/// that know the panel's channels: `lines(sums, i)` are the codes of a row's register i, without zero point.
template <class Lines> struct code_tile {
  Lines const& lines;
  std::int8_t* y;
  std::ptrdiff_t stride;

  template <class Sums, std::size_t Rows, std::size_t Blocks, std::size_t Registers>
  [[gnu::always_inline]] void operator()(Sums const (&sums)[Rows][Blocks][Registers]) const noexcept {
    constexpr std::size_t in_row = Blocks * Registers, all = Rows * in_row;
    constexpr std::size_t rows = in_row < 4 ? 4 / in_row : 1;
    static_assert(in_row * rows % 4 == 0 && in_row <= 4);
    typename Lines::bytes const bytes = lines;  // a copy that no store of codes can change
    std::int8_t* to = y;
    std::ptrdiff_t const step = stride;
    DYADIC_UNROLL for (std::size_t first = 0; first < all;
                       first += 4, to += static_cast<std::ptrdiff_t>(rows) * step) {
      typename Lines::lanes codes[4];
      DYADIC_UNROLL for (std::size_t i = 0; i < 4; ++i) {
        std::size_t const at = first + i < all ? first + i : all - 1;
        codes[i] = lines(sums[at / in_row][at / Registers % Blocks][at % Registers], at % in_row);
      }
      Lines::template store<rows>(bytes.narrow(codes), Rows - first / in_row, to, step);
    }
  }
};

}  // namespace dyadic::kernel::detail
