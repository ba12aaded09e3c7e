// expect: a layer cannot take the shape it is given
// expect: misfit<3,
// lines: 10
#include <dyadic/deploy/to_integer.hpp>
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/train/calibrate.hpp>
#include <dyadic/train/fit.hpp>
#include <dyadic/train/verify.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
using net = sequential<input<28, 28, 1>, conv2d<8, window{.size = 5}>, max_pool<2>, dense<10>>;
#else
using net = sequential<input<28, 28, 1>, conv2d<8, window{.size = 5}>, max_pool<2>, flatten, dense<10>>;
#endif

struct int8 : scheme {};

int digit(data_view images) {
  net::in<float32> engine{seed{1}};
  auto const log = fit(engine, images, adam{.rate = 1e-3F}, {.epochs = 3});
  auto quantized = calibrate<int8>(engine, images).value();
  fit(quantized, images, sgd{.rate = 1e-4F}, cross_entropy{}, {.epochs = log.epochs.size()});
  net::in<integer<int8>> const edge = to_integer(quantized).value();
  return edge.classify(images.bytes.first<28 * 28>()) +
         static_cast<int>(verify(quantized, edge, images)->differing);
}
