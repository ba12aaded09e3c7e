#pragma once

/// The C library's functions of floats and doubles, by the compiler's names for them: <cmath> costs a user of
/// the library more time to include than everything else in train/. For losses, norms and schedules; nothing
/// on the way to a code calls them (core/functions.hpp does that, in the same bits everywhere).
namespace dyadic::math {

inline double square_root(double x) noexcept { return __builtin_sqrt(x); }
inline double cosine(double x) noexcept { return __builtin_cos(x); }
inline double power(double base, double exponent) noexcept { return __builtin_pow(base, exponent); }
inline double log10(double x) noexcept { return __builtin_log10(x); }
inline float exp(float x) noexcept { return __builtin_expf(x); }
inline double exp(double x) noexcept { return __builtin_exp(x); }
inline float log(float x) noexcept { return __builtin_logf(x); }
inline double log(double x) noexcept { return __builtin_log(x); }
/// log(1 + x), as exact near 0.
inline float log1p(float x) noexcept { return __builtin_log1pf(x); }
inline double log1p(double x) noexcept { return __builtin_log1p(x); }
inline float magnitude(float x) noexcept { return __builtin_fabsf(x); }
inline double magnitude(double x) noexcept { return __builtin_fabs(x); }
inline bool is_finite(double x) noexcept { return __builtin_isfinite(x); }

}  // namespace dyadic::math
