#include <dyadic/layer/natural_range.hpp>

#include <doctest/doctest.h>

#include <string_view>

#include <dyadic/layer/dense.hpp>
#include <dyadic/layer/functions.hpp>
#include <dyadic/network/sequential.hpp>

#include "../deploy/round_trip.hpp"

using namespace dyadic;

namespace {

struct int8 : scheme {};
struct averaged : scheme {
  using activations = affine<8, per_tensor, range::moving_average<>>;
};

/// Where the codes of the stage "own" lie after a batch.
template <class Net, class Scheme> code_grid grid_of_own() {
  typename Net::template in<trainable<Scheme>> engine{seed{1}};
  float const x[] = {1, -1, 2, 0.5F};
  engine.forward({.observe = true}, {nullptr, x, 1});
  engine.forward({}, {nullptr, x, 1});
  code_grid found{};
  engine.watch_stages([&](char const* stage, auto const*, std::size_t, code_grid where, auto) {
    if (std::string_view(stage) == "own") found = where;
  });
  return found;
}

}  // namespace

TEST_CASE("a bounded function's grid covers its bounds, whatever a batch shows") {
  code_grid const share = grid_of_own<sequential<input<4>, named<"own", sigmoid>, dense<3>>, int8>();
  CHECK(share.scale == 1.0F / 255);
  CHECK(share.zero == -128);
  code_grid const both = grid_of_own<sequential<input<4>, named<"own", tanh_activation>, dense<3>>, int8>();
  CHECK(both.scale == 2.0F / 255);
  CHECK(both.zero == -1);  // 1 has a code, -1 lies half a step below the lowest
  code_grid const last = grid_of_own<sequential<input<4>, dense<3>, named<"own", hard_sigmoid>>, int8>();
  CHECK(last.scale == 1.0F / 32767);
  CHECK(last.zero == 0);
}

TEST_CASE("a range rule that is named, on the layer or in the scheme, places a bounded function's grid") {
  using net = sequential<input<4>, named<"own", sigmoid>, dense<3>>;
  CHECK(grid_of_own<net, averaged>().scale < 0.9F / 255);
  using worded =
      sequential<input<4>, named<"own", sigmoid_with<activations<affine<4, per_tensor, range::min_max>>>>,
                 dense<3>>;
  CHECK(grid_of_own<worded, int8>().scale < 0.9F / 15);
  using narrow = sequential<input<4>, named<"own", sigmoid_with<activations<affine<4>>>>, dense<3>>;
  CHECK(grid_of_own<narrow, int8>().scale == 1.0F / 15);
}

TEST_CASE("networks with bounded functions are saved and loaded") {
  round_trip<sequential<input<12>, dense<7>, sigmoid, dense<6>, tanh_activation, dense<4>>, int8>();
}
