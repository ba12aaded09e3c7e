// expect: this rescale policy puts gamma's sign into the weights
// expect: uneven_weights<dyadic::fixed_string<
// expect: {"dense_1"}
// expect: xnnpack_fp32
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

using namespace dyadic;

/// A user's grid.
struct own_grid {
  static constexpr auto name = fixed_string("own_grid");
  static constexpr int bits = 4;
  static constexpr int high = 7;
#ifdef DYADIC_MISTAKE
  static constexpr int low = -8;
#else
  static constexpr int low = -7;
#endif
  static constexpr bool has_zero_point = false;
  static constexpr code_grid fit(interval range) noexcept {
    return {grid::scale_of(static_cast<double>(grid::largest_magnitude(range)), high), 0};
  }
};
struct chosen : scheme {
  using weights = quantizer<own_grid>;
  using rescale = xnnpack_fp32;
};

auto made() { return sequential<input<6>, dense<5>, batch_norm>::in<trainable<chosen>>{seed{1}}; }
