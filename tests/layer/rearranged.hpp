#pragma once

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>

/// Networks of the layers that move numbers, between layers that have something to train.
namespace rearranged {

using namespace dyadic;

inline constexpr window two{.size = 2}, one{.size = 1};

using padded = sequential<input<4, 5, 2>, conv2d<3, one>, relu, zero_pad<margins{1, 2, 0, 3}>, conv2d<2, two>,
                          crop<margins{.top = 1, .left = 2, .right = 1}>, relu, flatten, dense<3>>;
using grown =
    sequential<input<3, 4, 2>, conv2d<3, one>, upsampling<2, 3>, conv2d<2, two>, relu, upsampling<1, 2>,
               permute<2, 0, 1>, reshape<-1, 5, 11>, conv2d<3, two>, flatten, dense<3>>;

}  // namespace rearranged
