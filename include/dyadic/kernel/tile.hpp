#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <dyadic/kernel/dot.hpp>
#include <dyadic/kernel/pack.hpp>
#include <dyadic/kernel/unroll.hpp>

namespace dyadic::kernel {

/// What all tiles of one matmul share.
struct tile_walk {
  std::size_t segments, units;    ///< units of 4 inputs in a segment
  std::ptrdiff_t segment_stride;  ///< in elements of x
  std::size_t block_bytes;        ///< of weights, from one block of 16 outputs to the next
  std::size_t segments_per_line;  ///< as in `matmul_shape`
  std::ptrdiff_t line_gap;
};

/// The distances of the segments from the first, one after the other.
class segment_walk {
 public:
  explicit segment_walk(tile_walk const& walk) noexcept : walk_(walk), left_(walk.segments_per_line) {}

  std::ptrdiff_t next() noexcept {
    std::ptrdiff_t const offset = next_;
    next_ += walk_.segment_stride;
    if (--left_ == 0) {  // never where no line ends
      left_ = walk_.segments_per_line;
      next_ += walk_.line_gap;
    }
    return offset;
  }

 private:
  tile_walk const& walk_;
  std::ptrdiff_t next_ = 0;
  std::size_t left_;
};

/// What a tile does with its sums: stores them, a row behind the other.
template <class Dot> struct stored_sums {
  std::int32_t* to;

  template <std::size_t Rows, std::size_t Blocks, std::size_t Registers>
  [[gnu::always_inline]] void operator()(
      typename Dot::sums const (&sums)[Rows][Blocks][Registers]) const noexcept {
    DYADIC_UNROLL for (std::size_t r = 0; r < Rows; ++r)
        DYADIC_UNROLL for (std::size_t b = 0; b < Blocks; ++b)
            DYADIC_UNROLL for (std::size_t i = 0; i < Registers; ++i)
                Dot::store(sums[r][b][i], to + (r * Blocks + b) * unit_outputs + i * Dot::width);
  }
};

/// A panel's unpacked weights for `accumulate_gathered`.
template <class Arch, std::size_t Blocks> struct gathered_weights {
  typename dot_product<Arch>::weight units[most_gathered_units][Blocks][dot_product<Arch>::registers];

  template <int StorageBits> void load(std::size_t count, std::uint8_t const* packed) noexcept {
    for (std::size_t b = 0; b < Blocks; ++b)
      for (std::size_t unit = 0; unit < count; ++unit, packed += unit_bytes<StorageBits>)
        dot_product<Arch>::template load<StorageBits>(packed, units[unit][b]);
  }
};

/// `accumulate_tile` of gathered rows, one behind the other.
template <class Arch, std::size_t Rows, std::size_t Blocks, class Finish>
[[gnu::noinline]] void accumulate_gathered(std::size_t units, std::int8_t const* rows,
                                           gathered_weights<Arch, Blocks> const& weights,
                                           std::int32_t const* initial, Finish const& finish) noexcept {
  using dot = dot_product<Arch>;
  using gathered = gathered_rows<Arch>;
  constexpr std::size_t registers = dot::registers;
  typename dot::sums sum[Rows][Blocks][registers];
  DYADIC_UNROLL for (std::size_t r = 0; r < Rows; ++r) DYADIC_UNROLL for (std::size_t b = 0; b < Blocks; ++b)
      DYADIC_UNROLL for (std::size_t i = 0; i < registers; ++i) sum[r][b][i] =
          dot::start(initial + b * unit_outputs + i * dot::width);
  for (std::size_t unit = 0; unit < units; ++unit) {
    auto const& weight = weights.units[unit];
    DYADIC_UNROLL for (std::size_t r = 0; r < Rows; ++r) {
      typename dot::activation const activation = gathered::broadcast(rows + r * gathered::row_bytes, unit);
      DYADIC_UNROLL for (std::size_t b = 0; b < Blocks; ++b)
          DYADIC_UNROLL for (std::size_t i = 0; i < registers; ++i) sum[r][b][i] =
              dot::dot4(sum[r][b][i], activation, weight[b][i]);
    }
    DYADIC_UNROLL for (std::size_t r = 0; r < Rows; ++r)
        DYADIC_UNROLL for (std::size_t b = 0; b < Blocks; ++b)
            DYADIC_UNROLL for (std::size_t i = 0; i < registers; ++i) dot::tie(sum[r][b][i]);
  }
  finish(sum);
}

/// initial[Blocks * 16] + the dot products of Rows rows with Blocks blocks of outputs, for `finish`, which is
/// called with registers of sums: [Rows][Blocks][registers].
template <class Arch, int StorageBits, std::size_t Rows, std::size_t Blocks, class Finish>
[[gnu::noinline]] void accumulate_tile(tile_walk const& walk, std::int8_t const* const* rows,
                                       std::uint8_t const* weights, std::int32_t const* initial,
                                       Finish const& finish) noexcept {
  using dot = weighted_dot_product<Arch, StorageBits>;
  constexpr std::size_t registers = dot::registers;
  typename dot::sums sum[Rows][Blocks][registers];
  DYADIC_UNROLL for (std::size_t r = 0; r < Rows; ++r) DYADIC_UNROLL for (std::size_t b = 0; b < Blocks; ++b)
      DYADIC_UNROLL for (std::size_t i = 0; i < registers; ++i) sum[r][b][i] =
          dot::start(initial + b * unit_outputs + i * dot::width);

  std::int8_t const* x[Rows];
  segment_walk segments(walk);
  for (std::size_t segment = 0; segment < walk.segments; ++segment) {
    std::ptrdiff_t const offset = segments.next();
    DYADIC_UNROLL for (std::size_t r = 0; r < Rows; ++r) x[r] = rows[r] + offset;
    for (std::size_t k = 0; k < walk.units; ++k) {
      typename dot::weight weight[Blocks][registers];
      DYADIC_UNROLL for (std::size_t b = 0; b < Blocks; ++b)
          dot::template load<StorageBits>(weights + b * walk.block_bytes, weight[b]);
      weights += unit_bytes<StorageBits>;
      DYADIC_UNROLL for (std::size_t r = 0; r < Rows; ++r) {
        typename dot::activation const activation = dot::broadcast(x[r] + k * unit_inputs);
        DYADIC_UNROLL for (std::size_t b = 0; b < Blocks; ++b)
            DYADIC_UNROLL for (std::size_t i = 0; i < registers; ++i) sum[r][b][i] =
                dot::dot4(sum[r][b][i], activation, weight[b][i]);
      }
      DYADIC_UNROLL for (std::size_t r = 0; r < Rows; ++r)
          DYADIC_UNROLL for (std::size_t b = 0; b < Blocks; ++b)
              DYADIC_UNROLL for (std::size_t i = 0; i < registers; ++i) dot::tie(sum[r][b][i]);
    }
  }

  finish(sum);
}

/// The sums of `Groups` groups of `Product::rows` rows with Blocks blocks of outputs, in steps of several
/// units; the last step of a segment is filled up by units of zeros.
template <class Product, int StorageBits, std::size_t Groups, std::size_t Blocks>
[[gnu::always_inline]] inline void accumulate_steps(
    tile_walk const& walk, std::int8_t const* const* rows, std::uint8_t const* weights,
    std::int32_t const* initial, typename Product::sums (&sum)[Groups][Blocks][Product::registers]) noexcept {
  constexpr std::size_t registers = Product::registers, step_bytes = Product::units * unit_bytes<StorageBits>;
  DYADIC_UNROLL for (std::size_t g = 0; g < Groups; ++g)
      DYADIC_UNROLL for (std::size_t b = 0; b < Blocks; ++b)
          DYADIC_UNROLL for (std::size_t i = 0; i < registers; ++i) sum[g][b][i] =
              Product::start(initial + b * unit_outputs + i * Product::width);

  std::int8_t const* x[Groups][Product::rows];
  auto const step = [&](std::uint8_t const* from, std::size_t block_bytes) __attribute__((always_inline)) {
    typename Product::activation activation[Groups];
    DYADIC_UNROLL for (std::size_t g = 0; g < Groups; ++g) activation[g] = Product::broadcast(x[g]);
    DYADIC_UNROLL for (std::size_t b = 0; b < Blocks; ++b) {
      typename Product::weight weight[registers];
      Product::template load<StorageBits>(from + b * block_bytes, weight);
      DYADIC_UNROLL for (std::size_t i = 0; i < registers; ++i)
          DYADIC_UNROLL for (std::size_t g = 0; g < Groups; ++g) sum[g][b][i] =
              Product::dot4(sum[g][b][i], activation[g], weight[i]);
    }
    DYADIC_UNROLL for (std::size_t g = 0; g < Groups; ++g)
        DYADIC_UNROLL for (std::size_t b = 0; b < Blocks; ++b)
            DYADIC_UNROLL for (std::size_t i = 0; i < registers; ++i) Product::tie(sum[g][b][i]);
  };
  std::size_t const steps = walk.units / Product::units;
  std::size_t const rest_bytes = walk.units % Product::units * unit_bytes<StorageBits>;
  segment_walk segments(walk);
  for (std::size_t segment = 0; segment < walk.segments; ++segment) {
    std::ptrdiff_t const offset = segments.next();
    DYADIC_UNROLL for (std::size_t g = 0; g < Groups; ++g)
        DYADIC_UNROLL for (std::size_t r = 0; r < Product::rows; ++r) x[g][r] =
            rows[g * Product::rows + r] + offset;
    for (std::size_t k = 0; k < steps; ++k, weights += step_bytes) {
      step(weights, walk.block_bytes);
      DYADIC_UNROLL for (std::size_t g = 0; g < Groups; ++g)
          DYADIC_UNROLL for (std::size_t r = 0; r < Product::rows; ++r) x[g][r] +=
          Product::units * unit_inputs;
    }
    if (rest_bytes != 0) {
      alignas(64) std::uint8_t rest[Blocks][step_bytes]{};
      for (std::size_t b = 0; b < Blocks; ++b)
        __builtin_memcpy(rest[b], weights + b * walk.block_bytes, rest_bytes);
      step(rest[0], step_bytes);
      weights += rest_bytes;
    }
  }
}

/// `accumulate_tile` of one row by `row_dot_product`.
template <class Arch, int StorageBits, std::size_t Blocks>
[[gnu::noinline]] void accumulate_row(tile_walk const& walk, std::int8_t const* row,
                                      std::uint8_t const* weights, std::int32_t const* initial,
                                      std::int32_t* sums) noexcept {
  using dot = row_dot_product<Arch, StorageBits>;
  typename dot::sums sum[1][Blocks][dot::registers];
  accumulate_steps<dot, StorageBits>(walk, &row, weights, initial, sum);
  stored_sums<dot>{sums}(sum);
}

/// `accumulate_tile` by `matrix_product`. A group of rows that is not full is filled up by its last.
template <class Arch, int StorageBits, std::size_t Rows, std::size_t Blocks, class Finish>
[[gnu::noinline]] void accumulate_matrix(tile_walk const& walk, std::int8_t const* const* rows,
                                         std::uint8_t const* weights, std::int32_t const* initial,
                                         Finish const& finish) noexcept {
  using product = matrix_product<Arch>;
  using dot = weighted_dot_product<Arch, StorageBits>;
  constexpr std::size_t groups = (Rows + product::rows - 1) / product::rows;
  std::int8_t const* x[groups * product::rows];
  for (std::size_t r = 0; r < groups * product::rows; ++r) x[r] = rows[r < Rows ? r : Rows - 1];
  typename product::sums sum[groups][Blocks][product::registers];
  accumulate_steps<product, StorageBits>(walk, x, weights, initial, sum);
  typename dot::sums by_row[Rows][Blocks][dot::registers];
  DYADIC_UNROLL for (std::size_t r = 0; r < Rows; ++r) DYADIC_UNROLL for (std::size_t b = 0; b < Blocks; ++b)
      DYADIC_UNROLL for (std::size_t i = 0; i < dot::registers; ++i) by_row[r][b][i] =
          product::of_row(sum[r / product::rows][b], r % product::rows, i);
  finish(by_row);
}

/// The tile of so many rows.
template <class Arch, int StorageBits, std::size_t Rows, std::size_t Blocks, class Finish>
constexpr auto best_tile() noexcept {
  if constexpr (Rows > 1 && StorageBits > 1 && matrix_product<Arch>::exists)
    return &accumulate_matrix<Arch, StorageBits, Rows, Blocks, Finish>;
  else
    return &accumulate_tile<Arch, StorageBits, Rows, Blocks, Finish>;
}

/// `accumulate_tile` for a number of rows known at run time, `LeastRows` to `MostRows`.
template <class Arch, int StorageBits, std::size_t LeastRows, std::size_t MostRows, std::size_t Blocks,
          class Finish>
void accumulate_rows(std::size_t count, tile_walk const& walk, std::int8_t const* const* rows,
                     std::uint8_t const* weights, std::int32_t const* initial,
                     Finish const& finish) noexcept {
  using tile = void (*)(tile_walk const&, std::int8_t const* const*, std::uint8_t const*, std::int32_t const*,
                        Finish const&) noexcept;
  static constexpr auto tiles = []<std::size_t... More>(std::index_sequence<More...>) {
    struct table {
      tile of[sizeof...(More)];
    };
    return table{{best_tile<Arch, StorageBits, LeastRows + More, Blocks, Finish>()...}};
  }(std::make_index_sequence<MostRows - LeastRows + 1>{});
  tiles.of[count - LeastRows](walk, rows, weights, initial, finish);
}

/// Of 1 to `MostRows` rows, to memory: sums[row][Blocks * 16].
template <class Arch, int StorageBits, std::size_t MostRows, std::size_t Blocks>
void accumulate_rows(std::size_t count, tile_walk const& walk, std::int8_t const* const* rows,
                     std::uint8_t const* weights, std::int32_t const* initial, std::int32_t* sums) noexcept {
  using row_dot = row_dot_product<Arch, StorageBits>;
  if constexpr (row_dot::exists)
    if (count == 1 && walk.segments * walk.units * unit_inputs <= row_dot::most_inputs)
      return accumulate_row<Arch, StorageBits, Blocks>(walk, rows[0], weights, initial, sums);
  stored_sums<weighted_dot_product<Arch, StorageBits>> const store{sums};
  accumulate_rows<Arch, StorageBits, 1, MostRows, Blocks>(count, walk, rows, weights, initial, store);
}

/// sums[pixel][16] for `Pixels` pixels of a depthwise convolution and one block of 16 channels, from the
/// weights' units of four taps. Tap t of a pixel is `taps[t]` elements after it; the last unit's `taps` are
/// filled up.
template <class Arch, int StorageBits, std::size_t Pixels>
void accumulate_depthwise(std::size_t units, std::ptrdiff_t const* taps, std::int8_t const* const* pixels,
                          std::uint8_t const* weights, std::int32_t* sums) noexcept {
  using dot = dot_product<Arch>;
  constexpr std::size_t registers = dot::registers;
  alignas(64) std::int32_t const zeros[dot::width]{};
  std::int8_t const no_codes[unit_inputs]{};
  auto const zero_codes = dot::broadcast(no_codes);
  typename dot::sums sum[Pixels][registers], offset[registers];
  DYADIC_UNROLL for (std::size_t i = 0; i < registers; ++i) {
    offset[i] = dot::start(zeros);
    DYADIC_UNROLL for (std::size_t p = 0; p < Pixels; ++p) sum[p][i] = dot::start(zeros);
  }
  for (std::size_t unit = 0; unit < units; ++unit) {
    typename dot::weight weight[registers];
    dot::template load<StorageBits>(weights + unit * unit_bytes<StorageBits>, weight);
    if constexpr (dot::activation_offset != 0)
      DYADIC_UNROLL for (std::size_t i = 0; i < registers; ++i) offset[i] =
          dot::dot4(offset[i], zero_codes, weight[i]);
    std::ptrdiff_t const* const tap = taps + unit * unit_inputs;
    DYADIC_UNROLL for (std::size_t p = 0; p < Pixels; ++p) {
      std::int8_t const* const x[unit_inputs]{pixels[p] + tap[0], pixels[p] + tap[1], pixels[p] + tap[2],
                                              pixels[p] + tap[3]};
      typename dot::per_output activation[registers];
      dot::interleave(x, activation);
      DYADIC_UNROLL for (std::size_t i = 0; i < registers; ++i) sum[p][i] =
          dot::dot4(sum[p][i], activation[i], weight[i]);
    }
  }
  DYADIC_UNROLL for (std::size_t p = 0; p < Pixels; ++p)
      DYADIC_UNROLL for (std::size_t i = 0; i < registers; ++i)
          dot::store(dot::subtract(sum[p][i], offset[i]), sums + p * unit_outputs + i * dot::width);
}

}  // namespace dyadic::kernel
