// Convolutions of windows whose taps are apart, evaluated by the compiler, with sums that can be done by
// hand.
#include <array>
#include <cstddef>
#include <cstdint>

#include <dyadic/core/shape.hpp>
#include <dyadic/kernel/convolution.hpp>
#include <dyadic/layer/conv1d.hpp>
#include <dyadic/layer/conv_transpose1d.hpp>

namespace {

using namespace dyadic;

template <kernel::window_shape Shape, std::size_t Inputs, std::size_t Weights>
constexpr auto convolved(std::array<std::int8_t, Inputs> const& x,
                         std::array<std::int8_t, Weights> const& codes) {
  constexpr auto shape = kernel::convolution_weights(Shape);
  static_assert(Weights == shape.outputs * shape.segments * shape.depth);
  std::array<std::uint8_t, kernel::packed_weights_bytes<8>(shape)> weights{};
  std::array<std::int32_t, shape.outputs> weight_sums{};
  kernel::pack<8>(codes.data(), shape, weights.data());
  kernel::sum_weights(codes.data(), shape, weight_sums.data());
  std::array<std::int8_t, kernel::padded_size(Shape)> padded{};
  kernel::pad(Shape, x.data(), std::int8_t{0}, padded.data());
  std::array<std::int32_t, static_cast<std::size_t>(Shape.out_width * Shape.out_channels)> y{};
  kernel::convolution<8>(kernel::native{}, Shape, padded.data(), weights.data(), weight_sums.data(),
                         kernel::accumulators{}, y.data());
  return y;
}
template <std::size_t Count> using codes = std::array<std::int8_t, Count>;
template <std::size_t Count> using sums = std::array<std::int32_t, Count>;

using causal = conv1d<1, window{.size = 2, .padding = padding::causal, .dilation = 2}>;
static_assert(convolved<causal::geometry<shape<4, 1>>>(codes<4>{1, 2, 3, 4}, codes<2>{10, 1}) ==
              sums<4>{1, 2, 13, 24});

using grouped = conv1d<2, window{.size = 2, .groups = 2}>;
static_assert(convolved<grouped::geometry<shape<3, 2>>>(codes<6>{1, 10, 2, 20, 3, 30},
                                                        codes<4>{1, 2, 3, 4}) == sums<4>{5, 110, 8, 180});

// Weights turned: each input adds {7, 5, 3} times itself, two places apart.
using twice = conv_transpose1d<1, window{.size = 3, .stride = 2}>;
static_assert(convolved<twice::geometry<shape<2, 1>>>(codes<2>{1, 10}, codes<3>{3, 5, 7}) ==
              sums<5>{7, 5, 73, 50, 30});
using twice_same = conv_transpose1d<1, window{.size = 3, .stride = 2, .padding = padding::same}>;
static_assert(convolved<twice_same::geometry<shape<2, 1>>>(codes<2>{1, 10}, codes<3>{3, 5, 7}) ==
              sums<4>{7, 5, 73, 50});

}  // namespace
