#pragma once

#include <cstddef>

#include <dyadic/kernel/float_pack.hpp>

/// The product of a few rows with columns whose elements are adjacent: dot products, since packing B would
/// cost more than the product. This is a dense layer's forward pass for a single image.
namespace dyadic::kernel {

/// Rows up to which dot products are the faster way.
inline constexpr std::ptrdiff_t most_dot_rows = 4;

namespace float_detail {

inline constexpr int dot_columns = 4;

// c[0..columns) (+)= the dot products of a with columns of b.
template <class Batch>
void dot_row(std::ptrdiff_t depth, float const* a, float const* b, std::ptrdiff_t b_stride, int columns,
             float* c, bool accumulate) noexcept {
  constexpr auto width = static_cast<std::ptrdiff_t>(Batch::size);
  // Columns that are not there read the last one again.
  float const* from[dot_columns];
  for (int n = 0; n < dot_columns; ++n) from[n] = b + (n < columns ? n : columns - 1) * b_stride;
  Batch sum[dot_columns];
#pragma GCC unroll 4
  for (int n = 0; n < dot_columns; ++n) sum[n] = Batch(0.0f);
  std::ptrdiff_t const whole = depth / width * width;
  for (std::ptrdiff_t k = 0; k < whole; k += width) {
    Batch const element = Batch::load_unaligned(a + k);
#pragma GCC unroll 4
    for (int n = 0; n < dot_columns; ++n)
      sum[n] = multiply_add(element, Batch::load_unaligned(from[n] + k), sum[n]);
#pragma GCC unroll 4
    for (int n = 0; n < dot_columns; ++n) stay_in_register(sum[n]);
  }
  float lanes[dot_columns][Batch::size], quarters[dot_columns][4], turned[4][dot_columns];
#pragma GCC unroll 4
  for (int n = 0; n < dot_columns; ++n) {
    sum[n].store_unaligned(lanes[n]);
    float_array part = float_array::load_unaligned(lanes[n]);
    for (std::size_t i = 4; i < Batch::size; i += 4) part = part + float_array::load_unaligned(lanes[n] + i);
    part.store_unaligned(quarters[n]);
  }
  transpose_block(quarters[0], 4, turned[0], dot_columns);
  float total[dot_columns];
  ((float_array::load_unaligned(turned[0]) + float_array::load_unaligned(turned[1])) +
   (float_array::load_unaligned(turned[2]) + float_array::load_unaligned(turned[3])))
      .store_unaligned(total);
  for (std::ptrdiff_t k = whole; k < depth; ++k)
    for (int n = 0; n < dot_columns; ++n) total[n] += a[k] * from[n][k];
  for (int n = 0; n < columns; ++n) c[n] = accumulate ? c[n] + total[n] : total[n];
}

}  // namespace float_detail

/// C = A * B, or C += A * B: the rows of A and the columns of B are runs of `depth` adjacent floats,
/// `a_stride` and `b_stride` apart.
template <class Batch>
void multiply_by_dot_products(std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t depth,
                              float const* a, std::ptrdiff_t a_stride, float const* b,
                              std::ptrdiff_t b_stride, float* c, std::ptrdiff_t c_stride,
                              bool accumulate) noexcept {
  for (std::ptrdiff_t n = 0; n < columns; n += float_detail::dot_columns) {
    std::ptrdiff_t const left = columns - n;
    for (std::ptrdiff_t m = 0; m < rows; ++m)
      float_detail::dot_row<Batch>(
          depth, a + m * a_stride, b + n * b_stride, b_stride,
          left < float_detail::dot_columns ? static_cast<int>(left) : float_detail::dot_columns,
          c + m * c_stride + n, accumulate);
  }
}

}  // namespace dyadic::kernel
