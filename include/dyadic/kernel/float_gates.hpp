#pragma once

#include <bit>
#include <cstdint>

/// The logistic function and tanh in floats, without branches or calls, so that compilers make vectors of
/// loops over them. Absolute error below 4e-7.
namespace dyadic::kernel {

/// e^x for -60 <= x <= 60 (what is beyond counts as the bound): 2^k times the Taylor series of the rest.
inline float short_exp(float x) noexcept {
  constexpr float to_integer = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  float const bounded = x < -60.0F ? -60.0F : x > 60.0F ? 60.0F : x;
  float const k = (bounded * 1.44269504F + to_integer) - to_integer;
  float const r = (bounded - k * 0.693145752F) - k * 1.42860677e-6F;
  float const series =
      1 + r * (1 + r * (0.5F + r * (1.0F / 6 + r * (1.0F / 24 + r * (1.0F / 120 + r * (1.0F / 720))))));
  return series * std::bit_cast<float>((static_cast<std::int32_t>(k) + 127) << 23);
}

inline float float_sigmoid(float x) noexcept { return 1 / (1 + short_exp(-x)); }
inline float float_tanh(float x) noexcept { return 1 - 2 / (1 + short_exp(2 * x)); }

}  // namespace dyadic::kernel
