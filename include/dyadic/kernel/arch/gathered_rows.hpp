#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/arch/xsimd.hpp>
#include <dyadic/kernel/dot.hpp>
#include <dyadic/kernel/shape.hpp>
#include <dyadic/kernel/unroll.hpp>

#if defined(__AVX2__)
#include <dyadic/kernel/arch/avx2.hpp>
#if defined(__AVXVNNI__)
#include <dyadic/kernel/arch/avx_vnni.hpp>
#endif
#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#include <dyadic/kernel/arch/avx512.hpp>
#if defined(__AVX512VNNI__)
#include <dyadic/kernel/arch/avx512_vnni.hpp>
#endif
#endif

namespace dyadic::kernel {

namespace detail {

/// The narrow segments of rows, 32 codes in all, one behind the other in a register: a shuffle brings each to
/// its place, with zeros beside it.
class joined_segments {
 public:
  static constexpr bool take(matmul_shape const& shape) noexcept {
    return shape.segments <= most && shape.depth <= 16 &&
           shape.segments * shape.depth <= most_gathered_units * unit_inputs && shape.segments_per_line == 0;
  }

  explicit joined_segments(matmul_shape const& shape) noexcept
      : segments_(shape.segments), stride_(shape.segment_stride) {
    for (std::size_t s = 0; s < segments_; ++s)
      for (std::size_t i = 0; i < sizeof(__m256i); ++i) {
        std::size_t const k = i - s * shape.depth;
        places_[s][i] = k < shape.depth ? static_cast<std::int8_t>(k) : std::int8_t{-1};
      }
  }

  /// Calls `use(row, codes)` for `count` rows, the codes' bits flipped where `flipped` has ones.
  template <class Use>
  void for_each_row(std::size_t count, row_walk<std::int8_t>& rows, __m256i const& flipped,
                    Use const& use) const noexcept {
    // The number of segments is a constant of the loop over rows: one of so few turns costs too much itself.
    [&]<std::size_t... Less>(std::index_sequence<Less...>) {
      static_cast<void>(
          ((segments_ == Less + 1 && (join_rows<Less + 1>(count, rows, flipped, use), true)) || ...));
    }(std::make_index_sequence<most>{});
  }

 private:
  static constexpr std::size_t most = 6;

  template <std::size_t Segments, class Use>
  void join_rows(std::size_t count, row_walk<std::int8_t>& rows, __m256i const& flipped,
                 Use use) const noexcept {
    // Copies that no store of codes can change.
    row_walk<std::int8_t> walk = rows;
    std::ptrdiff_t const stride = stride_;
    __m256i places[Segments];
    __builtin_memcpy(&places, places_, sizeof places);
    for (std::size_t row = 0; row < count; ++row) {
      std::int8_t const* from = walk.next();
      __m256i joined = flipped;
      DYADIC_UNROLL for (std::size_t s = 0; s < Segments; ++s, from += stride) {
        __m128i codes;
        __builtin_memcpy(&codes, from, sizeof codes);
        joined = _mm256_xor_si256(joined, _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(codes), places[s]));
      }
      use(row, joined);
    }
    rows = walk;
  }

  alignas(32) std::int8_t places_[most][sizeof(__m256i)];
  std::size_t segments_;
  std::ptrdiff_t stride_;
};

/// Rows as bytes, the activations' offset added.
template <class Arch> struct gathered_bytes {
  using segments = joined_segments;
  static constexpr bool exist = true;
  static constexpr std::size_t row_bytes = 32;

  static bool take(matmul_shape const& shape) noexcept { return joined_segments::take(shape); }

  static void gather(joined_segments const& segments, std::size_t count, row_walk<std::int8_t>& rows,
                     std::int8_t* to) noexcept {
    static_assert(dot_product<Arch>::activation_offset == 128);
    segments.for_each_row(count, rows, _mm256_set1_epi8(-128), [to](std::size_t row, __m256i const& codes) {
      __builtin_memcpy(to + row * row_bytes, &codes, sizeof codes);
    });
  }
};

/// Rows as 16-bit numbers: those at even places of each unit, then those at odd places.
template <class Arch> struct gathered_words {
  using segments = joined_segments;
  static constexpr bool exist = true;
  static constexpr std::size_t row_bytes = 64;

  static bool take(matmul_shape const& shape) noexcept { return joined_segments::take(shape); }

  static void gather(joined_segments const& segments, std::size_t count, row_walk<std::int8_t>& rows,
                     std::int8_t* to) noexcept {
    segments.for_each_row(count, rows, _mm256_setzero_si256(), [to](std::size_t row, __m256i const& codes) {
      __m256i const even = _mm256_srai_epi16(_mm256_slli_epi16(codes, 8), 8);
      __m256i const odd = _mm256_srai_epi16(codes, 8);
      __builtin_memcpy(to + row * row_bytes, &even, sizeof even);
      __builtin_memcpy(to + row * row_bytes + row_bytes / 2, &odd, sizeof odd);
    });
  }
};

}  // namespace detail

template <> struct gathered_rows<avx2> : detail::gathered_words<avx2> {
  static dot_product<avx2>::activation broadcast(std::int8_t const* row, std::size_t unit) noexcept {
    row += unit * unit_inputs;
    return {_mm256_set1_epi32(detail::four_bytes(row)),
            _mm256_set1_epi32(detail::four_bytes(row + row_bytes / 2))};
  }
};

#if defined(__AVXVNNI__)
template <> struct gathered_rows<avx_vnni> : detail::gathered_bytes<avx_vnni> {
  static dot_product<avx_vnni>::activation broadcast(std::int8_t const* row, std::size_t unit) noexcept {
    return _mm256_set1_epi32(detail::four_bytes(row + unit * unit_inputs));
  }
};
#endif

#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
template <> struct gathered_rows<avx512> : detail::gathered_words<avx512> {
  static dot_product<avx512>::activation broadcast(std::int8_t const* row, std::size_t unit) noexcept {
    row += unit * unit_inputs;
    return {_mm512_set1_epi32(detail::four_bytes(row)),
            _mm512_set1_epi32(detail::four_bytes(row + row_bytes / 2))};
  }
};
#if defined(__AVX512VNNI__)
template <> struct gathered_rows<avx512_vnni> : detail::gathered_bytes<avx512_vnni> {
  static dot_product<avx512_vnni>::activation broadcast(std::int8_t const* row, std::size_t unit) noexcept {
    return _mm512_set1_epi32(detail::four_bytes(row + unit * unit_inputs));
  }
};
#endif
#endif

}  // namespace dyadic::kernel
#endif
