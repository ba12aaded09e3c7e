#include "networks.hpp"
#include "parity.hpp"

/// A comparison that finds nothing is worth what it would have found.

using namespace dyadic;

namespace {

// A short multiplier, so that its last bit and a unit of its offset are worth something.
template <class Rounding> struct coarse : scheme {
  using rescale = multiplier<3, Rounding>;
};
using half_up = coarse<rounding::half_up>;

constexpr std::size_t convolution = 0, residual_add = 1, norm = 2, head = 4;

struct case_of_one_network {
  using engine = integer_engine<networks::operations, half_up>;
  trainable_engine<networks::operations, half_up> net = [] {
    trainable_engine<networks::operations, half_up> made{seed{31}};
    parity::train(made, parity::images_of(24 * engine::input_size, 30), 3);
    return made;
  }();
  std::vector<std::uint8_t> bytes = parity::images_of(parity::images * engine::input_size, 32);
  parity::trace expected = parity::trained_trace(net, bytes);
  engine edge = to_integer(net).value();

  std::string first_difference() const {
    std::string const native =
        parity::difference(expected, parity::deployed_trace(edge, bytes, kernel::native{}));
    CHECK(native == parity::difference(expected, parity::deployed_trace(edge, bytes, kernel::reference{})));
    return native.substr(0, native.find(':'));
  }
};

/// Flips a bit of output 0's first weight; its weights' sum, which some instruction sets use, stays true.
template <class Slot> void flip_a_weight(Slot& slot) {
  int const before = std::bit_cast<std::int8_t>(slot.weights[0]);
  slot.weights[0] ^= 0x40;
  slot.weight_sums[0] += std::bit_cast<std::int8_t>(slot.weights[0]) - before;
}

}  // namespace

TEST_CASE("nothing is reported without a fault") {
  case_of_one_network const one;
  CHECK(one.first_difference() == "");
}

TEST_CASE("one flipped weight code is reported at its layer") {
  case_of_one_network one;
  flip_a_weight(get<convolution>(one.edge.stages));
  CHECK(one.first_difference() == "conv2d_1");
  case_of_one_network other;
  flip_a_weight(get<head>(other.edge.stages));
  CHECK(other.first_difference() == "head");
}

TEST_CASE("the last bit of a multiplier is reported at its layer") {
  case_of_one_network one;
  get<convolution>(one.edge.stages).rescale.multiplier[2] ^= 1;
  CHECK(one.first_difference() == "conv2d_1");
  case_of_one_network other;
  get<norm>(other.edge.stages).rescale.multiplier[2] ^= 1;
  CHECK(other.first_difference() == "batch_norm_6");
}

TEST_CASE("one unit of an offset is reported at its layer") {
  case_of_one_network one;
  for (auto& offset : get<norm>(one.edge.stages).rescale.offset) ++offset;
  CHECK(one.first_difference() == "batch_norm_6");
  case_of_one_network other;
  for (auto& offset : get<head>(other.edge.stages).rescale.offset) ++offset;
  CHECK(other.first_difference() == "head");
}

TEST_CASE("one unit of a zero point and of a clamp is reported at its layer") {
  case_of_one_network one;
  ++get<convolution>(one.edge.stages).output.zero;
  CHECK(one.first_difference() == "conv2d_1");
  case_of_one_network other;
  ++get<residual_add>(other.edge.stages).output.low;
  CHECK(other.first_difference() == "residual_4");
  case_of_one_network border;
  ++get<0>(get<0>(get<residual_add>(border.edge.stages).branches)).zero_in;
  CHECK(border.first_difference() == "residual_4/depthwise_conv2d_0");
}

TEST_CASE("another rounding mode is reported at the first layer that it changes") {
  case_of_one_network one;
  trainable_engine<networks::operations, coarse<rounding::half_even>> net{seed{1}};
  for (std::size_t i = 0; i < net.float_count; ++i) net.floats()[i] = one.net.floats()[i];
  net.refresh();
  auto const edge = to_integer(net).value();
  auto const found =
      parity::difference(one.expected, parity::deployed_trace(edge, one.bytes, kernel::native{}));
  CHECK(found.substr(0, found.find(':')) == "residual_4/depthwise_conv2d_0");
}
