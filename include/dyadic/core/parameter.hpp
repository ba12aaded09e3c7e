#pragma once

#include <cstdint>

namespace dyadic {

/// What a parameter is to an optimizer: weight decay is for weights alone, and a step must stay positive.
enum class parameter_kind : std::uint8_t {
  weight,  ///< of a dense layer or a convolution
  bias,
  norm,  ///< gamma or beta of a normalization, slope of a prelu
  step,  ///< learned step of a quantizer
};

/// No update takes a parameter_kind::step below this. A power of two, so that its reciprocal is exact.
inline constexpr float smallest_step = 0x1p-40f;

}  // namespace dyadic
