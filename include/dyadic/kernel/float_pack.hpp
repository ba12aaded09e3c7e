#pragma once

#include <concepts>
#include <cstddef>

#include <dyadic/kernel/float_source.hpp>
#include <dyadic/kernel/float_tile.hpp>

/// Packing for the float tile: any source, any strides become rows of whole vectors.
namespace dyadic::kernel {

/// A part of a source: element (row, column) is at row * row_stride + column * column_stride.
template <class Source> struct float_matrix {
  Source source;
  std::ptrdiff_t row_stride, column_stride;

  float operator()(std::ptrdiff_t row, std::ptrdiff_t column) const noexcept {
    return float_at(source, row * row_stride + column * column_stride, row, column);
  }
};

/// Floats of one row of a packed panel that holds `columns` columns: whole vectors, zeros behind the last
/// column.
template <class Batch> constexpr std::ptrdiff_t panel_width(std::ptrdiff_t columns) noexcept {
  constexpr auto width = static_cast<std::ptrdiff_t>(Batch::size);
  return columns <= width ? width : tile_vectors * width;
}

/// Columns of a full panel.
template <class Batch>
inline constexpr std::ptrdiff_t panel_columns = tile_vectors * static_cast<std::ptrdiff_t>(Batch::size);

namespace float_detail {

#if defined(__SSE2__) && __has_include(<xsimd/xsimd.hpp>)
// Four rows of four floats become columns.
inline void transpose_block(float const* from, std::ptrdiff_t from_stride, float* to,
                            std::ptrdiff_t to_stride) noexcept {
  using batch = float_batch<sse2>;
  batch const r0 = batch::load_unaligned(from), r1 = batch::load_unaligned(from + from_stride),
              r2 = batch::load_unaligned(from + 2 * from_stride),
              r3 = batch::load_unaligned(from + 3 * from_stride);
  batch const even_low = xsimd::zip_lo(r0, r2), odd_low = xsimd::zip_lo(r1, r3);
  batch const even_high = xsimd::zip_hi(r0, r2), odd_high = xsimd::zip_hi(r1, r3);
  xsimd::zip_lo(even_low, odd_low).store_unaligned(to);
  xsimd::zip_hi(even_low, odd_low).store_unaligned(to + to_stride);
  xsimd::zip_lo(even_high, odd_high).store_unaligned(to + 2 * to_stride);
  xsimd::zip_hi(even_high, odd_high).store_unaligned(to + 3 * to_stride);
}
#else
inline void transpose_block(float const* from, std::ptrdiff_t from_stride, float* to,
                            std::ptrdiff_t to_stride) noexcept {
  for (std::ptrdiff_t i = 0; i < 4; ++i)
    for (std::ptrdiff_t j = 0; j < 4; ++j) to[j * to_stride + i] = from[i * from_stride + j];
}
#endif

}  // namespace float_detail

/// to[column][row] = from[row][column]; the elements of a row are adjacent on both sides.
inline void transpose(float const* from, std::ptrdiff_t from_stride, std::ptrdiff_t rows,
                      std::ptrdiff_t columns, float* to, std::ptrdiff_t to_stride) noexcept {
  // A cache line of each row at a time: rows that are a power of two apart drive one another out of the
  // cache.
  constexpr std::ptrdiff_t line = 16;
  std::ptrdiff_t const whole_rows = rows / 4 * 4, whole_columns = columns / 4 * 4;
  for (std::ptrdiff_t first = 0; first < whole_columns; first += line)
    for (std::ptrdiff_t i = 0; i < whole_rows; i += 4)
      for (std::ptrdiff_t j = first; j < whole_columns && j < first + line; j += 4)
        float_detail::transpose_block(from + i * from_stride + j, from_stride, to + j * to_stride + i,
                                      to_stride);
  for (std::ptrdiff_t j = 0; j < columns; ++j)
    for (std::ptrdiff_t i = j < whole_columns ? whole_rows : 0; i < rows; ++i)
      to[j * to_stride + i] = from[i * from_stride + j];
}

/// packed[row][column] = the part of `from` that begins at (first_row, first_column), followed by zeros to
/// `width`.
template <class Source>
void pack_panel(float_matrix<Source> const& from, std::ptrdiff_t first_row, std::ptrdiff_t first_column,
                std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t width, float* packed) noexcept {
  for (std::ptrdiff_t r = 0; columns < width && r < rows; ++r)
    for (std::ptrdiff_t c = columns; c < width; ++c) packed[r * width + c] = 0.0f;
  if constexpr (std::convertible_to<Source, float const*>)
    if (from.row_stride == 1 && from.column_stride != 1) {
      transpose(from.source + first_row + first_column * from.column_stride, from.column_stride, columns,
                rows, packed, width);
      return;
    }
  if (from.column_stride == 1)
    for (std::ptrdiff_t r = 0; r < rows; ++r)
      for (std::ptrdiff_t c = 0; c < columns; ++c)
        packed[r * width + c] = float_at(from.source, (first_row + r) * from.row_stride + first_column + c,
                                         first_row + r, first_column + c);
  else
    for (std::ptrdiff_t c = 0; c < columns; ++c)
      for (std::ptrdiff_t r = 0; r < rows; ++r) packed[r * width + c] = from(first_row + r, first_column + c);
}

/// All columns of a part of `from`, panel behind panel.
template <class Batch, class Source>
void pack_panels(float_matrix<Source> const& from, std::ptrdiff_t first_row, std::ptrdiff_t first_column,
                 std::ptrdiff_t rows, std::ptrdiff_t columns, float* packed) noexcept {
  for (std::ptrdiff_t c = 0; c < columns; c += panel_columns<Batch>) {
    std::ptrdiff_t const left = columns - c < panel_columns<Batch> ? columns - c : panel_columns<Batch>;
    pack_panel(from, first_row, first_column + c, rows, left, panel_width<Batch>(left), packed + c * rows);
  }
}

}  // namespace dyadic::kernel
