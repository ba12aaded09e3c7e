#include "../network/sequences.hpp"
#include "round_trip.hpp"

TEST_CASE("networks in time come back from a file") {
  round_trip<networks::keyword, engines::int8>();
  round_trip<networks::in_time, engines::four_bits>();
}

TEST_CASE("networks of dilated windows, groups and transposed convolutions come back from a file") {
  round_trip<networks::apart, engines::ternary_weights>();
}

TEST_CASE("weights in files have filters and kernel rows, whatever segments the kernels read") {
  using namespace dyadic;
  using net = sequential<input<9, 9, 4>, conv2d<4, window{.size = 2, .dilation = 2, .groups = 2}>,
                         conv2d<3, window{.size = 3, .dilation = 2}>, depthwise_conv2d<window{.size = 2}>,
                         flatten, dense<2>>;
  using body = integer_engine<net, engines::int8>::body;
  using model_file::extents, model_file::weight_extents;
  CHECK(weight_extents<body::at<0>>() == extents(4, 2, 4));
  CHECK(weight_extents<body::at<1>>() == extents(3, 3, 12));
  CHECK(weight_extents<body::at<2>>() == extents(3, 1, 4));
  CHECK(weight_extents<body::at<3>>() == extents(2, 1, 12));
}
