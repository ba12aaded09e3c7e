#include <dyadic/layer/code_table.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string_view>

#include <dyadic/network/by_name.hpp>

#include "../deploy/round_trip.hpp"
#include "../network/parity.hpp"

using namespace dyadic;

namespace {

template <class Grid> using format = coded_by<Grid>;

/// The largest difference in output codes, over all input codes, between the table and the real function,
/// and between the table and straight lines through the function at the nodes.
struct errors {
  double from_function = 0, from_lines = 0;
};
template <class In, class Out, class Real> errors of(code_grid in, code_grid out, Real const& f) {
  using table = interpolated_table<format<In>, Out>;
  static typename table::slot s;
  std::vector<float> values(table::count);
  for (std::size_t i = 0; i < table::count; ++i)
    values[i] = static_cast<float>(f(double{table::node(i, in)}));
  table::fill(s, values.data(), in, out);
  double const apart = std::ldexp(double{in.scale}, In::bits - 9);
  errors found;
  for (int code = In::low; code <= In::high; ++code) {
    double const x = double{in.scale} * (code - in.zero), left = std::floor(x / apart) * apart;
    double const line = f(left) + (f(left + apart) - f(left)) * (x - left) / apart;
    double const given = table::look_up(s, code);
    auto const wanted = [&](double y) {
      return std::fmin(std::fmax(y / double{out.scale} + out.zero, Out::low), Out::high);
    };
    found.from_function = std::fmax(found.from_function, std::fabs(given - wanted(f(x))));
    found.from_lines = std::fmax(found.from_lines, std::fabs(given - wanted(line)));
  }
  return found;
}

using wide = grid::symmetric<16>;
/// Codes with a zero point.
template <int Bits> struct shifted {
  static constexpr int bits = Bits, high = (1 << (Bits - 1)) - 1, low = -high - 1;
};
double logistic(double x) { return 1 / (1 + std::exp(-x)); }
double leaky(double x) { return x < 0 ? 0.01 * x : x; }

struct sixteen : scheme {
  using activations = symmetric<16>;
};
struct twelve : scheme {
  using activations = fixed_point<12, 7>;
};
/// Wide inputs of a table whose outputs are narrow.
struct between : scheme {
  using weights = symmetric<4>;
  using activations = affine<8>;
};
using own_wide = activations<symmetric<16>>;

using curved = sequential<input<5, 4, 2>, conv2d<6, window{.size = 2}>, swish, conv2d<7, window{.size = 2}>,
                          sigmoid, flatten, dense<6>, leaky_relu, dense<5>, gelu>;
using narrowed = sequential<input<9>, dense<12, own_wide>, tanh_activation, dense<8>, hard_swish, dense<3>>;

}  // namespace

TEST_CASE("a table of wide codes is straight lines between the function's values, rounded once") {
  errors const e = of<wide, wide>({0x1p-12F, 0}, wide::fit({0, 1}), logistic);
  CHECK(e.from_lines <= 1.01);
  CHECK(e.from_function < 1.5);
  errors const coarse = of<wide, wide>({0x1p-10F, 0}, wide::fit({0, 1}), logistic);
  CHECK(coarse.from_lines <= 1.01);
  CHECK(coarse.from_function < 7);  // a step between nodes of 1/8: an eighth of its square times 0.0962
}

TEST_CASE("what bends at zero bends at a node, wherever the zero point is") {
  for (int zero : {-32768, -12345, 0, 77, 32767}) {
    INFO("zero point ", zero);
    errors const e = of<shifted<16>, wide>({0x1p-12F, zero}, wide::fit({-1, 16}), leaky);
    CHECK(e.from_function <= 1.01);
  }
}

TEST_CASE("tables of every width from 9 bits follow their function") {
  CHECK(of<grid::symmetric<9>, wide>({0x1p-5F, 0}, wide::fit({0, 1}), logistic).from_function <= 0.51);
  CHECK(of<shifted<10>, wide>({0x1p-6F, 99}, wide::fit({0, 1}), logistic).from_lines <= 1.01);
  CHECK(of<shifted<13>, shifted<12>>({0x1p-9F, -500}, {0x1p-11F, -2048}, logistic).from_lines <= 0.6);
  CHECK(of<wide, affine<8>::grid>({0x1p-12F, 0}, {0x1p-8F, -128}, logistic).from_function <= 0.51);
  CHECK(of<wide, affine<2>::grid>({0x1p-12F, 0}, {0x1p-2F, -2}, logistic).from_function <= 0.51);
}

TEST_CASE_TEMPLATE("what was trained with functions of wide codes is what is deployed", Scheme, sixteen,
                   twelve) {
  parity::check<curved, Scheme>(81);
}

TEST_CASE("and where a table's inputs are wide and its outputs narrow") {
  parity::check<narrowed, between>(82);
}

TEST_CASE("a table of wide codes is saved and loaded with the rest of the network") {
  round_trip<curved, twelve>();
  round_trip<narrowed, between>();
}
