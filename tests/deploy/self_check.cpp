#include <doctest/doctest.h>

#include <dyadic/deploy/self_check.hpp>

#include <memory>
#include <string>

#include "engines.hpp"

using namespace dyadic;

namespace {

using engine = engines::tiny::in<integer<engines::int8>>;
using reference_type = reference_codes<32, 32 + 20, 3>;

engine make_engine() { return to_integer(engines::trained<engines::tiny, engines::int8>()).value(); }

/// The codes of an image, taken by the reference kernels.
reference_type make_reference(engine const& e) {
  reference_type made{};
  auto const image = parity::images_of(32, 3);
  std::copy(image.begin(), image.end(), made.image);
  engine::scratch<1> room;
  std::int16_t outputs[3]{};
  e.encode(std::span<std::uint8_t const>(made.image), std::span<std::int8_t>(room.input, 32));
  std::size_t narrow = 0, wide = 0;
  e.infer_watched(
      room, std::span<std::int16_t>(outputs), 1,
      [&](char const*, auto const* codes, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
          if constexpr (sizeof *codes == 1)
            made.narrow[narrow++] = codes[i];
          else
            made.wide[wide++] = codes[i];
        }
      },
      kernel::reference{});
  REQUIRE(narrow == 52);
  REQUIRE(wide == 3);
  return made;
}

}  // namespace

TEST_CASE("an engine that gives the reference's codes passes, on every kernel") {
  engine const e = make_engine();
  auto const expected = make_reference(e);
  CHECK(!self_check(e, expected));
  engine::scratch<2> room;
  CHECK(!self_check(e, expected, room, kernel::reference{}));
}

TEST_CASE("the first stage and code that differ are named") {
  engine const e = make_engine();
  auto const expected = make_reference(e);
  auto wrong = expected;
  wrong.narrow[32 + 7] ^= 1;
  wrong.wide[0] ^= 1;
  auto const found = self_check(e, wrong);
  REQUIRE(found);
  CHECK(std::string(found.stage) == "conv2d_1");
  CHECK(found.element == 7);
  CHECK(found.expected == wrong.narrow[32 + 7]);
  CHECK(found.found == expected.narrow[32 + 7]);
  wrong = expected;
  wrong.wide[2] ^= 1;
  CHECK(std::string(self_check(e, wrong).stage) == "head");
}

TEST_CASE("a changed table, weight or multiplier is found at its stage") {
  engine const e = make_engine();
  auto const expected = make_reference(e);
  engine changed = e;
  changed.input.tables[0][expected.image[9]] ^= 1;
  CHECK(std::string(self_check(changed, expected).stage) == "input");
  changed = e;
  get<1>(changed.stages).rescale.offset[2] += std::int64_t{1} << get<1>(changed.stages).rescale.shift[2];
  CHECK(std::string(self_check(changed, expected).stage) == "head");
}

TEST_CASE("a reference with fewer codes than the engine gives is a difference, not an overrun") {
  engine const e = make_engine();
  auto const expected = make_reference(e);
  reference_codes<32, 40, 3> fewer{};
  std::copy(expected.image, expected.image + 32, fewer.image);
  std::copy(expected.narrow, expected.narrow + 40, fewer.narrow);
  auto const found = self_check(e, fewer);
  CHECK(std::string(found.stage) == "conv2d_1");
  CHECK(found.element == 8);
}
