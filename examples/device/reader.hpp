#pragma once

#include <dyadic/integer.hpp>

// The network of example 08, small enough for a controller, as the program that trains it and the program
// that runs it both know it.
using reader = dyadic::sequential<dyadic::input<28, 28, 1>,  //
                                  dyadic::conv2d<8, dyadic::window{.size = 5, .stride = 2}>, dyadic::relu,
                                  dyadic::max_pool<2>, dyadic::flatten, dyadic::dense<10>>;

struct four_bits : dyadic::scheme {
  using weights = dyadic::symmetric<4>;
};

using reader_engine = reader::in<dyadic::integer<four_bits>>;
