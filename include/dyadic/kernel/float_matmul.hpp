#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/float_dot.hpp>
#include <dyadic/kernel/float_pack.hpp>

/// Matrix multiplication of floats: B is packed block by block into panels that stay in the second-level
/// cache, the rows of A go over all panels in register tiles.
namespace dyadic::kernel {

namespace float_detail {

inline constexpr std::ptrdiff_t block_depth = 256;    // of one packed block
inline constexpr std::ptrdiff_t block_columns = 256;  // a multiple of every panel's columns
inline constexpr std::ptrdiff_t most_tile_rows = 12;
inline constexpr std::ptrdiff_t widest_panel = 32;
inline constexpr std::ptrdiff_t line_floats = 16;

constexpr std::ptrdiff_t smaller(std::ptrdiff_t a, std::ptrdiff_t b) noexcept { return a < b ? a : b; }
constexpr std::ptrdiff_t larger(std::ptrdiff_t a, std::ptrdiff_t b) noexcept { return a < b ? b : a; }
constexpr std::ptrdiff_t round_up(std::ptrdiff_t value, std::ptrdiff_t step) noexcept {
  return (value + step - 1) / step * step;
}

// The next cache line: a vector that crosses one costs two loads.
inline float* aligned(float* at) noexcept {
  auto const floats = static_cast<std::ptrdiff_t>(reinterpret_cast<std::uintptr_t>(at) / sizeof(float));
  return at + (line_floats - floats % line_floats) % line_floats;
}

}  // namespace float_detail

/// Which part of a result a call makes: all of it, unless it is told.
struct result_range {
  std::ptrdiff_t first = 0, count = -1;

  constexpr result_range within(std::ptrdiff_t all) const noexcept {
    return count < 0 ? result_range{0, all} : *this;
  }
};

/// Floats of workspace that `float_matmul` of these sizes needs, for every instruction set.
constexpr std::ptrdiff_t float_matmul_workspace(std::ptrdiff_t, std::ptrdiff_t columns,
                                                std::ptrdiff_t depth) noexcept {
  namespace at = float_detail;
  std::ptrdiff_t const deep = at::smaller(depth, at::block_depth);
  std::ptrdiff_t const wide = at::smaller(at::round_up(columns, at::widest_panel), at::block_columns);
  return deep * (wide + at::most_tile_rows) + 2 * at::line_floats;
}

namespace float_detail {

// C (+)= A[.., k..k+deep) * one packed block of B.
template <class Batch, class SourceA>
void multiply_block(std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t k, std::ptrdiff_t deep,
                    float_matrix<SourceA> const& a, float const* packed_b, float* packed_a,
                    float_destination const& to) noexcept {
  auto const multiply_tile_rows = [&](std::ptrdiff_t m, std::ptrdiff_t height) {
    float_reduction over{.depth = deep, .a_row_stride = 1, .a_depth_stride = height};
    float const* from = packed_a;
    bool direct = false;
    if constexpr (std::convertible_to<SourceA, float const*>) {
      // Elements that are far apart are gathered once if many panels read them.
      direct = a.column_stride == 1 || columns <= 2 * panel_columns<Batch>;
      if (direct) {
        from = a.source + m * a.row_stride + k * a.column_stride;
        over.a_row_stride = a.row_stride;
        over.a_depth_stride = a.column_stride;
      }
    }
    if (!direct)
      pack_panel(
          float_matrix<decltype(transposed(a.source))>{transposed(a.source), a.column_stride, a.row_stride},
          k, m, deep, height, height, packed_a);
    for (std::ptrdiff_t n = 0; n < columns; n += panel_columns<Batch>) {
      std::ptrdiff_t const left = smaller(columns - n, panel_columns<Batch>);
      over.b_depth_stride = panel_width<Batch>(left);
      multiply_rows<Batch>(over, height, from, packed_b + n * deep,
                           {to.c + m * to.row_stride + n, to.row_stride, left, to.accumulate});
    }
  };
  constexpr auto width = static_cast<std::ptrdiff_t>(Batch::size);
  for_each_tile(rows, columns > width ? float_tile_rows<Batch, tile_vectors> : float_tile_rows<Batch, 1>,
                multiply_tile_rows);
}

}  // namespace float_detail

/// C = A * B, or C += A * B when `accumulate`: A is rows x depth, B is depth x columns, each a source with a
/// stride for each of its directions (a transpose is an exchange of strides and, for a source with scales,
/// `transposed`); the columns of C are adjacent. C overlaps neither A nor B. `workspace` holds
/// `float_matmul_workspace` floats.
template <instruction_set Arch, class SourceA, class SourceB>
void float_matmul(Arch, std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t depth, SourceA a,
                  std::ptrdiff_t a_row_stride, std::ptrdiff_t a_column_stride, SourceB b,
                  std::ptrdiff_t b_row_stride, std::ptrdiff_t b_column_stride, float* c,
                  std::ptrdiff_t c_row_stride, float* workspace, bool accumulate) noexcept {
  using batch = float_batch<Arch>;
  namespace at = float_detail;
  if constexpr (std::convertible_to<SourceA, float const*> && std::convertible_to<SourceB, float const*>)
    if (rows <= most_dot_rows && a_column_stride == 1 && b_row_stride == 1)
      return multiply_by_dot_products<batch>(rows, columns, depth, a, a_row_stride, b, b_column_stride, c,
                                             c_row_stride, accumulate);
  if (depth == 0 && !accumulate)
    for (std::ptrdiff_t m = 0; m < rows; ++m)
      for (std::ptrdiff_t n = 0; n < columns; ++n) c[m * c_row_stride + n] = 0.0f;

  float_matrix<SourceA> const a_matrix{a, a_row_stride, a_column_stride};
  float_matrix<SourceB> const b_matrix{b, b_row_stride, b_column_stride};
  std::ptrdiff_t const wide = at::smaller(at::round_up(columns, at::widest_panel), at::block_columns);
  float* const packed_b = at::aligned(workspace);
  float* const packed_a =
      packed_b + at::round_up(at::smaller(depth, at::block_depth) * wide, at::line_floats);
  for_each_tile(depth, at::block_depth, [&](std::ptrdiff_t k, std::ptrdiff_t deep) {
    for (std::ptrdiff_t n = 0; n < columns; n += wide) {
      std::ptrdiff_t const block = at::smaller(columns - n, wide);
      pack_panels<batch>(b_matrix, k, n, deep, block, packed_b);
      at::multiply_block<batch>(rows, block, k, deep, a_matrix, packed_b, packed_a,
                                {c + n, c_row_stride, block, accumulate || k > 0});
    }
  });
}

}  // namespace dyadic::kernel
