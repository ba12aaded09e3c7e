#include "../network/schemes.hpp"
#include "round_trip.hpp"

namespace {

using namespace dyadic;

/// One of each way to keep weights: windows, groups of channels, channels alone, dense rows, cells, slopes.
using weighted = sequential<input<5, 4>, conv1d<4, window{.size = 2, .groups = 2}>, batch_norm, relu,
                            depthwise_conv1d<window{.size = 2}>, prelu, gru<3, return_sequences>, lstm<2>,
                            sigmoid, named<"head", dense<3>>>;

struct in_groups : scheme {
  using weights = symmetric<4, per_group<4>>;
};
struct few_factors : scheme {
  using weights = ternary<per_group<8, 3>>;
  using activations = symmetric<16>;
};
using without_cells = sequential<input<5, 4>, conv1d<4, window{.size = 2}>, batch_norm, relu, flatten,
                                 dense<6>, sigmoid, named<"head", dense<3>>>;

}  // namespace

TEST_CASE_TEMPLATE("networks on every grid come back from a file", Scheme, schemes::in_types,
                   schemes::two_valued, schemes::in_bits, schemes::powers, schemes::additive_powers,
                   schemes::int16x8) {
  round_trip<weighted, Scheme>();
}

TEST_CASE("weights that kernels read as bits take one in a file") {
  auto const bytes = to_bytes(to_integer(engines::trained<weighted, schemes::in_bits>()).value());
  auto const opened = model_file::open_sections(bytes, "file");
  REQUIRE(opened);
  int found = 0;
  for (auto const& section : opened->all) {
    if (section.name != "head.weights") continue;
    CHECK(section.how == model_file::encoding{'s', 1});
    ++found;
  }
  CHECK(found == 1);
}

TEST_CASE_TEMPLATE("networks of weights in groups come back from a file", Scheme, in_groups, few_factors) {
  round_trip<without_cells, Scheme>();
}
