#include <doctest/doctest.h>

#include <dyadic/core/index_of_largest.hpp>

using dyadic::index_of_largest;

TEST_CASE("the first of equal largest numbers is found") {
  int const codes[] = {-5, 3, -128, 3, 2};
  CHECK(index_of_largest(codes, 5) == 1);
  CHECK(index_of_largest(codes, 1) == 0);
  int const same[] = {4, 4, 4};
  CHECK(index_of_largest(same, 3) == 0);
}

TEST_CASE("the largest is found wherever it stands, below zero too") {
  for (std::size_t place = 0; place < 9; ++place) {
    float logits[9];
    for (std::size_t i = 0; i < 9; ++i) logits[i] = -10.0f - static_cast<float>(i % 4);
    logits[place] = -9.5f;
    CAPTURE(place);
    CHECK(index_of_largest(logits, 9) == place);
  }
}
