#include <doctest/doctest.h>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/float_few_channels.hpp>

#include <vector>

using namespace dyadic::kernel;

namespace {

/// Small integers, so that every order of the sums gives the same float.
std::vector<float> integers(std::size_t count, int step) {
  std::vector<float> made(count);
  for (std::size_t i = 0; i < count; ++i)
    made[i] = static_cast<float>(static_cast<int>(i * static_cast<std::size_t>(step) % 11) - 5);
  return made;
}

}  // namespace

TEST_CASE("the input gradient of few channels is each window's products, gathered where they came from") {
  using batch = float_batch<native>;
  constexpr int out = 2 * static_cast<int>(batch::size);
  for (int const channels : {1, 2, 3})
    for (int const stride : {1, 2, 3})
      for (int const pad : {0, 1, 2}) {
        window_shape s{.in_height = 7, .in_width = 6, .in_channels = channels, .out_channels = out};
        s.kernel_height = 3;
        s.kernel_width = 4;
        s.stride_height = s.stride_width = stride;
        s.pad_top = s.pad_left = s.pad_bottom = s.pad_right = pad;
        s.out_height = (7 + 2 * pad - 3) / stride + 1;
        s.out_width = (6 + 2 * pad - 4) / stride + 1;
        REQUIRE(float_detail::has_few_channels<batch>(s));
        auto const size = [](auto... extents) { return (static_cast<std::size_t>(extents) * ...); };
        auto const dy = integers(2 * size(s.out_height, s.out_width, out), 7);
        auto const weights = integers(size(out, 3, 4, channels), 5);
        std::vector<float> dx(2 * size(7, 6, channels), 99.0F), ordered(weights.size());
        float_detail::few_channels_backward_input<batch>(
            s, 2, dy.data(), static_cast<float const*>(weights.data()), dx.data(), ordered.data());
        std::vector<float> expected(dx.size(), 0.0F);
        for (int image = 0; image < 2; ++image)
          for (int oy = 0; oy < s.out_height; ++oy)
            for (int ox = 0; ox < s.out_width; ++ox)
              for (int ky = 0; ky < 3; ++ky)
                for (int kx = 0; kx < 4; ++kx) {
                  int const iy = oy * stride + ky - pad, ix = ox * stride + kx - pad;
                  if (iy < 0 || iy >= 7 || ix < 0 || ix >= 6) continue;
                  for (int o = 0; o < out; ++o)
                    for (int c = 0; c < channels; ++c)
                      expected[static_cast<std::size_t>(((image * 7 + iy) * 6 + ix) * channels + c)] +=
                          dy[static_cast<std::size_t>(((image * s.out_height + oy) * s.out_width + ox) * out +
                                                      o)] *
                          weights[static_cast<std::size_t>(((o * 3 + ky) * 4 + kx) * channels + c)];
                }
        INFO("channels " << channels << ", stride " << stride << ", pad " << pad);
        CHECK(dx == expected);
      }
}
