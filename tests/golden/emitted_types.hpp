#pragma once

#include <dyadic/integer.hpp>

/// The networks of emitted.hpp and emitted_words.hpp: between them every kind of integers that a network can
/// hold, and few of them.
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

/// Weights in groups, of 16 bits and of two values; scales in types; wide codes; a cell; both kinds of table.
struct words_scheme : dyadic::scheme {
  using activations = dyadic::symmetric<16>;
};
using words_network = dyadic::sequential<
    dyadic::input<4, 3>, dyadic::conv1d<5, dyadic::window{.size = 2}, dyadic::weights<dyadic::symmetric<16>>>,
    dyadic::sigmoid,
    dyadic::dense<4, dyadic::weights<dyadic::binary<>>, dyadic::activations<dyadic::affine<8>>>,
    dyadic::tanh_activation, dyadic::gru<2, dyadic::return_sequences>, dyadic::flatten,
    dyadic::dense<3, dyadic::weights<dyadic::symmetric<4, dyadic::per_group<4>>>>, dyadic::prelu,
    dyadic::named<"head", dyadic::dense<2, dyadic::weights<dyadic::fixed_point<8, 6>>>>>;
using words_engine = words_network::in<dyadic::integer<words_scheme>>;

}  // namespace golden
