// expect: the network has no stage of that name; summary(net) lists them
// expect: heda
// lines: 10
#include <dyadic/layer/dense.hpp>
#include <dyadic/network/by_name.hpp>
#include <dyadic/network/sequential.hpp>

using net = dyadic::sequential<dyadic::input<4>, dyadic::named<"head", dyadic::dense<2>>>;

float* weights(net::in<dyadic::float32>& engine) {
#ifdef DYADIC_MISTAKE
  return dyadic::layer<"heda">(engine).weight.data();
#else
  return dyadic::layer<"head">(engine).weight.data();
#endif
}
