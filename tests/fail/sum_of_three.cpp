// expect: this rescale policy is of a runtime that adds two tensors at a time
// expect: too_many_summands<
// expect: "add_1"
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

using namespace dyadic;

struct as_tflite : scheme {
#ifdef DYADIC_MISTAKE
  using rescale = tflite_reference;
#endif
};
using net = sequential<input<6, 6, 4>, add<identity, conv2d<4, window{}>, depthwise_conv2d<window{}>>, relu>;

auto made() { return net::in<trainable<as_tflite>>{seed{1}}; }
