#include <doctest/doctest.h>

#include <dyadic/deploy/replay.hpp>

#include "engines.hpp"

using namespace dyadic;
using namespace dyadic::model_file;

namespace {

using integers = engines::tiny::in<integer<engines::int8>>;
using floats = engines::tiny::in<float32>;
using half_float = engines::tiny::in<mixed<engines::float_head>>;

/// What an engine says to the test vector of another one of its type.
template <class Engine> error replay_of(Engine const& engine, Engine const& other) {
  writer to{kind_of<Engine>};
  write_test(other, to);
  auto const bytes = to.finish();
  auto const opened = open_sections(bytes, "file");
  REQUIRE(opened);
  tensor_reader from{*opened, "file"};
  return replay(engine, from, "file").error();
}

}  // namespace

TEST_CASE("integer networks are replayed exactly, float ones within a tolerance that the file states") {
  static_assert(test_run<integers>::exact);
  static_assert(test_run<engines::tiny::in<trainable<engines::int8>>>::exact);
  static_assert(!test_run<floats>::exact);
  static_assert(!test_run<half_float>::exact);
  CHECK(tolerance_of<integers>(std::vector<std::int16_t>{1000}) == 0);
  CHECK(tolerance_of<floats>(std::vector<float>{-1024, 3}) == 1 + 0x1p-20F);
  CHECK(tolerance_of<half_float>(std::vector<std::int16_t>{64, -6400}) == 102);
}

TEST_CASE("one unit in one output is a difference for an integer network") {
  auto const one = to_integer(engines::trained<engines::tiny, engines::int8>()).value();
  CHECK(replay_of(one, one).kind == fault::none);
  auto other = one;
  auto& head = get<1>(other.stages);
  for (std::size_t i = 0; i < 3; ++i) head.rescale.offset[i] += std::int64_t{1} << head.rescale.shift[i];
  error const e = replay_of(one, other);
  CHECK(e.kind == fault::replay_differs);
  CHECK(std::string(e.what()).find("file: the test vector's output ") == 0);
}

TEST_CASE("a float network may differ in the last bits but not in the third digit") {
  floats net{seed{4}};
  CHECK(replay_of(net, net).kind == fault::none);
  floats close = net, far = net;
  for (float& number : close.floats()) number *= 1 + 0x1p-20F;
  for (float& number : far.floats()) number *= 1.01F;
  close.refresh();
  far.refresh();
  CHECK(replay_of(close, net).kind == fault::none);
  CHECK(replay_of(far, net).kind == fault::replay_differs);
}

TEST_CASE("an uncalibrated network has no test vector and needs none") {
  engines::tiny::in<trainable<engines::int8>> const fresh{seed{1}};
  CHECK(replay_of(fresh, fresh).kind == fault::none);
}

TEST_CASE("a calibrated network without a test vector in its file is refused") {
  engines::tiny::in<trainable<engines::int8>> const fresh{seed{1}};
  auto const trained = engines::trained<engines::tiny, engines::int8>();
  CHECK(replay_of(trained, fresh).kind == fault::malformed);
}
