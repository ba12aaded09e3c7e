#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "../network/networks.hpp"
#include "../network/parity.hpp"

/// Networks that have seen some training, for tests of files and headers.
namespace engines {

using namespace dyadic;

struct int8 : scheme {};
struct four_bits : scheme {
  using weights = symmetric<4, per_channel, range::lsq>;
  using activations = affine<4, per_tensor, range::lsq>;
};
struct ternary_weights : scheme {
  using weights = ternary<per_tensor>;
  using activations = affine<4>;
};
struct three_bits : scheme {
  using weights = symmetric<3>;
  using outputs = affine<8>;
};
struct sixteen_bits : scheme {
  using weights = symmetric<16>;
  using activations = symmetric<16>;
};
struct twelve_bits : scheme {
  using weights = fixed_point<12, 10>;
  using rescale = power_of_two<>;
};
struct as_tflite : scheme {
  using rescale = tflite_reference;
};
struct as_xnnpack : scheme {
  using rescale = xnnpack_fp32;
};
struct shifts : scheme {
  using rescale = power_of_two<rounding::half_even>;
};
using float_head = with<int8, at<"head", kept_float>>;

/// Small, and quick to compile.
using tiny = sequential<input<4, 4, 2>, conv2d<5, window{.size = 3}>, batch_norm, relu, flatten,
                        named<"head", dense<3>>>;

template <class Net, class Scheme> typename Net::template in<trainable<Scheme>> trained(int steps = 2) {
  typename Net::template in<trainable<Scheme>> net{seed{5}};
  parity::train(net, parity::images_of(6 * net.input_size, 9), steps);
  parity::disturb_gammas(net);
  return net;
}

/// The numbers of an engine as a file's bytes: padding between members does not count.
template <class Engine> bool equal(Engine const& a, Engine const& b) { return to_bytes(a) == to_bytes(b); }

}  // namespace engines
