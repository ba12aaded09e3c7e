#include <dyadic/layer/code_table.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <type_traits>

#include <dyadic/kernel/softmax.hpp>
#include <dyadic/quantize/grid.hpp>

// Reading beside an array is no constant expression: what holds below reads none.

using namespace dyadic;

namespace {

/// Do all numbers of the element give what the nearest code of the grid gives?
template <class Grid> constexpr bool reads_only_the_table() {
  using in = coded_by<typename Grid::grid>;
  using table = std::conditional_t<(in::bits <= 8), whole_table<in, affine<8>::grid>,
                                   interpolated_table<in, affine<8>::grid>>;
  using limits = std::numeric_limits<typename in::element>;
  for (int const zero : {in::low, 0, in::high}) {
    code_grid const where{0.25F, zero};
    float values[table::count]{};
    for (std::size_t i = 0; i < table::count; ++i) values[i] = table::node(i, where) / 4;
    typename table::slot slot{};
    table::fill(slot, values, where, {1.0F, 0});
    for (int beyond = 0; beyond <= limits::max() - in::high && beyond < 300; ++beyond)
      if (table::look_up(slot, in::high + beyond) != table::look_up(slot, in::high)) return false;
    for (int beyond = 0; beyond <= in::low - limits::min() && beyond < 300; ++beyond)
      if (table::look_up(slot, in::low - beyond) != table::look_up(slot, in::low)) return false;
    if (table::look_up(slot, limits::min()) != table::look_up(slot, in::low)) return false;
    if (table::look_up(slot, limits::max()) != table::look_up(slot, in::high)) return false;
  }
  return true;
}

struct bounds {
  int zero, low, high;
};

template <int Bits, class Code> constexpr bool softmax_reads_only_its_tables() {
  kernel::exponentials<Bits, 3> exponential{};
  exponential.fit(0.5F);
  Code const beyond[3] = {std::numeric_limits<Code>::min(), 0, std::numeric_limits<Code>::max()};
  Code codes[3]{};
  kernel::softmax(kernel::reference{}, 1, 3, exponential, kernel::share_steps::fit(0.5F, 0x1p-8F),
                  bounds{-128, -128, 127}, beyond, codes);
  if (codes[0] != -128 || codes[2] != 127) return false;
  kernel::softmax(kernel::reference{}, 1, 3, exponential, kernel::log_share_steps::fit(0.5F, 0.125F),
                  bounds{127, -128, 127}, beyond, codes);
  return codes[0] == -128 && codes[2] == 127;
}

}  // namespace

TEST_CASE("numbers that are no code of the input's grid are read as the nearest code") {
  static_assert(reads_only_the_table<symmetric<8>>());
  static_assert(reads_only_the_table<symmetric<4>>());
  static_assert(reads_only_the_table<affine<2>>());
  static_assert(reads_only_the_table<symmetric<16>>());
  static_assert(reads_only_the_table<affine<10>>());
  CHECK(reads_only_the_table<symmetric<8>>());
}

TEST_CASE("differences of codes that a grid does not have count as its largest in softmax") {
  static_assert(softmax_reads_only_its_tables<8, std::int8_t>());
  static_assert(softmax_reads_only_its_tables<4, std::int8_t>());
  static_assert(softmax_reads_only_its_tables<12, std::int16_t>());
  CHECK(softmax_reads_only_its_tables<4, std::int8_t>());
}
