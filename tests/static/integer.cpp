// An integer network is built and run by the compiler: nothing but network/integer.hpp and layers.
#include <array>
#include <cstdint>

#include <dyadic/kernel/pack.hpp>
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

namespace {

using namespace dyadic;

struct int8 : scheme {};
using net = sequential<input<3, 2, 2>, conv2d<3, window{.size = 2, .padding = padding::same}>, relu,
                       residual<depthwise_conv2d<window{.size = 3, .padding = padding::same}>>,
                       max_pool<2, pooling{.stride = 1}>, flatten, dense<2>>;
using engine = net::in<integer<int8>>;

constexpr int zero_in = 3, zero_out = -1;

constexpr std::int8_t weight(std::size_t index) {
  return static_cast<std::int8_t>(static_cast<int>(index * 37 % 11) - 5);
}

/// Weights of a formula, sums times 3/8 plus a bias of the channel's number.
template <std::size_t Index, class Holder> constexpr void fill(Holder& stage, kernel::weight_shape shape) {
  std::int8_t codes[64]{};
  std::size_t const depth = shape.segments * shape.depth;
  for (std::size_t i = 0; i < shape.outputs * depth; ++i) codes[i] = weight(i);
  kernel::pack<8>(codes, shape, stage.weights);
  kernel::sum_weights(codes, shape, stage.weight_sums);
  stage.zero_in = Index == 0 ? zero_in : zero_out;
  stage.output = {zero_out, Index == 0 ? zero_out : -128, 127, 0};
  for (std::size_t c = 0; c < shape.outputs; ++c)
    stage.rescale.set(
        c, {.offset = static_cast<std::int64_t>(8 * c + 4) - 3 * stage.zero_in * stage.weight_sums[c],
            .multiplier = 3,
            .shift = 3});
}

constexpr engine made = [] {
  engine e{};
  using body = engine::body;
  fill<0>(get<0>(e.stages), kernel::convolution_weights(body::at<0>::shape));
  auto& sum = get<1>(e.stages);
  fill<1>(get<0>(get<0>(sum.branches)), kernel::depthwise_weights(body::at<1>::at<0>::at<0>::shape));
  sum.join = {.offset = -6 * zero_out + 4, .multiplier_a = 2, .multiplier_b = 4, .shift = 3};
  sum.output = {zero_out, -128, 127, 0};
  fill<2>(get<3>(e.stages), kernel::convolution_weights(body::at<3>::shape));
  get<3>(e.stages).output = {0, -32767, 32767, 0};
  return e;
}();

// The same in plain loops.
constexpr int floor_of_eighth(int x) { return x >= 0 ? x / 8 : -((-x + 7) / 8); }
constexpr int limited(int code, int low, int high) { return code < low ? low : code > high ? high : code; }
constexpr int rescaled(int sum_of_reals, int channel) {
  return floor_of_eighth(3 * sum_of_reals + 8 * channel + 4);
}

constexpr std::array<int, 2> expected(std::array<std::int8_t, 12> const& x) {
  int first[3][2][3]{}, added[3][2][3]{};
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 2; ++column)
      for (int f = 0; f < 3; ++f) {
        int sum = 0;
        for (int i = 0; i < 2; ++i)
          for (int j = 0; j < 2; ++j)
            for (int c = 0; c < 2; ++c)
              if (row + i < 3 && column + j < 2)
                sum += (x[static_cast<std::size_t>(((row + i) * 2 + column + j) * 2 + c)] - zero_in) *
                       weight(static_cast<std::size_t>(((f * 2 + i) * 2 + j) * 2 + c));
        first[row][column][f] = limited(rescaled(sum, f) + zero_out, zero_out, 127);
      }
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 2; ++column)
      for (int c = 0; c < 3; ++c) {
        int sum = 0;
        for (int i = -1; i <= 1; ++i)
          for (int j = -1; j <= 1; ++j)
            if (row + i >= 0 && row + i < 3 && column + j >= 0 && column + j < 2)
              sum += (first[row + i][column + j][c] - zero_out) *
                     weight(static_cast<std::size_t>(c * 9 + (i + 1) * 3 + j + 1));
        int const side = limited(rescaled(sum, c) + zero_out, -128, 127);
        int const total = 2 * (side - zero_out) + 4 * (first[row][column][c] - zero_out);
        added[row][column][c] = limited(floor_of_eighth(total + 4) + zero_out, -128, 127);
      }
  std::array<int, 2> outputs{};
  for (int o = 0; o < 2; ++o) {
    int sum = 0;
    for (int row = 0; row < 2; ++row)
      for (int c = 0; c < 3; ++c) {
        int largest = -128;
        for (int i = 0; i < 2; ++i)
          for (int column = 0; column < 2; ++column)
            largest = added[row + i][column][c] > largest ? added[row + i][column][c] : largest;
        sum += (largest - zero_out) * weight(static_cast<std::size_t>(o * 6 + row * 3 + c));
      }
    outputs[static_cast<std::size_t>(o)] = rescaled(sum, o);
  }
  return outputs;
}

constexpr bool same(int seed) {
  std::array<std::int8_t, 12> x{};
  for (std::size_t i = 0; i < 12; ++i)
    x[i] = static_cast<std::int8_t>((static_cast<int>(i) * 29 + seed * 53) % 200 - 100);
  auto const codes = made.infer(x);
  auto const wanted = expected(x);
  return codes[0] == wanted[0] && codes[1] == wanted[1] && (codes[0] != 0 || codes[1] != 0);
}
static_assert(same(0) && same(1) && same(2) && same(3));

// Groups of images, too.
constexpr bool grouped() {
  std::array<std::int8_t, 36> x{};
  for (std::size_t i = 0; i < 36; ++i) x[i] = static_cast<std::int8_t>((static_cast<int>(i) * 31) % 190 - 90);
  std::array<std::int16_t, 6> by_one{}, by_two{};
  engine::scratch<1> one;
  engine::scratch<2> two;
  return made.infer(x, by_one, one) == 3 && made.infer(x, by_two, two) == 3 && by_one == by_two;
}
static_assert(grouped());

}  // namespace
