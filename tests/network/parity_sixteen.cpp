#include "many_inputs.hpp"

using namespace dyadic;

namespace {

using convolutions =
    sequential<input<6, 5, 3>, conv2d<7, window{.size = 3, .padding = padding::same}>, batch_norm, relu,
               conv2d<6, window{.size = 2}>, relu, flatten, named<"head", dense<5>>>;
using dense_layers = sequential<input<31>, dense<24>, batch_norm, relu, dense<17>, relu, dense<5>>;

template <class Weights, class Activations, class Policy = scheme::rescale> struct of : scheme {
  using weights = Weights;
  using activations = Activations;
  using rescale = Policy;
};
struct fixed : of<fixed_point<16, 14>, fixed_point<16, 11>, power_of_two<>> {
  using outputs = fixed_point<16, 11>;
};

}  // namespace

TEST_CASE_TEMPLATE("codes are the deployed ones with weights of 16 bits, on a thousand inputs", Scheme, fixed,
                   of<symmetric<16>, symmetric<16>>) {
  parity::check_many<convolutions, Scheme>(51);
  parity::check_many<dense_layers, Scheme>(52);
}

TEST_CASE_TEMPLATE("codes are the deployed ones with weights of 9 to 16 bits", Scheme,
                   of<symmetric<16, per_tensor>, affine<8>>, of<symmetric<9>, affine<8>>,
                   of<power_of_two_scale<16>, power_of_two_scale<16>, power_of_two<>>) {
  parity::check<convolutions, Scheme>(53);
}
