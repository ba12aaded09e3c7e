#pragma once

/// Functions of fixed numbers in integers alone, constexpr, the same bits everywhere. The argument may be an
/// integer, float or double too; the destination, of at most 48 bits, is named or is the argument's format:
/// math::exp<fixed<16, 8>>(x), math::sqrt(x). Rounding to nearest gives an error of half a unit in the last
/// place and 2^-11 of one at most; rounding in one direction less than a unit and 2^-11 of one.
#include <dyadic/fixed/divide.hpp>
#include <dyadic/fixed/math/exponential.hpp>
#include <dyadic/fixed/math/logarithm.hpp>
#include <dyadic/fixed/math/sigmoid.hpp>
#include <dyadic/fixed/math/square_root.hpp>
#include <dyadic/fixed/math/trigonometric.hpp>

namespace dyadic::math {

using dyadic::reciprocal;

}  // namespace dyadic::math
