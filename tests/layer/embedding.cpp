#include <dyadic/layer/embedding.hpp>

#include <algorithm>
#include <cmath>

#include "../deploy/round_trip.hpp"
#include "../network/parity.hpp"
#include "../network/schemes.hpp"
#include "float_gradients.hpp"

#include <dyadic/deploy/emit_header.hpp>
#include <dyadic/network/by_name.hpp>

using namespace dyadic;
using namespace schemes;
using doubles::array;
using doubles::reader;

namespace {

using words = sequential<index_input<shape<6>, 50>, embedding<50, 4>, flatten, dense<5>, relu, dense<3>>;
/// More indices than a byte's codes, and a table that gives the network's outputs.
using many = sequential<index_input<shape<3>, 200>, embedding<200, 2>>;

array words_in_doubles(reader r, array const& x, bool) {
  double const* const table = r.take(200);
  array y = doubles::zeros(x.images, 1, 1, 24);
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    double const whole = std::nearbyint(x.values[i]);
    auto const row = static_cast<std::size_t>(whole < 0 ? 0 : whole > 49 ? 49 : whole);
    for (std::size_t c = 0; c < 4; ++c) y.values[i * 4 + c] = table[row * 4 + c];
  }
  y = doubles::convolution(y, {1, 1}, 5, r.take(120));
  y = doubles::relu(doubles::plus_bias(y, r.take(5)));
  y = doubles::convolution(y, {1, 1}, 3, r.take(15));
  return doubles::plus_bias(y, r.take(3));
}

}  // namespace

TEST_CASE("an embedding looks rows up, and their gradients are summed at the rows") {
  float_gradients::check<words>(words_in_doubles);
  static_assert(
      std::is_same_v<sequential<index_input<shape<6>, 50>, embedding<50, 4>>::output_shape, shape<6, 4>>);
  static_assert(words::parameter_count == 200 + 125 + 18);
}

TEST_CASE("bytes and reals are indices, and what is beyond the table is its end") {
  many::in<float32> net{seed{3}};
  float const* const table = layer<"embedding_1">(net).weight.data();
  std::vector<float> const reals{7, -3, 1e9F};
  std::vector<float> y(6);
  REQUIRE(net.predict(std::span<float const>(reals), y));
  CHECK(std::equal(y.begin(), y.begin() + 2, table + 14));
  CHECK(std::equal(y.begin() + 2, y.begin() + 4, table));
  CHECK(std::equal(y.begin() + 4, y.end(), table + 398));
  std::vector<std::uint8_t> const bytes{7, 199, 255};
  REQUIRE(net.predict(std::span<std::uint8_t const>(bytes), y));
  CHECK(std::equal(y.begin() + 2, y.begin() + 4, table + 398));
  CHECK(std::equal(y.begin() + 4, y.end(), table + 398));
}

TEST_CASE("in deployment codes are indices and a wrong one stays in the table") {
  many::in<trainable<int8>> net{seed{3}};
  std::vector<std::uint8_t> const bytes{0, 100, 199};
  net.forward({.observe = true}, {bytes.data(), nullptr, 1});
  auto const edge = to_integer(net).value();
  auto const& table = layer<"embedding_1">(edge).table;
  std::array<std::int16_t, 3> const codes{100, -5, 32000};
  auto const y = edge.infer(std::span<std::int16_t const, 3>(codes));
  CHECK(std::equal(y.begin(), y.begin() + 2, table + 200));
  CHECK(std::equal(y.begin() + 2, y.begin() + 4, table));
  CHECK(std::equal(y.begin() + 4, y.end(), table + 398));
  for (int i = 0; i < 400; ++i) {
    double const real = double{layer<"embedding_1">(net).weight[static_cast<std::size_t>(i)]};
    CHECK(std::fabs(double{decode(table[i], edge.output.where())} - real) <=
          double{edge.output.where().scale} * 0.502);
  }
}

TEST_CASE_TEMPLATE("codes looked up are the deployed ones", Scheme, int8, four_bits, by_shifts,
                   three_valued) {
  parity::check<words, Scheme>(51);
  parity::check<many, Scheme>(52);
}

TEST_CASE("a table of rows is saved, loaded and emitted; kept float it gives reals") {
  round_trip<words, int8>();
  round_trip<words, four_bits>();
  using kept = sequential<index_input<shape<6>, 50>, embedding<50, 4, kept_float>, flatten, dense<5>>;
  parity::check<kept, int8>(53, 80);
  round_trip<kept, int8>();
  auto const edge = to_integer(engines::trained<words, int8>()).value();
  CHECK(header_text(edge, {.type = "engine", .include = ""}).find(".table = {") != std::string::npos);
}
