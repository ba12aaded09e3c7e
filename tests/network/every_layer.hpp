#pragma once

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/residual.hpp>
#include <dyadic/network/sequential.hpp>

/// Three networks that between them hold every layer, of uneven shapes.
namespace every_layer {

using namespace dyadic;

inline constexpr window one{.size = 1}, three{.size = 3, .padding = padding::same};

/// On images.
using in_space =
    sequential<input<5, 6, 3>, conv2d<5, three>, batch_norm, relu, zero_pad<margins{.top = 1, .right = 2}>,
               depthwise_conv2d<window{.size = 2, .dilation = 2}>, leaky_relu,
               residual<separable_conv2d<5, window{.size = 3, .padding = padding::same}>, batch_norm>, relu6,
               max_pool<2, pooling{.stride = 1}>, conv_transpose2d<4, window{.size = 2, .stride = 2}>,
               batch_norm, swish, crop<margins{.bottom = 1, .left = 1}>,
               average_pool<2, pooling{.padding = padding::same}>, batch_norm, dropout<>, upsampling<1, 2>,
               prelu, permute<2, 0, 1>, reshape<6, -1>, global_average_pool, named<"head", dense<5>>>;

/// Where branches meet.
using branching = sequential<
    input<4, 5, 2>, conv2d<4, one>, batch_norm,
    named<"gates", multiply<identity, branch<flatten, dense<3>, gelu, dense<4>, batch_norm, hard_sigmoid>>>,
    batch_norm, hard_swish,
    named<"mixed", concat<branch<conv2d<2, one>, elu>, branch<conv2d<3, one>, tanh_activation>, identity>>,
    named<"sum", add<conv2d<9, one>, branch<conv2d<9, one>, sigmoid>, identity>>,
    relu_up_to<upper{.value = 1.5}>, flatten, named<"head", dense<6>>, softmax>;

/// On sequences.
using in_time =
    sequential<index_input<shape<9>, 200>, embedding<200, 4>,
               conv1d<6, window{.size = 3, .padding = padding::causal, .dilation = 2, .groups = 2}>,
               batch_norm, relu, depthwise_conv1d<window{.size = 2}>, batch_norm,
               separable_conv1d<5, window{.size = 2}>, tanh_activation,
               bidirectional<gru<3, return_sequences>>, conv_transpose1d<4, window{.size = 2, .stride = 2}>,
               relu, max_pool<2>, layer_norm, lstm<5, return_sequences>, gru<4, return_sequences, backwards>,
               bidirectional<lstm<2, return_sequences>>,
               average_pool<3, pooling{.stride = 2, .padding = padding::causal}>, gru<3>,
               named<"head", dense<5>>, log_softmax>;

}  // namespace every_layer
