#include <doctest/doctest.h>

#include <dyadic/deploy/to_integer.hpp>
#include <dyadic/train/calibrate.hpp>
#include <dyadic/train/evaluate.hpp>
#include <dyadic/train/verify.hpp>

#include <cstring>

#include "small_task.hpp"

using namespace dyadic;
using small_task::net;

TEST_CASE("trained and deployed codes are equal, and a changed weight is found at its stage") {
  net::in<float32> const network{seed{1}};
  data_set const data = small_task::quarters(70);
  auto const trained = calibrate<small_task::int8>(network, data).value();
  auto deployed = to_integer(trained).value();
  auto const same = verify(trained, deployed, data).value();
  CHECK(same.differing == 0);
  CHECK(same.first_stage == nullptr);
  CHECK(same.compared == 70 * (36 + 64 + 64 + 4));
  CHECK(verify(trained, deployed, data, kernel::reference{}).value().differing == 0);

  using body = decltype(deployed)::body;
  auto& head = get<body::size - 1>(deployed.stages);
  head.output.zero += 1;
  auto const other = verify(trained, deployed, data).value();
  CHECK(other.differing > 0);
  REQUIRE(other.first_stage != nullptr);
  CHECK(std::strcmp(other.first_stage, "head") == 0);
}

TEST_CASE("the integer engine scores as the trained network does, on bytes and on reals") {
  net::in<float32> const network{seed{1}};
  data_set const data = small_task::quarters(70);
  auto const trained = calibrate<small_task::int8>(network, data).value();
  auto const deployed = to_integer(trained).value();
  auto const score = evaluate(deployed, data).value();
  CHECK(score.correct == evaluate(trained, data)->correct);
  CHECK(score.count == 70);
  data_set reals = data;
  reals.bytes.clear();
  for (std::uint8_t const byte : data.bytes) reals.reals.push_back(net::input::real_of(byte, 0));
  CHECK(evaluate(deployed, reals)->correct == score.correct);
}

TEST_CASE("verification refuses what it cannot compare") {
  net::in<float32> const network{seed{1}};
  data_set const data = small_task::quarters(8);
  auto const trained = calibrate<small_task::int8>(network, data).value();
  auto const deployed = to_integer(trained).value();
  CHECK(!verify(trained, deployed, data_view{.sample_size = 36}));
  CHECK(!verify(quantization_aware<small_task::int8>(network), deployed, data));
}
