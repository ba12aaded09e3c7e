#include <dyadic/kernel/multiply.hpp>

#include "sweep.hpp"

namespace {

using namespace dyadic::kernel;

/// Extents of the result, and which of them an operand has.
struct trial {
  std::size_t extents[3];
  bool a[3], b[3];
};

template <class A, class B> void compare(unsigned seed, trial const& t) {
  INFO("seed ", seed);
  sweep::generator random(seed);
  auto const extent = [&t](bool const(&has)[3], int axis) { return has[axis] ? t.extents[axis] : 1; };
  auto const number = [&](bool const(&has)[3]) { return extent(has, 0) * extent(has, 1) * extent(has, 2); };
  auto const at = [&](bool const(&has)[3], std::size_t i, std::size_t j, std::size_t k) {
    return ((has[0] ? i : 0) * extent(has, 1) + (has[1] ? j : 0)) * extent(has, 2) + (has[2] ? k : 0);
  };
  broadcast_shape shape{};
  for (int axis = 0; axis < 3; ++axis) {
    shape.extents[axis] = t.extents[axis];
    std::size_t step_a = 1, step_b = 1;
    for (int later = axis + 1; later < 3; ++later) {
      step_a *= extent(t.a, later);
      step_b *= extent(t.b, later);
    }
    shape.a[axis] = t.a[axis] ? step_a : 0;
    shape.b[axis] = t.b[axis] ? step_b : 0;
  }
  auto const a = random.codes<A>(number(t.a), static_cast<int>(sizeof(A)) * 8);
  auto const b = random.codes<B>(number(t.b), static_cast<int>(sizeof(B)) * 8);
  auto const zero_a = static_cast<std::int32_t>(random(-128, 127)),
             zero_b = static_cast<std::int32_t>(random(-128, 127));
  std::vector<std::int64_t> expected;
  for (std::size_t i = 0; i < t.extents[0]; ++i)
    for (std::size_t j = 0; j < t.extents[1]; ++j)
      for (std::size_t k = 0; k < t.extents[2]; ++k)
        expected.push_back((std::int64_t{a[at(t.a, i, j, k)]} - zero_a) *
                           (std::int64_t{b[at(t.b, i, j, k)]} - zero_b));
  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<std::int64_t> y(expected.size());
    multiply<std::int64_t>(
        arch, shape, a.data(), b.data(), zero_a, zero_b,
        [](std::int64_t product) noexcept { return product; }, y.data());
    CHECK(y == expected);
  });
}

}  // namespace

TEST_CASE("each number of one tensor is multiplied with the one that meets it in the other") {
  trial const trials[] = {{{3, 4, 5}, {true, true, true}, {true, true, true}},
                          {{3, 4, 5}, {true, true, true}, {false, false, true}},
                          {{3, 4, 5}, {true, true, false}, {true, true, true}},
                          {{3, 4, 5}, {false, true, true}, {true, false, true}},
                          {{1, 1, 7}, {false, false, true}, {false, false, true}},
                          {{2, 6, 1}, {true, true, false}, {false, false, false}}};
  unsigned seed = 1;
  for (trial const& t : trials) {
    compare<std::int8_t, std::int8_t>(++seed, t);
    compare<std::int16_t, std::int8_t>(++seed, t);
    compare<std::int16_t, std::int16_t>(++seed, t);
  }
}
