#pragma once

#include <cstddef>
#include <type_traits>

#include <dyadic/core/workers.hpp>
#include <dyadic/kernel/float_arch.hpp>

namespace dyadic::kernel {

/// One float with the interface of a batch, for the elements behind the last whole vector.
struct float_single {
  static constexpr std::size_t size = 1;
  float lane;

  float_single() = default;
  float_single(float value) noexcept : lane{value} {}
  static float_single load_unaligned(float const* from) noexcept { return *from; }
  void store_unaligned(float* to) const noexcept { *to = lane; }

  friend float_single operator+(float_single a, float_single b) noexcept { return a.lane + b.lane; }
  friend float_single operator-(float_single a, float_single b) noexcept { return a.lane - b.lane; }
  friend float_single operator*(float_single a, float_single b) noexcept { return a.lane * b.lane; }
};
inline float_single select_less(float_single a, float_single b, float_single yes, float_single no) noexcept {
  return a.lane < b.lane ? yes : no;
}

/// Calls visit(std::type_identity<Batch>{}, first) for consecutive blocks of `count` elements: vectors of
/// `Arch`, then of four elements, then single ones.
template <class Arch, class Visit> void for_each_block(std::ptrdiff_t count, Visit visit) noexcept {
  std::ptrdiff_t first = 0;
  auto const walk = [&]<class Batch>(std::type_identity<Batch> batch) {
    constexpr auto width = static_cast<std::ptrdiff_t>(Batch::size);
    for (; count - first >= width; first += width) visit(batch, first);
  };
  walk(std::type_identity<float_batch<Arch>>{});
  if constexpr (float_batch<Arch>::size > float_array::size) walk(std::type_identity<float_array>{});
  walk(std::type_identity<float_single>{});
}

/// Rows that are summed in float, before their sum is added in double.
inline constexpr std::ptrdiff_t rows_of_run = 128;

/// Who shares the rows of a sum, and where they leave its parts: `room(rows)` floats.
struct shared_rows {
  workers* by = nullptr;
  float* sums = nullptr;

  static constexpr std::size_t room(std::size_t rows) noexcept { return (rows / rows_of_run + 1) * 2 * 16; }
};

/// The sums over `rows` rows of `Count` batches, which term(row, batches) adds a row to: in float over a run
/// of rows, in double over the runs. `sums` receives Count * Batch::size doubles.
template <class Batch, int Count, class Term>
void sum_rows(std::ptrdiff_t rows, double* sums, Term term, shared_rows shared = {}) noexcept {
  constexpr int chains = 4;  // additions that do not wait for one another
  constexpr std::size_t width = Count * Batch::size;
  auto const sum_run = [&](std::ptrdiff_t first, float* total) {
    std::ptrdiff_t const end = rows - first < rows_of_run ? rows : first + rows_of_run;
    Batch part[chains][Count];
    for (int i = 0; i < chains; ++i)
      for (int j = 0; j < Count; ++j) part[i][j] = Batch(0.0f);
    std::ptrdiff_t r = first;
    for (; end - r >= chains; r += chains)
#pragma GCC unroll 4
      for (int i = 0; i < chains; ++i) term(r + i, part[i]);
    for (; r < end; ++r) term(r, part[0]);
    for (int j = 0; j < Count; ++j)
      ((part[0][j] + part[1][j]) + (part[2][j] + part[3][j]))
          .store_unaligned(total + static_cast<std::size_t>(j) * Batch::size);
  };
  auto const add = [&](float const* total) {
    for (std::size_t i = 0; i < width; ++i) sums[i] += static_cast<double>(total[i]);
  };
  for (std::size_t i = 0; i < width; ++i) sums[i] = 0;
  auto const runs = static_cast<std::size_t>((rows + rows_of_run - 1) / rows_of_run);
  bool const alone = shared.by == nullptr;
  for_each_part(shared.by, runs, 1, [&](work_part part) {
    for (std::size_t run = part.first; run < part.first + part.count; ++run) {
      float total[width];
      float* const to = alone ? total : shared.sums + run * width;
      sum_run(static_cast<std::ptrdiff_t>(run) * rows_of_run, to);
      if (alone) add(to);
    }
  });
  for (std::size_t run = 0; !alone && run < runs; ++run) add(shared.sums + run * width);
}

/// Calls call(row) for all rows.
template <class Call>
void for_each_row(std::ptrdiff_t rows, shared_rows const& shared, Call const& call) noexcept {
  for_each_part(shared.by, static_cast<std::size_t>(rows), 1, [&](work_part part) {
    auto const first = static_cast<std::ptrdiff_t>(part.first);
    for (std::ptrdiff_t row = first; row < first + static_cast<std::ptrdiff_t>(part.count); ++row) call(row);
  });
}

}  // namespace dyadic::kernel
