#pragma once

#include <dyadic/dyadic.hpp>

#include <vector>

/// The networks that the benchmarks run, and data for them: time does not depend on what is on the images.
namespace benched {

using namespace dyadic;

using lenet = sequential<input<28, 28, 1>, conv2d<16, window{.size = 5}>, batch_norm, relu, max_pool<2>,
                         conv2d<32, window{.size = 5}>, batch_norm, relu, max_pool<2>, flatten, dense<128>,
                         relu, dense<10>>;
using mlp = sequential<input<784>, dense<256>, relu, dense<10>>;

constexpr window three{.size = 3, .padding = padding::same};
constexpr window halving{.size = 3, .stride = 2, .padding = padding::same};
constexpr window skipping{.size = 1, .stride = 2};

/// The networks of MLPerf Tiny: ResNet-8 for images, a dense autoencoder for sounds of machines, a network of
/// separable convolutions for keywords. `Tail` stands behind the logits.
template <class... Tail>
using resnet8_and =
    sequential<input<32, 32, 3>, conv2d<16, three>, batch_norm, relu,
               residual<conv2d<16, three>, batch_norm, relu, conv2d<16, three>, batch_norm>, relu,
               residual<conv2d<32, halving>, batch_norm, relu, conv2d<32, three>, batch_norm,
                        shortcut<conv2d<32, skipping>>>,
               relu,
               residual<conv2d<64, halving>, batch_norm, relu, conv2d<64, three>, batch_norm,
                        shortcut<conv2d<64, skipping>>>,
               relu, global_average_pool, dense<10>, Tail...>;
using resnet8 = resnet8_and<>;
using resnet8_classifier = resnet8_and<softmax>;

using ad01 =
    sequential<input<640>, dense<128>, relu, dense<128>, relu, dense<128>, relu, dense<128>, relu, dense<8>,
               relu, dense<128>, relu, dense<128>, relu, dense<128>, relu, dense<128>, relu, dense<640>>;

using separable = layers<depthwise_conv2d<three>, relu, conv2d<64, window{}>, relu>;
using kws =
    sequential<input<49, 10, 1>,
               conv2d<64, window{.stride = 2, .padding = padding::same, .height = 10, .width = 4}>, relu,
               separable, separable, separable, separable, global_average_pool, dense<12>, softmax>;

/// Depth times a dense layer of so many outputs and inputs.
template <int Width, class Order> struct tower_of;
template <int Width, std::size_t... I> struct tower_of<Width, std::index_sequence<I...>> {
  template <std::size_t> using floor = layers<dense<Width>, relu>;
  using type = sequential<input<Width>, floor<I>...>;
};
template <int Width, std::size_t Depth>
using tower = typename tower_of<Width, std::make_index_sequence<Depth>>::type;

struct int8 : scheme {};
struct int8_fp32 : scheme {
  using rescale = xnnpack_fp32;
};
// The range of pixels is known: nothing to learn.
using pixels_seen = at<"input", activations<affine<4, per_tensor, range::min_max>>>;
struct w4a4 : scheme {
  using weights = symmetric<4, per_channel, range::lsq>;
  using activations = affine<4, per_tensor, range::lsq>;
  using overrides = list<pixels_seen>;
};

template <class Net> data_set images(std::size_t count) {
  data_set made;
  made.sample_size = static_cast<std::size_t>(Net::input_shape::size);
  generator random = generator::from(seed{7});
  for (std::size_t i = 0; i < count * made.sample_size; ++i)
    made.bytes.push_back(static_cast<std::uint8_t>(random.below(256)));
  for (std::size_t i = 0; i < count; ++i) made.labels.push_back(static_cast<std::int32_t>(random.below(10)));
  return made;
}

}  // namespace benched
