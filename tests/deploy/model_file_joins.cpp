#include "../network/joins.hpp"
#include "round_trip.hpp"

#include <dyadic/deploy/emit_header.hpp>

using namespace dyadic;

TEST_CASE("sums, concatenations and products of branches are saved and loaded") {
  round_trip<joins::sums, scheme>();
  round_trip<joins::inception, scheme>();
  round_trip<joins::squeeze_and_excitation, engines::as_tflite>();
}

TEST_CASE("what branches meet by is emitted") {
  auto const edge = to_integer(engines::trained<joins::squeeze_and_excitation, scheme>()).value();
  std::string const text = header_text(edge, {.type = "engine", .include = ""});
  CHECK(text.find(".zero_a = ") != std::string::npos);
  auto const mixed = to_integer(engines::trained<joins::inception, scheme>()).value();
  CHECK(header_text(mixed, {.type = "engine", .include = ""}).find(".parts = {") != std::string::npos);
}
