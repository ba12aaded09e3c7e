#pragma once

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/residual.hpp>
#include <dyadic/network/sequential.hpp>

/// Small networks that between them hold every kind of convolution and pool that is not in `networks`.
namespace networks {

using namespace dyadic;

/// A causal network in time.
using keyword = sequential<
    input<23, 5>, conv1d<10, window{.size = 3, .padding = padding::causal}>, batch_norm, relu,
    residual<conv1d<10, window{.size = 3, .padding = padding::causal, .dilation = 2, .groups = 2}>,
             batch_norm>,
    relu, depthwise_conv1d<window{.size = 3, .padding = padding::causal, .dilation = 4}>, batch_norm, relu6,
    max_pool<2, pooling{.padding = padding::causal}>, separable_conv1d<18, window{.size = 3}>, relu,
    average_pool<3, pooling{.stride = 2, .padding = padding::causal}>, flatten, named<"head", dense<5>>>;

/// A sequence made shorter and longer again.
using in_time = sequential<
    input<12, 3>, conv1d<9, window{.size = 4, .stride = 2, .padding = padding::same}>, batch_norm, relu,
    conv_transpose1d<8, window{.size = 3, .stride = 3}>, batch_norm, relu,
    conv_transpose1d<6, window{.size = 3, .stride = 2, .padding = padding::same, .dilation = 2, .groups = 2}>,
    relu, max_pool<4>, global_average_pool, named<"head", dense<4>>>;

/// Images under windows whose taps are apart, in groups, of strides that differ.
using apart = sequential<
    input<11, 9, 4>, conv2d<10, window{.size = 3, .padding = padding::same, .dilation = 2}>, batch_norm, relu,
    conv2d<12, window{.size = 2, .dilation = 2, .groups = 2, .dilation_width = 1}>, batch_norm, relu6,
    depthwise_conv2d<window{.size = 3, .padding = padding::same, .dilation = 3}>, batch_norm, relu,
    max_pool<2, pooling{.height = 1, .stride_width = 1}>,
    conv2d<18, window{.size = 3, .padding = padding::same, .stride_height = 3, .stride_width = 2}>, relu,
    conv_transpose2d<7, window{.size = 3, .stride = 2}>, relu, separable_conv2d<6, window{.size = 3}>,
    batch_norm, average_pool<3, pooling{.padding = padding::same, .height = 2}>, flatten,
    named<"head", dense<5>>>;

}  // namespace networks
