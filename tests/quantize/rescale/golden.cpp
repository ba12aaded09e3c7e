#include <doctest/doctest.h>

#include <bit>
#include <cstddef>
#include <cstdint>

#include "dyadic/quantize/rescale.hpp"

/// Vectors that tests/golden/rescale.py computed in integers and fractions.

using dyadic::multiplier;
using dyadic::power_of_two;
using dyadic::tflite_reference;
using dyadic::xnnpack_fp32;
namespace rounding = dyadic::rounding;

namespace {

struct vector {
  std::uint32_t input_scale, weight_scale, output_scale;
  std::uint64_t gain, offset;
  std::int64_t zero_shift, accumulator_bound, accumulator;
  int zero_out;
  multiplier<>::channel half_up;
  std::int64_t half_up_code, half_even_code, half_away_code;
  multiplier<16, rounding::ceil>::channel ceil;
  std::int64_t ceil_code;
  power_of_two<>::channel power;
  std::int64_t power_code;
  bool has_int32_bias;
  tflite_reference::channel tflite;
  std::int64_t tflite_code;
  std::uint32_t xnnpack_scale;
  std::int64_t xnnpack_code;

  constexpr dyadic::rescale_line line() const {
    return {std::bit_cast<float>(input_scale),
            std::bit_cast<float>(weight_scale),
            std::bit_cast<float>(output_scale),
            std::bit_cast<double>(gain),
            std::bit_cast<double>(offset),
            zero_shift,
            accumulator_bound};
  }
};

constexpr vector vectors[] = {
#include "../../golden/rescale_vectors.inc"
};
constexpr std::size_t count = sizeof(vectors) / sizeof(vector);

template <class Policy> std::int64_t code(vector const& v) {
  return Policy::apply(Policy::linear(v.line()), v.accumulator, v.zero_out);
}

}  // namespace

TEST_CASE("parameters and codes are those of an independent implementation in Python") {
  int with_int32_bias = 0, differ = 0;
  for (std::size_t i = 0; i < count; ++i) {
    vector const& v = vectors[i];
    INFO("row " << i + 1);
    CHECK(multiplier<>::linear(v.line()) == v.half_up);
    CHECK(code<multiplier<>>(v) == v.half_up_code);
    CHECK(code<multiplier<31, rounding::half_even>>(v) == v.half_even_code);
    CHECK(code<multiplier<31, rounding::half_away>>(v) == v.half_away_code);
    CHECK(multiplier<16, rounding::ceil>::linear(v.line()) == v.ceil);
    CHECK(code<multiplier<16, rounding::ceil>>(v) == v.ceil_code);
    CHECK(power_of_two<>::linear(v.line()) == v.power);
    CHECK(code<power_of_two<>>(v) == v.power_code);
    if (!v.has_int32_bias) continue;
    ++with_int32_bias;
    CHECK(tflite_reference::linear(v.line()) == v.tflite);
    CHECK(code<tflite_reference>(v) == v.tflite_code);
    CHECK(xnnpack_fp32::linear(v.line()) == xnnpack_fp32::channel{v.tflite.bias, v.xnnpack_scale});
    CHECK(code<xnnpack_fp32>(v) == v.xnnpack_code);
    if (v.tflite_code != v.xnnpack_code) ++differ;
  }
  CHECK(count >= 200);
  CHECK(with_int32_bias >= 200);
  CHECK(differ > 0);  // the vectors tell the policies apart
}
