// expect: an affine grid has a zero point, and weights have none
// expect: affine_weights<
// lines: 10
#include <dyadic/deploy/to_integer.hpp>
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/train/calibrate.hpp>
#include <dyadic/train/fit.hpp>

using namespace dyadic;

struct chosen : scheme {
#ifdef DYADIC_MISTAKE
  using weights = affine<8>;
#else
  using weights = symmetric<8>;
#endif
};
using net = sequential<input<12>, dense<5>>;

int first(data_view images) {
  net::in<trainable<chosen>> engine{seed{1}};
  fit(engine, images, adam{.rate = 1e-3F}, {.epochs = 3});
  auto const edge = to_integer(engine).value();
  return edge.classify(images.bytes.first<12>());
}
