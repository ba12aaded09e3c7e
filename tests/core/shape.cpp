#include <doctest/doctest.h>

#include <dyadic/core/shape.hpp>

#include <string>

using namespace dyadic;

TEST_CASE("an image has height, width and channels, in this order") {
  using image = shape<28, 20, 3>;
  static_assert(image::rank == 3 && image::size == 28 * 20 * 3);
  static_assert(image::height == 28 && image::width == 20 && image::channels == 3);
  static_assert(is_image<image>);
  CHECK(std::string(image::name.c_str()) == "28x20x3");
}

TEST_CASE("a vector is an image of one pixel with its extent as channels") {
  using vector = shape<10>;
  static_assert(vector::rank == 1 && vector::size == 10);
  static_assert(vector::height == 1 && vector::width == 1 && vector::channels == 10);
  static_assert(!is_image<vector>);
  CHECK(std::string(vector::name.c_str()) == "10");
}

TEST_CASE("extents are read by axis") {
  int const axes[] = {2, 3, 5, 7};
  for (int axis = 0; axis < 4; ++axis) CHECK(shape<2, 3, 5, 7>::extent(axis) == axes[axis]);
}

TEST_CASE("a sequence is an image one high and its steps wide") {
  using sequence = shape<49, 10>;
  static_assert(sequence::rank == 2 && sequence::size == 490);
  static_assert(sequence::height == 1 && sequence::width == 49 && sequence::channels == 10);
  static_assert(is_sequence<sequence> && !is_image<sequence> && !is_sequence<shape<10>>);
  CHECK(sequence::name == fixed_string("49x10"));
}
