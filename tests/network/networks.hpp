#pragma once

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/residual.hpp>
#include <dyadic/network/sequential.hpp>

/// Small networks of uneven shapes, which between them hold every layer.
namespace networks {

using namespace dyadic;

inline constexpr window same3{.size = 3, .padding = padding::same};

/// Convolutions, pools and dense layers one behind the other.
using lenet = sequential<input<14, 13, 2>, conv2d<6, window{.size = 5}>, batch_norm, relu, max_pool<2>,
                         conv2d<9, window{.size = 3}>, batch_norm, relu, max_pool<2>, flatten, dense<21>,
                         relu, dropout<>, named<"head", dense<7>>>;

/// Both kinds of shortcut.
using branches =
    sequential<input<9, 7, 3>, conv2d<10, same3>, batch_norm, relu,
               residual<conv2d<10, same3>, batch_norm, relu6, conv2d<10, window{.size = 1}>, batch_norm>,
               relu,
               residual<conv2d<13, window{.size = 3, .stride = 2, .padding = padding::same}>, batch_norm,
                        shortcut<conv2d<13, window{.size = 1, .stride = 2}>, batch_norm>>,
               flatten, named<"head", dense<5>>>;

/// Depthwise convolutions, lone batch norms, averages and activations that stand alone.
using mixture =
    sequential<input<8, 9, 3>, depthwise_conv2d<same3>, batch_norm, relu6, conv2d<17, window{.size = 1}>,
               relu, average_pool<3, pooling{.stride = 2, .padding = padding::same}>, relu6, batch_norm, relu,
               depthwise_conv2d<window{.size = 2, .stride = 2}>, dropout<>, max_pool<2, pooling{.stride = 1}>,
               relu, global_average_pool, named<"head", dense<5>>>;

/// Every operation that a rescale policy has: linear, requantize, add and average.
using operations =
    sequential<input<5, 6, 3>, conv2d<9, same3>, batch_norm, relu,
               residual<depthwise_conv2d<same3>, batch_norm>, relu, batch_norm,
               average_pool<2, pooling{.padding = padding::same}>, flatten, named<"head", dense<5>>>;

}  // namespace networks
