#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <dyadic/core/exact.hpp>
#include <dyadic/kernel/statistics.hpp>
#include <dyadic/layer/code_output.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

/// Per-channel straight lines from accumulators to reals: before batch norm slope * accumulator + intercept,
/// behind it gain * that + offset (without batch norm gain is 1 and offset the bias).
template <std::size_t Channels> struct channel_lines {
  double slope[Channels];
  double intercept[Channels];
  double gain[Channels];
  double offset[Channels];
};

/// Moves a running statistic towards a batch's, by the pass's share or else by the layer's momentum.
inline void move_statistics(pass const& p, std::size_t count, float momentum, float const* latest,
                            float* running) noexcept {
  float const share = p.statistics_share > 0 ? p.statistics_share : 1 - momentum;
  for (std::size_t i = 0; i < count; ++i)
    running[i] = share >= 1 ? latest[i] : running[i] + share * (latest[i] - running[i]);
}

/// What a stage does between its integer accumulators and its output codes, forward and backward: batch norm
/// or bias, activation, observation and rounding. `Layout` says where gamma, beta, mean and variance (or the
/// bias) are.
template <std::size_t Channels, class Layout, class Norm, class Finish> struct code_line {
  using lines = channel_lines<Channels>;
  using range = typename Finish::range;
  using grid = typename Finish::grid;
  static constexpr bool normed = Norm::present;

  /// Statistics that a forward pass used, kept for the backward pass.
  struct moments {
    float* mean;
    float* variance;
  };

  /// Gain and offset in correctly rounded operations: training, evaluation and deployment share them.
  static void settle(float const* parameters, float const* mean, float const* variance, lines& l) noexcept {
    for (std::size_t i = 0; i < Channels; ++i) {
      if constexpr (normed) {
        double const deviation = exact::square_root(exact::add(double{variance[i]}, double{Norm::epsilon}));
        l.gain[i] = exact::divide(double{parameters[Layout::gamma + i]}, deviation);
        l.offset[i] = exact::subtract(double{parameters[Layout::beta + i]},
                                      exact::multiply(l.gain[i], double{mean[i]}));
      } else {
        l.gain[i] = 1;
        l.offset[i] = double{parameters[Layout::bias + i]};
      }
    }
  }

  /// The statistics that this pass uses: the batch's, which then move the running ones, or the running ones.
  template <class Sum>
  static void take_moments(pass const& p, float* parameters, lines const& l,
                           kernel::statistics_of<Sum> const& seen, std::size_t rows,
                           moments const& used) noexcept {
    if constexpr (normed) {
      if (!p.batch_statistics) {
        for (std::size_t i = 0; i < Channels; ++i) {
          used.mean[i] = parameters[Layout::mean + i];
          used.variance[i] = parameters[Layout::variance + i];
        }
        return;
      }
      auto const count = static_cast<double>(rows);
      for (std::size_t i = 0; i < Channels; ++i) {
        double const mean = static_cast<double>(seen.sum[i]) / count;
        double const variance = seen.sum_of_squares[i] / count - mean * mean;
        used.mean[i] = static_cast<float>(l.slope[i] * mean + l.intercept[i]);
        used.variance[i] = static_cast<float>(variance > 0 ? l.slope[i] * l.slope[i] * variance : 0);
      }
      move_statistics(p, Channels, Norm::momentum, used.mean, parameters + Layout::mean);
      move_statistics(p, Channels, Norm::momentum, used.variance, parameters + Layout::variance);
    }
  }

  /// Statistics of all accumulators. `seen` is room for those of `statistics_blocks(rows)` blocks of rows.
  template <class Sum>
  static void see(pass const& p, Sum const* accumulators, std::size_t rows,
                  kernel::statistics_of<Sum> const& seen) noexcept {
    std::size_t const blocks = kernel::statistics_blocks(rows);
    p.split(blocks, [&](work_part part) {
      for (std::size_t b = part.first; b < part.first + part.count; ++b) {
        std::size_t const first = b * kernel::statistics_rows, left = rows - first;
        kernel::statistics(kernel::native{}, accumulators + first * Channels,
                           left < kernel::statistics_rows ? left : kernel::statistics_rows, Channels,
                           seen.from(b * Channels));
      }
    });
    for (std::size_t b = 1; b < blocks; ++b) kernel::add_statistics(seen.from(b * Channels), Channels, seen);
  }

  /// Shows the range rule this batch's reals behind the activation. `values` is room for them all.
  template <class Sum>
  static void observe(lines const& l, kernel::statistics_of<Sum> const& seen, Sum const* accumulators,
                      std::size_t rows, [[maybe_unused]] float* values, float* state) noexcept {
    whole const w{l};
    finite_bounds all;
    for (std::size_t i = 0; i < Channels; ++i) {
      all.add(Finish::activate(w(i, seen.minimum[i])));
      all.add(Finish::activate(w(i, seen.maximum[i])));
    }
    observation shown{all.low, all.high, nullptr, rows * Channels};
    if constexpr (asks_for_values<range>) {
      if (range::needs_values(state)) {
        for (std::size_t row = 0; row < rows; ++row)
          for (std::size_t i = 0; i < Channels; ++i)
            values[row * Channels + i] = Finish::activate(w(i, accumulators[row * Channels + i]));
        shown.values = values;
      }
    }
    range::template observe<grid>(state, shown);
  }

  /// dy becomes the gradient before activation and rounding; a learned range gets its own, one grid for
  /// `features` numbers. `inside` is the mask that was made with the codes.
  template <class Sum>
  static void through_output(pass const& p, lines const& l, code_grid out, Sum const* accumulators,
                             std::uint8_t const* inside, std::size_t rows, std::size_t features, float* dy,
                             [[maybe_unused]] float const* state,
                             [[maybe_unused]] float* range_gradients) noexcept {
    if constexpr (Finish::mask_is_enough) {
      p.split(rows, [&](work_part part) {
        for (std::size_t i = part.first * Channels; i < (part.first + part.count) * Channels; ++i)
          dy[i] = inside[i] != 0 ? dy[i] : 0.0F;
      });
    } else {
      whole const w{l};
      typename Finish::backward_pass through{out, features};
      for (std::size_t row = 0; row < rows; ++row) {
        float values[Channels];
        for (std::size_t i = 0; i < Channels; ++i) values[i] = w(i, accumulators[row * Channels + i]);
        through(values, dy + row * Channels, Channels);
      }
      through.learn(state, range_gradients);
    }
  }

  /// Floats that `through_norm` needs.
  static constexpr std::size_t norm_sums(std::size_t rows) noexcept {
    return normed ? 2 * Channels * blocks_of(rows) : 0;
  }

  /// dy becomes the gradient before the batch norm; gamma and beta get theirs. Normalized values come from
  /// the accumulators, also where the code was clipped. `sums` is room for `norm_sums(rows)` floats.
  template <class Sum>
  static void through_norm(pass const& p, lines const& l, moments const& used, Sum const* accumulators,
                           std::size_t rows, float* gradients, float* dy, float* sums) noexcept {
    normalizing const n{l, used};
    std::size_t const blocks = blocks_of(rows);
    p.split(blocks, [&](work_part part) {
      for (std::size_t b = part.first; b < part.first + part.count; ++b) {
        float sum[Channels]{}, product[Channels]{};
        for (std::size_t row = b * block; row < rows && row < (b + 1) * block; ++row) {
          float const* const d = dy + row * Channels;
          Sum const* const a = accumulators + row * Channels;
          for (std::size_t i = 0; i < Channels; ++i) {
            sum[i] += d[i];
            product[i] += d[i] * n(i, a[i]);
          }
        }
        for (std::size_t i = 0; i < Channels; ++i) {
          sums[2 * b * Channels + i] = sum[i];
          sums[(2 * b + 1) * Channels + i] = product[i];
        }
      }
    });
    double total[Channels]{}, total_product[Channels]{};
    for (std::size_t b = 0; b < blocks; ++b)
      for (std::size_t i = 0; i < Channels; ++i) {
        total[i] += double{sums[2 * b * Channels + i]};
        total_product[i] += double{sums[(2 * b + 1) * Channels + i]};
      }
    float sum[Channels], product[Channels], gain[Channels];
    auto const count = static_cast<double>(rows);
    for (std::size_t i = 0; i < Channels; ++i) {
      gradients[Layout::beta + i] += static_cast<float>(total[i]);
      gradients[Layout::gamma + i] += static_cast<float>(total_product[i]);
      gain[i] = static_cast<float>(l.gain[i]);
      sum[i] = p.batch_statistics ? static_cast<float>(total[i] / count) : 0.0F;
      product[i] = p.batch_statistics ? static_cast<float>(total_product[i] / count) : 0.0F;
    }
    p.split(rows, [&](work_part part) {
      for (std::size_t row = part.first; row < part.first + part.count; ++row) {
        float* const d = dy + row * Channels;
        Sum const* const a = accumulators + row * Channels;
        for (std::size_t i = 0; i < Channels; ++i) d[i] = gain[i] * (d[i] - sum[i] - n(i, a[i]) * product[i]);
      }
    });
  }

 private:
  static constexpr std::size_t block = 128;  ///< rows that are summed in floats, before doubles
  static constexpr std::size_t blocks_of(std::size_t rows) noexcept { return (rows + block - 1) / block; }

  /// From an accumulator to the real before the activation, in floats.
  struct whole {
    float slope[Channels];
    float intercept[Channels];
    explicit whole(lines const& l) noexcept {
      for (std::size_t i = 0; i < Channels; ++i) {
        slope[i] = static_cast<float>(l.gain[i] * l.slope[i]);
        intercept[i] = static_cast<float>(l.gain[i] * l.intercept[i] + l.offset[i]);
      }
    }
    template <class Sum> float operator()(std::size_t i, Sum accumulator) const noexcept {
      return slope[i] * static_cast<float>(accumulator) + intercept[i];
    }
  };

  /// From an accumulator to the normalized value.
  struct normalizing {
    float slope[Channels];
    float shift[Channels];
    normalizing(lines const& l, moments const& used) noexcept {
      for (std::size_t i = 0; i < Channels; ++i) {
        double const deviation = __builtin_sqrt(double{used.variance[i]} + double{Norm::epsilon});
        slope[i] = static_cast<float>(l.slope[i] / deviation);
        shift[i] = static_cast<float>((l.intercept[i] - double{used.mean[i]}) / deviation);
      }
    }
    template <class Sum> float operator()(std::size_t i, Sum accumulator) const noexcept {
      return slope[i] * static_cast<float>(accumulator) + shift[i];
    }
  };
};

}  // namespace dyadic
