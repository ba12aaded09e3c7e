#pragma once

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>

/// Small networks of the kinds that branch: whole blocks of known architectures at toy sizes.
namespace joins {

using namespace dyadic;

inline constexpr window one{.size = 1}, three{.size = 3, .padding = padding::same};

/// Three sums at once, with an activation in their rounding, and one that ends the network.
using sums = sequential<input<5, 6, 3>, conv2d<4, one>,
                        add<identity, branch<conv2d<4, three>, batch_norm, relu>, depthwise_conv2d<three>>,
                        relu, flatten, add<dense<3>, branch<dense<6>, relu, dense<3>>>>;

/// Szegedy et al. 2015: convolutions of several sizes and a pool, side by side.
using inception =
    sequential<input<6, 7, 3>, conv2d<5, three>, relu,
               named<"mixed", concat<named<"point", branch<conv2d<3, one>, batch_norm, relu>>,
                                     branch<conv2d<2, one>, relu, conv2d<4, three>>,
                                     branch<max_pool<3, pooling{.stride = 1, .padding = padding::same}>,
                                            conv2d<2, one>, batch_norm>,
                                     identity>>,
               relu6, concat<branch<global_average_pool>, branch<max_pool<6>, flatten>>, dense<4>>;

/// Hu et al. 2018: a vector of gates from the whole image multiplies every pixel's channels.
using squeeze_and_excitation = sequential<
    input<5, 4, 3>, conv2d<6, three>, batch_norm, relu,
    residual<
        conv2d<6, three>, batch_norm,
        named<"gates", multiply<identity, branch<global_average_pool, dense<8>, relu, dense<6>, relu6>>>>,
    relu, global_average_pool, dense<4>>;

/// Sandler et al. 2018: an expansion, a depthwise convolution and a linear bottleneck.
using mobile = sequential<input<6, 6, 3>, conv2d<4, window{.size = 3, .stride = 2, .padding = padding::same}>,
                          batch_norm, relu6,
                          residual<conv2d<8, one>, batch_norm, relu6, depthwise_conv2d<three>, batch_norm,
                                   relu6, conv2d<4, one>, batch_norm>,
                          conv2d<8, one>, batch_norm, relu6,
                          depthwise_conv2d<window{.size = 3, .stride = 2, .padding = padding::same}>,
                          batch_norm, relu6, conv2d<6, one>, batch_norm, global_average_pool, dense<4>>;

/// A map of one channel multiplies every channel (Woo et al. 2018), and a product of equal shapes.
using attention =
    sequential<input<4, 5, 2>, conv2d<5, three>, relu, multiply<branch<conv2d<1, three>, relu6>, identity>,
               multiply<branch<conv2d<3, one>>, branch<conv2d<3, one>, relu>>, relu, flatten, dense<3>>;

}  // namespace joins
