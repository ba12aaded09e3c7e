#include <dyadic/quantize/presets.hpp>

#include "round_trip.hpp"

TEST_CASE("four-bit networks with branches come back from a file") {
  round_trip<networks::branches, engines::four_bits>();
}

TEST_CASE("networks with ternary weights and every lone layer come back from a file") {
  round_trip<networks::mixture, engines::ternary_weights>();
}

TEST_CASE("networks of three-bit weights, an odd width, come back from a file") {
  round_trip<networks::lenet, engines::three_bits>();
}

TEST_CASE("networks of wide weights, an odd width too, come back from a file") {
  round_trip<engines::tiny, engines::sixteen_bits>();
  round_trip<engines::tiny, engines::twelve_bits>();
  round_trip<engines::tiny, dyadic::presets::tflite_int16x8>();
}

TEST_CASE("networks with a layer kept float come back from a file") {
  round_trip<networks::lenet, engines::float_head>();
}

TEST_CASE("a file's weights have the bits of their codes") {
  auto const wide = to_bytes(dyadic::to_integer(engines::trained<engines::tiny, engines::int8>()).value());
  auto const narrow =
      to_bytes(dyadic::to_integer(engines::trained<engines::tiny, engines::three_bits>()).value());
  std::size_t const convolution = 5 * 9 * 2, dense = 3 * 20;
  CHECK(wide.size() - narrow.size() >= convolution + dense - (3 * convolution + 7) / 8 - (3 * dense + 7) / 8);
}
