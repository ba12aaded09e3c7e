#pragma once

#include <dyadic/integer.hpp>

/// The network of emitted.hpp: every kind of integers that a network can hold, and few of them.
namespace golden {

struct small_scheme : dyadic::scheme {
  using weights = dyadic::symmetric<4>;
};
using small_network = dyadic::sequential<
    dyadic::input<4, 4, 2>, dyadic::conv2d<4, dyadic::window{.size = 3, .padding = dyadic::padding::same}>,
    dyadic::batch_norm, dyadic::relu,
    dyadic::residual<dyadic::depthwise_conv2d<dyadic::window{.size = 3, .padding = dyadic::padding::same}>,
                     dyadic::batch_norm>,
    dyadic::relu6, dyadic::batch_norm,
    dyadic::average_pool<3, dyadic::pooling{.stride = 2, .padding = dyadic::padding::same}>, dyadic::relu,
    dyadic::flatten,
    dyadic::named<"head", dyadic::dense<3, dyadic::weights<dyadic::ternary<dyadic::per_tensor>>>>>;
using small_engine = small_network::in<dyadic::integer<small_scheme>>;

}  // namespace golden
