#include <doctest/doctest.h>

#include "../network/schemes.hpp"
#include "same_numbers.hpp"

using namespace dyadic;
using namespace same_numbers;

namespace {

struct by_default : scheme {};
struct small_steps : scheme {
  using weights = additive_powers_of_two<4>;
};
using few_values =
    with<small_steps, at<"conv2d_1", weights<binary<>>>, of_kind<"depthwise_conv2d", weights<ternary<>>>,
         at<"residual_4/conv2d_3", weights<powers_of_two<4>>>>;

using functions_net = sequential<input<6>, dense<5>, sigmoid, dense<4>, tanh_activation, gelu, dense<5>,
                                 swish, elu, dense<4>, softmax>;
using cells_net =
    sequential<input<4, 3>, lstm<3, return_sequences>, layer_norm, prelu, gru<4>, dense<3>, log_softmax>;

}  // namespace

TEST_CASE("integers made from one trained network are the same bytes everywhere: weights of few values") {
  CHECK(numbers_of<few_values>() == 1560318597335898094U);
}
TEST_CASE("integers made from one trained network are the same bytes everywhere: tables of functions") {
  CHECK(numbers_of<by_default, functions_net>() == 4169218553427227817U);
  CHECK(numbers_of<schemes::int16x8, functions_net>() == 13154085826541666419U);
}
TEST_CASE("integers made from one trained network are the same bytes everywhere: cells, norms, slopes") {
  CHECK(numbers_of<schemes::in_types, cells_net>() == 12243136016163205524U);
}
