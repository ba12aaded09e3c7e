#include "dyadic/kernel/float_matmul.hpp"

#include <algorithm>

#include <dyadic/kernel/float_dense.hpp>

#include "float_oracle.hpp"

namespace {

using namespace float_oracle;
namespace kernel = dyadic::kernel;

std::size_t product_of(int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); }

// Where the elements of a rows x columns matrix lie: lines of adjacent elements with a gap behind each.
struct layout {
  int rows, columns, gap;
  bool transposed;

  int line() const { return (transposed ? rows : columns) + gap; }
  std::size_t size() const { return product_of(transposed ? columns : rows, line()); }
  std::size_t operator()(int row, int column) const {
    return product_of(transposed ? column : row, line()) +
           static_cast<std::size_t>(transposed ? row : column);
  }
  int row_stride() const { return transposed ? 1 : line(); }
  int column_stride() const { return transposed ? line() : 1; }
};

struct matmul_case {
  layout a, b, c;
  bool accumulate;
};

matmul_case random_case(generator& random) {
  int const largest = random.integer(0, 3) == 0 ? 300 : 40;
  int const rows = random.integer(1, largest), columns = random.integer(1, largest),
            depth = random.integer(1, largest);
  bool const a_transposed = random.integer(0, 1) == 1, b_transposed = random.integer(0, 1) == 1;
  return {{rows, depth, random.integer(0, 5), a_transposed},
          {depth, columns, random.integer(0, 5), b_transposed},
          {rows, columns, random.integer(0, 5), false},
          random.integer(0, 1) == 1};
}

// The definition; a(m, k) and b(k, n) are the elements.
template <class A, class B> doubles product(matmul_case const& test, A a, B b, floats const& before) {
  doubles expected = widened(before);
  for (int m = 0; m < test.c.rows; ++m)
    for (int n = 0; n < test.c.columns; ++n) {
      double sum = test.accumulate ? expected[test.c(m, n)] : 0.0;
      for (int k = 0; k < test.a.columns; ++k) sum += a(m, k) * b(k, n);
      expected[test.c(m, n)] = sum;
    }
  return expected;
}

template <class Arch, class SourceA, class SourceB>
floats run(Arch arch, matmul_case const& test, SourceA a, SourceB b, floats result) {
  std::ptrdiff_t const size = kernel::float_matmul_workspace(test.c.rows, test.c.columns, test.a.columns);
  floats workspace(static_cast<std::size_t>(size) + 1, 77.0f);
  kernel::float_matmul(arch, test.c.rows, test.c.columns, test.a.columns, a, test.a.row_stride(),
                       test.a.column_stride(), b, test.b.row_stride(), test.b.column_stride(), result.data(),
                       test.c.row_stride(), workspace.data(), test.accumulate);
  CHECK(workspace.back() == 77.0f);
  return result;
}

#define DYADIC_DESCRIBE(seed, test)                                                                     \
  INFO("seed ", seed, ": ", test.c.rows, " x ", test.c.columns, " x ", test.a.columns, ", transposed ", \
       test.a.transposed, test.b.transposed, ", accumulate ", test.accumulate)

TEST_CASE("a float matrix product is exact on small integers, for every shape, stride and transpose") {
  for (unsigned seed = 1; seed <= 80; ++seed) {
    generator random(seed);
    matmul_case const test = random_case(random);
    DYADIC_DESCRIBE(seed, test);
    floats const a = random.integers(test.a.size()), b = random.integers(test.b.size());
    floats const before = random.integers(test.c.size());
    doubles const expected = product(
        test, [&](int m, int k) { return double{a[test.a(m, k)]}; },
        [&](int k, int n) { return double{b[test.b(k, n)]}; }, before);
    for_each_instruction_set(
        [&](auto arch) { CHECK(difference(run(arch, test, a.data(), b.data(), before), expected) == 0); });
  }
}

TEST_CASE("few rows are multiplied exactly too, whatever their number and the order of B") {
  generator random(500);
  for (int rows = 1; rows <= 4; ++rows)
    for (int columns : {1, 3, 4, 9, 33})
      for (int depth : {1, 7, 16, 33, 300})
        for (bool b_transposed : {false, true}) {
          matmul_case const test{{rows, depth, 1, false},
                                 {depth, columns, 2, b_transposed},
                                 {rows, columns, 3, false},
                                 random.integer(0, 1) == 1};
          DYADIC_DESCRIBE(500, test);
          floats const a = random.integers(test.a.size()), b = random.integers(test.b.size());
          floats const before = random.integers(test.c.size());
          doubles const expected = product(
              test, [&](int m, int k) { return double{a[test.a(m, k)]}; },
              [&](int k, int n) { return double{b[test.b(k, n)]}; }, before);
          for_each_instruction_set([&](auto arch) {
            CHECK(difference(run(arch, test, a.data(), b.data(), before), expected) == 0);
          });
        }
}

TEST_CASE("a product of real numbers stays within float rounding of the double result") {
  generator random(7);
  matmul_case const test{{37, 530, 0, false}, {530, 70, 0, true}, {37, 70, 0, false}, false};
  floats const a = random.reals(test.a.size()), b = random.reals(test.b.size());
  doubles const expected = product(
      test, [&](int m, int k) { return double{a[test.a(m, k)]}; },
      [&](int k, int n) { return double{b[test.b(k, n)]}; }, floats(test.c.size()));
  for_each_instruction_set([&](auto arch) {
    CHECK(difference(run(arch, test, a.data(), b.data(), floats(test.c.size())), expected) < 1e-5);
  });
}

TEST_CASE(
    "codes multiply as scale * (code - zero), with a scale of the tensor, of each row or of each column") {
  for (unsigned seed = 100; seed < 130; ++seed) {
    generator random(seed);
    matmul_case const test = random_case(random);
    DYADIC_DESCRIBE(seed, test);
    auto const a = random.codes<std::int16_t>(test.a.size());
    auto const b = random.codes<std::int8_t>(test.b.size());
    floats const row_scales = random.integers(static_cast<std::size_t>(test.b.rows), 2);
    floats const column_scales = random.integers(static_cast<std::size_t>(test.b.columns), 2);
    floats const before = random.integers(test.c.size());
    auto const left = [&](int m, int k) { return 0.5 * (a[test.a(m, k)] - 3); };
    doubles const by_row = product(
        test, left,
        [&](int k, int n) { return b[test.b(k, n)] * double{row_scales[static_cast<std::size_t>(k)]}; },
        before);
    doubles const by_column = product(
        test, left,
        [&](int k, int n) { return b[test.b(k, n)] * double{column_scales[static_cast<std::size_t>(n)]}; },
        before);
    kernel::dequantized<std::int16_t> const codes{a.data(), 0.5f, 3};
    kernel::dequantized_rows<std::int8_t> const rows{b.data(), row_scales.data()};
    kernel::dequantized_columns<std::int8_t> const columns{b.data(), column_scales.data()};
    for_each_instruction_set([&](auto arch) {
      CHECK(difference(run(arch, test, codes, rows, before), by_row) == 0);
      CHECK(difference(run(arch, test, codes, columns, before), by_column) == 0);
    });
  }
}

TEST_CASE("a product over no depth is zero, or what stood there") {
  floats const a(1), b(1);
  matmul_case test{{2, 0, 0, false}, {0, 2, 0, false}, {2, 2, 0, false}, false};
  for_each_instruction_set([&](auto arch) {
    test.accumulate = false;
    CHECK(run(arch, test, a.data(), b.data(), floats(4, 5.0f)) == floats(4, 0.0f));
    test.accumulate = true;
    CHECK(run(arch, test, a.data(), b.data(), floats(4, 5.0f)) == floats(4, 5.0f));
  });
}

TEST_CASE("tiles cover every row once and their heights differ by one row at most") {
  for (std::ptrdiff_t count = 1; count < 60; ++count) {
    std::ptrdiff_t next = 0, least = 100, most = 0;
    kernel::for_each_tile(count, 12, [&](std::ptrdiff_t first, std::ptrdiff_t rows) {
      CHECK(first == next);
      next += rows;
      least = std::min(least, rows);
      most = std::max(most, rows);
    });
    CHECK(next == count);
    CHECK(most <= 12);
    CHECK(most - least <= 1);
  }
}

#undef DYADIC_DESCRIBE

TEST_CASE("columns of a dense layer's products that are made by themselves have the whole's bits") {
  generator random(7);
  std::ptrdiff_t const rows = 9, inputs = 70, outputs = 45;
  floats const x = random.reals(9 * 70), w = random.reals(45 * 70), dy = random.reals(9 * 45);
  for_each_instruction_set([&](auto arch) {
    floats workspace(static_cast<std::size_t>(kernel::dense_workspace(rows, inputs, outputs)));
    auto const both = [&](std::size_t size, std::ptrdiff_t columns, auto const& make) {
      floats whole(size, 1.0f), parts(size, 1.0f);
      make(whole.data(), kernel::result_range{});
      make(parts.data(), kernel::result_range{0, 19});
      make(parts.data(), kernel::result_range{19, columns - 19});
      CHECK(parts == whole);
    };
    both(9 * 45, outputs, [&](float* y, kernel::result_range of) {
      kernel::dense_forward(arch, rows, inputs, outputs, x.data(), w.data(), y, workspace.data(), of);
    });
    both(9 * 70, inputs, [&](float* dx, kernel::result_range of) {
      kernel::dense_backward_input(arch, rows, inputs, outputs, dy.data(), w.data(), dx, workspace.data(),
                                   of);
    });
    both(45 * 70, inputs, [&](float* dw, kernel::result_range of) {
      kernel::dense_backward_weights(arch, rows, inputs, outputs, x.data(), dy.data(), dw, workspace.data(),
                                     of);
    });
  });
}

}  // namespace
