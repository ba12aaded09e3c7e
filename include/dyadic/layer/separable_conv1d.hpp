#pragma once

#include <dyadic/layer/conv1d.hpp>
#include <dyadic/layer/depthwise_conv1d.hpp>

namespace dyadic {

/// A depthwise convolution and one of single taps over its channels: two layers, each with its own bias and
/// words. With groups the single taps see their group of channels.
template <int Filters, window Window, class... Words>
using separable_conv1d = layers<depthwise_conv1d<in_one_group(Window), Words...>,
                                conv1d<Filters, window{.groups = Window.groups}, Words...>>;

}  // namespace dyadic
