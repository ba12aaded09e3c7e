#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <dyadic/core/exact.hpp>
#include <dyadic/kernel/elementwise.hpp>
#include <dyadic/kernel/flags.hpp>
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

  /// Does the backward pass read accumulators, or is it enough to know which codes were clipped?
  static constexpr bool reads_accumulators = normed || !Finish::mask_is_enough;

  /// What `finish_codes` leaves for the backward pass: a bit a code, 1 where it was not clipped, and
  /// accumulators of 16 bits, each channel's times its unit, which is 1 where they all fit.
  struct kept {
    std::uint8_t* inside = nullptr;
    std::int16_t* numbers = nullptr;
    float* units = nullptr;

    static kept take(carver& carve, std::size_t rows) noexcept {
      return {take_inside(carve, rows).inside,
              carve.take<std::int16_t>(reads_accumulators ? rows * Channels : 0),
              carve.take<float>(reads_accumulators ? Channels : 0)};
    }
    /// The bits alone, where the backward pass has the accumulators from elsewhere.
    static kept take_inside(carver& carve, std::size_t rows) noexcept {
      return {carve.take<std::uint8_t>(Finish::mask_is_enough ? rows * row_bytes : 0), nullptr, nullptr};
    }
  };
  /// Accumulators as a backward pass reads them: number times the channel's unit, or the numbers themselves.
  template <class Number> struct accumulated {
    Number const* numbers;
    float const* units = nullptr;
  };

  /// The units of the accumulators that are kept, from statistics of all of them.
  template <class Sum>
  static void place_units(kernel::statistics_of<Sum> const& seen, kept const& to) noexcept {
    constexpr float largest = 32766;  // half a unit below the largest number, and rounded
    for (std::size_t i = 0; i < Channels; ++i) {
      auto const low = -static_cast<float>(seen.minimum[i]), high = static_cast<float>(seen.maximum[i]);
      float const magnitude = low > high ? low : high;
      to.units[i] = magnitude > largest ? magnitude / largest : 1;
    }
  }

  /// Accumulators to codes, and where there is room in `to` what the backward pass reads.
  template <class Sum, class Output, class Code>
  static void finish_codes(pass const& p, Sum const* accumulators, std::size_t rows, Output const& output,
                           Code* y, kept const& to) noexcept {
    constexpr kernel::native arch{};
    for_each_run(p, rows, [&](std::size_t, std::size_t first, std::size_t count) {
      std::size_t const from = first * Channels;
      if constexpr (Finish::mask_is_enough) {
        std::uint8_t flags[run_rows * Channels];
        kernel::apply_output(arch, accumulators + from, count, Channels, output, y + from,
                             to.inside == nullptr ? nullptr : flags);
        if (to.inside != nullptr) pack_rows(flags, count, to.inside + first * row_bytes);
      } else {
        kernel::apply_output(arch, accumulators + from, count, Channels, output, y + from);
      }
      if (reads_accumulators && to.numbers != nullptr)
        narrow(accumulators + from, count, to.units, to.numbers + from);
    });
  }

  /// What backward passes over runs of rows sum: `through_output` needs so many.
  using range_sums = typename Finish::backward_pass;
  static constexpr std::size_t sums_of_range(std::size_t rows) noexcept {
    return Finish::mask_is_enough ? 0 : runs_of(rows);
  }

  /// dy becomes the gradient before activation and rounding; a learned range gets its own, one grid for
  /// `features` numbers. `of_runs` is room for `sums_of_range(rows)` of their sums.
  template <class Number>
  static void through_output(pass const& p, lines const& l, code_grid out,
                             [[maybe_unused]] accumulated<Number> const& sums,
                             [[maybe_unused]] std::uint8_t const* inside, std::size_t rows,
                             [[maybe_unused]] std::size_t features, float* dy,
                             [[maybe_unused]] float const* state, [[maybe_unused]] float* range_gradients,
                             [[maybe_unused]] range_sums* of_runs) noexcept {
    if constexpr (Finish::mask_is_enough) {
      p.split(rows, [&](work_part part) {
        keep_inside(inside + part.first * row_bytes, part.count, dy + part.first * Channels);
      });
    } else {
      whole const w{l, sums.units};
      for_each_run(p, rows, [&](std::size_t run, std::size_t first, std::size_t count) {
        float values[run_rows * Channels];
        Number const* const a = sums.numbers + first * Channels;
        for (std::size_t row = 0; row < count * Channels; row += Channels)
          for (std::size_t i = 0; i < Channels; ++i) values[row + i] = w(i, a[row + i]);
        range_sums through{out, features};
        through(values, dy + first * Channels, count * Channels);
        of_runs[run] = through;
      });
      range_sums all{out, features};
      for (std::size_t run = 0; run < runs_of(rows); ++run) all.add(of_runs[run]);
      all.learn(state, range_gradients);
    }
  }

  /// Floats that `through_norm` needs.
  static constexpr std::size_t norm_sums(std::size_t rows) noexcept {
    return normed ? 2 * Channels * blocks_of(rows) : 0;
  }

  /// dy becomes the gradient before the batch norm; gamma and beta get theirs. Normalized values come from
  /// the accumulators, also where the code was clipped. `sums` is room for `norm_sums(rows)` floats.
  template <class Number>
  static void through_norm(pass const& p, lines const& l, moments const& used,
                           accumulated<Number> const& from, std::size_t rows, float* gradients, float* dy,
                           float* sums) noexcept {
    normalizing const n{l, used, from.units};
    std::size_t const blocks = blocks_of(rows);
    p.split(blocks, [&](work_part part) {
      for (std::size_t b = part.first; b < part.first + part.count; ++b) {
        float sum[Channels]{}, product[Channels]{};
        for (std::size_t row = b * block; row < rows && row < (b + 1) * block; ++row) {
          float const* const d = dy + row * Channels;
          Number const* const a = from.numbers + row * Channels;
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
        Number const* const a = from.numbers + row * Channels;
        for (std::size_t i = 0; i < Channels; ++i) d[i] = gain[i] * (d[i] - sum[i] - n(i, a[i]) * product[i]);
      }
    });
  }

 private:
  static constexpr std::size_t row_bytes = kernel::flag_bytes(Channels);

  static void pack_rows(std::uint8_t const* flags, std::size_t rows, std::uint8_t* bits) noexcept {
    if constexpr (Channels % 8 == 0) return kernel::pack_flags(flags, rows * Channels, bits);
    for (std::size_t row = 0; row < rows; ++row)
      kernel::pack_flags(flags + row * Channels, Channels, bits + row * row_bytes);
  }
  static void keep_inside(std::uint8_t const* bits, std::size_t rows, float* dy) noexcept {
    if constexpr (Channels % 8 == 0) return kernel::keep_flagged(bits, rows * Channels, dy);
    for (std::size_t row = 0; row < rows; ++row)
      kernel::keep_flagged(bits + row * row_bytes, Channels, dy + row * Channels);
  }
  template <class Sum>
  static void narrow(Sum const* accumulators, std::size_t rows, float const* units,
                     std::int16_t* to) noexcept {
    float per_unit[Channels];
    for (std::size_t i = 0; i < Channels; ++i) per_unit[i] = 1 / units[i];
    for (std::size_t row = 0; row < rows * Channels; row += Channels)
      for (std::size_t i = 0; i < Channels; ++i) {
        float const number = static_cast<float>(accumulators[row + i]) * per_unit[i];
        to[row + i] = static_cast<std::int16_t>(number + (number < 0 ? -0.5F : 0.5F));
      }
  }
  static double unit_of(float const* units, std::size_t channel) noexcept {
    return units == nullptr ? 1 : double{units[channel]};
  }

  /// Rows that are turned into reals or flags together, about a thousand numbers.
  static constexpr std::size_t run_rows = Channels < 1024 ? 1024 / Channels : 1;
  static constexpr std::size_t runs_of(std::size_t rows) noexcept { return (rows + run_rows - 1) / run_rows; }
  /// Calls `call(run, first row, rows)`; threads share the runs.
  template <class Call> static void for_each_run(pass const& p, std::size_t rows, Call const& call) noexcept {
    p.split(runs_of(rows), [&](work_part part) {
      for (std::size_t run = part.first; run < part.first + part.count; ++run) {
        std::size_t const first = run * run_rows, left = rows - first;
        call(run, first, left < run_rows ? left : run_rows);
      }
    });
  }

  static constexpr std::size_t block = 128;  ///< rows that are summed in floats, before doubles
  static constexpr std::size_t blocks_of(std::size_t rows) noexcept { return (rows + block - 1) / block; }

  /// From an accumulator to the real before the activation, in floats.
  struct whole {
    float slope[Channels];
    float intercept[Channels];
    explicit whole(lines const& l, float const* units = nullptr) noexcept {
      for (std::size_t i = 0; i < Channels; ++i) {
        slope[i] = static_cast<float>(l.gain[i] * l.slope[i] * unit_of(units, i));
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
    normalizing(lines const& l, moments const& used, float const* units) noexcept {
      for (std::size_t i = 0; i < Channels; ++i) {
        double const deviation = __builtin_sqrt(double{used.variance[i]} + double{Norm::epsilon});
        slope[i] = static_cast<float>(l.slope[i] * unit_of(units, i) / deviation);
        shift[i] = static_cast<float>((l.intercept[i] - double{used.mean[i]}) / deviation);
      }
    }
    template <class Sum> float operator()(std::size_t i, Sum accumulator) const noexcept {
      return slope[i] * static_cast<float>(accumulator) + shift[i];
    }
  };
};

}  // namespace dyadic
