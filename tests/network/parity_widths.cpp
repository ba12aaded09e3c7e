#include "networks.hpp"
#include "parity.hpp"

using namespace dyadic;

namespace {

template <int Bits> struct bits : scheme {
  using weights = symmetric<Bits>;
  using activations = affine<Bits>;
};
template <class Weights, class Activations = affine<8>> struct of : scheme {
  using weights = Weights;
  using activations = Activations;
};
struct eight_bit_outputs : scheme {
  using outputs = affine<8>;
};

}  // namespace

TEST_CASE_TEMPLATE("codes are the deployed ones at every width", Scheme, bits<2>, bits<3>, bits<4>, bits<5>,
                   bits<6>, bits<7>, bits<8>) {
  parity::check<networks::operations, Scheme>(21);
}

TEST_CASE_TEMPLATE("codes are the deployed ones on every grid", Scheme, of<ternary<>>,
                   of<symmetric<8, per_tensor>>, of<power_of_two_scale<8>, power_of_two_scale<8>>,
                   of<symmetric<2>, symmetric<8>>, eight_bit_outputs) {
  parity::check<networks::operations, Scheme>(22);
}

TEST_CASE_TEMPLATE(
    "codes are the deployed ones under every range rule", Scheme,
    of<symmetric<4, per_channel, range::lsq>, affine<4, per_tensor, range::lsq>>,
    of<symmetric<4, per_tensor, range::lsq>, symmetric<5, per_tensor, range::min_max>>,
    of<symmetric<4, per_channel, range::mean_squared_error>, affine<8, per_tensor, range::percentile<>>>,
    of<symmetric<8>, affine<4, per_tensor, range::mean_squared_error, ste::identity>>) {
  parity::check<networks::operations, Scheme>(23);
}
