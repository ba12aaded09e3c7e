#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include <dyadic/kernel/float_arch.hpp>

/// The register tile of the float kernels: a few rows by one or two vectors of C, accumulated over a strided
/// A (read element by element) and a B whose rows are read as whole vectors.
namespace dyadic::kernel {

/// What a tile sums over: `segments` runs of `depth` products, and how A and B advance (in floats).
struct float_reduction {
  std::ptrdiff_t depth = 1, segments = 1;
  std::ptrdiff_t a_row_stride = 0, a_depth_stride = 1, a_segment_stride = 0;
  std::ptrdiff_t b_depth_stride = 0, b_segment_stride = 0;
};

/// Where a tile's result goes: `columns` of its width are written, the others are dropped.
struct float_destination {
  float* c;
  std::ptrdiff_t row_stride;
  std::ptrdiff_t columns;
  bool accumulate;
};

/// Vectors side by side in a wide tile, and rows of a tile that is `Vectors` wide.
inline constexpr int tile_vectors = 2;
template <class Batch, int Vectors>
inline constexpr int float_tile_rows = vector_registers<Batch> == 32 || Vectors == 1 ? 12 : 6;

namespace float_detail {

// Inlined, since an accumulator whose address leaves the function lives in memory.
template <class Batch, int Rows, int Vectors>
[[gnu::always_inline]] inline void store_tile(Batch const (&sum)[Rows][Vectors],
                                              float_destination const& to) noexcept {
  constexpr auto width = static_cast<std::ptrdiff_t>(Batch::size);
  if (to.columns == Vectors * width) {
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      float* const row = to.c + r * to.row_stride;
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) {
        Batch const result = to.accumulate ? Batch::load_unaligned(row + v * width) + sum[r][v] : sum[r][v];
        result.store_unaligned(row + v * width);
      }
    }
    return;
  }
  float whole[Rows][Vectors * width];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
    for (int v = 0; v < Vectors; ++v) sum[r][v].store_unaligned(whole[r] + v * width);
  for (int r = 0; r < Rows; ++r)
    for (std::ptrdiff_t n = 0; n < to.columns; ++n) {
      float& c = to.c[r * to.row_stride + n];
      c = to.accumulate ? c + whole[r][n] : whole[r][n];
    }
}

template <class Batch, int Rows, int Vectors>
void multiply_tile(float_reduction const& over, float const* a, float const* b,
                   float_destination const& to) noexcept {
  constexpr auto width = static_cast<std::ptrdiff_t>(Batch::size);
  Batch sum[Rows][Vectors];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
    for (int v = 0; v < Vectors; ++v) sum[r][v] = Batch(0.0f);
  std::ptrdiff_t const row = over.a_row_stride;
  for (std::ptrdiff_t s = 0; s < over.segments; ++s) {
    // Four rows share a pointer, so that twelve rows need three.
    float const* a_at[(Rows + 3) / 4];
#pragma GCC unroll 4
    for (int group = 0; group < (Rows + 3) / 4; ++group)
      a_at[group] = a + s * over.a_segment_stride + 4 * group * row;
    float const* b_at = b + s * over.b_segment_stride;
    for (std::ptrdiff_t k = 0; k < over.depth; ++k) {
      Batch b_row[Vectors];
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) b_row[v] = Batch::load_unaligned(b_at + v * width);
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r) {
        Batch const element(a_at[r / 4][(r % 4) * row]);
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) sum[r][v] = multiply_add(element, b_row[v], sum[r][v]);
      }
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) stay_in_register(sum[r][v]);
#pragma GCC unroll 4
      for (int group = 0; group < (Rows + 3) / 4; ++group) a_at[group] += over.a_depth_stride;
      b_at += over.b_depth_stride;
    }
  }
  store_tile(sum, to);
}

using float_tile = void (*)(float_reduction const&, float const*, float const*,
                            float_destination const&) noexcept;

template <class Batch, int Vectors, int... Rows>
constexpr std::array<float_tile, sizeof...(Rows)> make_tiles(std::integer_sequence<int, Rows...>) noexcept {
  return {&multiply_tile<Batch, Rows + 1, Vectors>...};
}
template <class Batch, int Vectors>
inline constexpr auto tiles =
    make_tiles<Batch, Vectors>(std::make_integer_sequence<int, float_tile_rows<Batch, Vectors>>{});

}  // namespace float_detail

/// Splits `count` rows into tiles of at most `most` rows whose heights differ by one at most, and calls
/// visit(first row, rows) for each.
template <class Visit>
constexpr void for_each_tile(std::ptrdiff_t count, std::ptrdiff_t most, Visit visit) noexcept {
  std::ptrdiff_t const tiles = (count + most - 1) / most;
  for (std::ptrdiff_t i = 0, first = 0; i < tiles; ++i) {
    std::ptrdiff_t const rows = (count - first + tiles - i - 1) / (tiles - i);
    visit(first, rows);
    first += rows;
  }
}

/// C = A * B for `rows` rows and at most `tile_vectors` vectors of columns: tiles of equal heights one below
/// the other.
template <class Batch>
void multiply_rows(float_reduction const& over, std::ptrdiff_t rows, float const* a, float const* b,
                   float_destination const& to) noexcept {
  auto const run = [&]<int Vectors>(std::integral_constant<int, Vectors>) {
    for_each_tile(rows, float_tile_rows<Batch, Vectors>, [&](std::ptrdiff_t first, std::ptrdiff_t height) {
      float_destination at = to;
      at.c += first * to.row_stride;
      float_detail::tiles<Batch, Vectors>[static_cast<std::size_t>(height - 1)](
          over, a + first * over.a_row_stride, b, at);
    });
  };
  if (to.columns <= static_cast<std::ptrdiff_t>(Batch::size))
    run(std::integral_constant<int, 1>{});
  else
    run(std::integral_constant<int, 2>{});
}

}  // namespace dyadic::kernel
