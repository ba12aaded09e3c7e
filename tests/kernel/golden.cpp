#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dyadic/kernel/convolution.hpp"
#include "dyadic/kernel/depthwise.hpp"
#include "dyadic/kernel/elementwise.hpp"
#include "dyadic/kernel/matmul.hpp"
#include "dyadic/quantize/rescale.hpp"

#include "../golden/runtimes/vectors.hpp"

/// Codes that runtimes computed, and the policies that say they are those runtimes' arithmetic.

using dyadic::multiplier;
using dyadic::tflite_reference;
using dyadic::xnnpack_fp32;
namespace rounding = dyadic::rounding;
using namespace dyadic::kernel;
using namespace golden;

namespace {

int differing(codes const& a, codes const& b) {
  REQUIRE(a.size() == b.size());
  int count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i] ? 1 : 0;
  return count;
}

constexpr std::size_t most_outputs = 32;

/// The parameters of a layer as the runtime's file has them: the bias an integer on the accumulator's grid.
template <class Policy>
typename Policy::template channels<most_outputs> channels_of(linear_vector const& v, codes const& weights) {
  typename Policy::template channels<most_outputs> result{};
  std::size_t const outputs = v.bias.size(), depth = weights.size() / outputs;
  for (std::size_t o = 0; o < outputs; ++o) {
    std::int64_t sum = 0, magnitudes = 0;
    for (std::size_t i = 0; i < depth; ++i) {
      int const weight = weights[o * depth + i];
      sum += weight;
      magnitudes += weight < 0 ? -weight : weight;
    }
    float const weight_scale = v.weight_scales[v.weight_scales.size() > 1 ? o : 0];
    result.set(o, Policy::linear({.input_scale = v.input.scale,
                                  .weight_scale = weight_scale,
                                  .output_scale = v.output.scale,
                                  .offset = v.bias[o] * (double{v.input.scale} * double{weight_scale}),
                                  .zero_shift = v.input.zero * sum,
                                  .accumulator_bound = 128 * magnitudes}));
  }
  return result;
}

template <class Policy, class Arch> codes run(Arch arch, linear_vector const& v) {
  window_shape const& shape = v.shape;
  codes const weights = decoded(v.weights), inputs = decoded(v.inputs);
  auto const channels = channels_of<Policy>(v, weights);
  requantized<Policy, typename Policy::view, std::int8_t> const output{channels.view(), v.output.zero, -128,
                                                                       127};
  bool const depthwise_weights_wanted = v.kind == operation::depthwise;
  weight_shape const layout =
      depthwise_weights_wanted ? depthwise_weights(shape) : convolution_weights(shape);
  std::vector<std::uint8_t> packed(packed_weights_bytes<8>(layout));
  std::vector<std::int32_t> sums(layout.outputs);
  pack<8>(weights.data(), layout, packed.data());
  sum_weights(weights.data(), layout, sums.data());

  std::size_t const in_size = inputs.size() / v.images;
  std::size_t const out_size =
      static_cast<std::size_t>(shape.out_height * shape.out_width * shape.out_channels);
  codes result(v.images * out_size), padded(padded_size(shape));
  for (std::size_t image = 0; image < v.images; ++image) {
    pad(shape, inputs.data() + image * in_size, static_cast<std::int8_t>(v.input.zero), padded.data());
    std::int8_t* const y = result.data() + image * out_size;
    if (v.kind == operation::depthwise)
      depthwise<8>(arch, shape, padded.data(), packed.data(), output, y);
    else if (v.kind == operation::convolution)
      convolution<8>(arch, shape, padded.data(), packed.data(), sums.data(), output, y);
    else
      matmul<8>(arch, {.outputs = layout.outputs, .depth = layout.depth}, padded.data(), packed.data(),
                sums.data(), output, y);
  }
  return result;
}

template <class Policy> struct sum_of_two {
  typename Policy::addition parameters;
  int zero;
  std::int8_t operator()(std::int8_t a, std::int8_t b) const noexcept {
    std::int64_t const code = Policy::apply(parameters, a, b, zero);
    return static_cast<std::int8_t>(code < -128 ? -128 : code > 127 ? 127 : code);
  }
};

template <class Policy> codes sums(add_vector const& v, codes const& a, codes const& b) {
  sum_of_two<Policy> const f{Policy::add({v.a.scale, v.a.zero}, {v.b.scale, v.b.zero}, v.output.scale),
                             v.output.zero};
  codes result(a.size());
  add(native{}, a.size(), a.data(), b.data(), f, result.data());
  return result;
}

template <class Policy> codes run(add_vector const& v) {
  return sums<Policy>(v, decoded(v.codes_a), decoded(v.codes_b));
}

template <class Policy> std::uint64_t hash_of_all_sums(add_vector const& v) {
  codes a, b;
  for (int first = -128; first < 128; ++first)
    for (int second = -128; second < 128; ++second) {
      a.push_back(static_cast<std::int8_t>(first));
      b.push_back(static_cast<std::int8_t>(second));
    }
  std::uint64_t value = 0xcbf29ce484222325;  // FNV-1a
  for (std::int8_t const code : sums<Policy>(v, a, b))
    value = (value ^ static_cast<std::uint8_t>(code)) * 0x100000001b3;
  return value;
}

std::uint64_t hash_of_runtime(add_vector const& v, runtime which) {
  for (hash const& some : v.hashes)
    if ((some.runtimes & which) != 0) return some.value;
  return 0;
}

template <class Policy> codes run(average_vector const& v) {
  std::int64_t const count = v.shape.taps();
  auto const parameters = Policy::average(v.codes.scale, v.codes.zero, count, v.codes.scale);
  auto const finish = [&](std::int32_t sum, int) {
    std::int64_t const code = Policy::apply(parameters, sum, v.codes.zero);
    return static_cast<std::int8_t>(code < -128 ? -128 : code > 127 ? 127 : code);
  };
  codes result(static_cast<std::size_t>(v.shape.out_height * v.shape.out_width * v.shape.out_channels));
  average_pool(native{}, v.shape, decoded(v.inputs).data(), finish, result.data());
  return result;
}

template <class Policy> codes run(requantize_vector const& v) {
  auto const channel = Policy::requantize(v.input.scale, v.input.zero, v.output.scale);
  codes result;
  for (int code = -128; code < 128; ++code) {
    std::int64_t const to = Policy::apply(channel, code, v.output.zero);
    result.push_back(static_cast<std::int8_t>(to < -128 ? -128 : to > 127 ? 127 : to));
  }
  return result;
}

template <class Policy> void check_linear(linear_vector const& v, runtime which) {
  INFO(v.name);
  codes const expected = of_runtime(v.expected, which);
  CHECK(differing(run<Policy>(reference{}, v), expected) == 0);
  CHECK(differing(run<Policy>(native{}, v), expected) == 0);
}

template <class Policy, class Vector> void check_codes(Vector const& v, runtime which) {
  INFO(v.name);
  CHECK(differing(run<Policy>(v), of_runtime(v.expected, which)) == 0);
}

template <class Policy> void check_sums(add_vector const& v, runtime which) {
  check_codes<Policy>(v, which);
  INFO(v.name);
  CHECK(hash_of_all_sums<Policy>(v) == hash_of_runtime(v, which));
}

/// How often codes differ from a runtime's.
struct tally {
  std::string text;

  template <class Vectors, class Run>
  void count(char const* what, Vectors const& vectors, bool made, Run const& run_one) {
    text += std::string("\n  ") + what + (made ? ", made for ties: " : ", networks: ");
    constexpr struct {
      runtime which;
      char const* name;
    } all[] = {{xnnpack, "XNNPACK"},
               {reference_kernels, "reference"},
               {builtin, "built-in"},
               {micro, "Micro"},
               {onnx, "ONNX"}};
    std::size_t compared = 0;
    for (auto const& one : all) {
      std::size_t count = 0;
      int different = 0;
      for (auto const& v : vectors) {
        if (v.name.starts_with("made") != made || !ran(v.expected, one.which)) continue;
        codes const found = run_one(v);
        different += differing(found, of_runtime(v.expected, one.which));
        count += found.size();
      }
      if (count == 0) continue;
      text += std::string(one.name) + " " + std::to_string(different) + ", ";
      compared = count;
    }
    text += "of " + std::to_string(compared);
  }
};

}  // namespace

TEST_CASE(
    "xnnpack_fp32 gives the codes of XNNPACK in TensorFlow Lite, on the reference kernels and on the best") {
  for (linear_vector const& v : linear_vectors) check_linear<xnnpack_fp32>(v, xnnpack);
  for (add_vector const& v : add_vectors) check_sums<xnnpack_fp32>(v, xnnpack);
}

TEST_CASE("xnnpack_fp32 averages as the built-in kernel does, which XNNPACK leaves averages to") {
  for (average_vector const& v : average_vectors) {
    CHECK_FALSE(ran(v.expected, xnnpack));
    check_codes<xnnpack_fp32>(v, builtin);
  }
}

TEST_CASE("xnnpack_fp32 gives the codes of ONNX Runtime's convolutions and dense layers") {
  for (linear_vector const& v : linear_vectors) check_linear<xnnpack_fp32>(v, onnx);
}

TEST_CASE("tflite_reference gives the codes of TensorFlow Lite Micro") {
  for (linear_vector const& v : linear_vectors) check_linear<tflite_reference>(v, micro);
  for (add_vector const& v : add_vectors) check_sums<tflite_reference>(v, micro);
  for (average_vector const& v : average_vectors) check_codes<tflite_reference>(v, micro);
  for (requantize_vector const& v : requantize_vectors) check_codes<tflite_reference>(v, micro);
}

TEST_CASE("tflite_reference gives the codes of TensorFlow Lite's reference kernels, dense layers excepted") {
  for (linear_vector const& v : linear_vectors)
    if (v.kind != operation::dense) check_linear<tflite_reference>(v, reference_kernels);
  for (add_vector const& v : add_vectors) check_sums<tflite_reference>(v, reference_kernels);
  for (average_vector const& v : average_vectors) check_codes<tflite_reference>(v, reference_kernels);
  for (requantize_vector const& v : requantize_vectors) check_codes<tflite_reference>(v, reference_kernels);
}

TEST_CASE("TensorFlow Lite's reference dense layer is one rounding, ties away from zero") {
  for (linear_vector const& v : linear_vectors)
    if (v.kind == operation::dense) check_linear<multiplier<31, rounding::half_away>>(v, reference_kernels);
}

TEST_CASE("the vectors tell the runtimes apart") {
  int linear = 0, network = 0, dense = 0, sum = 0;
  for (linear_vector const& v : linear_vectors) {
    codes const of_micro = of_runtime(v.expected, micro), of_xnnpack = of_runtime(v.expected, xnnpack);
    int const different = differing(of_micro, of_xnnpack);
    linear += different;
    if (!v.name.starts_with("made")) network += different;
    if (v.kind == operation::dense) dense += differing(of_micro, of_runtime(v.expected, reference_kernels));
  }
  for (add_vector const& v : add_vectors)
    sum += differing(of_runtime(v.expected, micro), of_runtime(v.expected, xnnpack));
  CHECK(linear >= 500);
  CHECK(network >= 60);
  CHECK(dense >= 100);
  CHECK(sum >= 100);
}

/// The crops were chosen where TensorFlow Lite Micro and XNNPACK differ: these are no rates of a network.
TEST_CASE("the default requantization is close to every runtime's and none of them") {
  using policy = multiplier<31, rounding::half_up>;
  tally result;
  auto const linear = [](linear_vector const& v) { return run<policy>(reference{}, v); };
  auto const other = [](auto const& v) { return run<policy>(v); };
  for (bool const made : {false, true}) {
    result.count("convolution and dense", linear_vectors, made, linear);
    result.count("add", add_vectors, made, other);
    result.count("average", average_vectors, made, other);
  }
  result.count("requantize", requantize_vectors, true, other);
  MESSAGE("codes in which " << std::string(policy::name.c_str()) << " differs:" << result.text);
  int beyond_one = 0;
  for (linear_vector const& v : linear_vectors) {
    codes const mine = linear(v), theirs = of_runtime(v.expected, xnnpack);
    for (std::size_t i = 0; i < mine.size(); ++i) {
      int const distance = mine[i] - theirs[i];
      beyond_one += distance < -1 || distance > 1 ? 1 : 0;
    }
  }
  CHECK(beyond_one == 0);
}
