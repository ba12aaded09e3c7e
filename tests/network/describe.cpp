#include <doctest/doctest.h>

#include <dyadic/network/describe.hpp>
#include <dyadic/network/trainable.hpp>

#include <string>

#include "networks.hpp"

using namespace dyadic;

namespace {

struct int8 : scheme {};
struct as_tflite : scheme {
  using rescale = tflite_reference;
};
using small = sequential<
    input_with<shape<4, 4, 2>, bytes<sensor{.offset = 128, .scale = 0.5}, sensor{.offset = 0, .scale = 3}>>,
    conv2d<5, networks::same3>, batch_norm, relu, average_pool<2>, flatten, named<"head", dense<3>>>;

template <class Engine> std::string description() {
  std::string text;
  describe<Engine>([&text](char const* piece, std::size_t count) { text.append(piece, count); });
  return text;
}

}  // namespace

TEST_CASE("an integer network is described stage by stage: layers, shapes, formats, grids, rescale") {
  CHECK(
      description<small::in<integer<int8>>>() ==
      "input | 4x4x2 float32 -> codes<8> | bytes (byte - 128) * 1/2^1, (byte - 0) * 3 | outputs affine<8>\n"
      "conv2d_1 | conv2d<5,3x3,same> + batch_norm + relu | 4x4x2 codes<8> -> 4x4x5 codes<8> | weights "
      "symmetric<8> | outputs affine<8> | rescale multiplier<31,half_up>\n"
      "average_pool_4 | average_pool<2x2,stride 2> | 4x4x5 codes<8> -> 2x2x5 codes<8> | outputs affine<8> | "
      "rescale multiplier<31,half_up>\n"
      "head | dense<3> | 20 codes<8> -> 3 codes<16> | weights symmetric<8> | outputs symmetric<16> | rescale "
      "multiplier<31,half_up>\n");
}

TEST_CASE("a trainable network's description also names granularity, range and gradient rules") {
  CHECK(description<small::in<trainable<int8>>>().find(
            "weights symmetric<8>,per_channel,max_abs,clipped | outputs "
            "affine<8>,per_tensor,moving_average<0.99>,clipped | rescale multiplier<31,half_up>\n") !=
        std::string::npos);
}

TEST_CASE("a float network's description has no quantizers") {
  CHECK(description<small::in<float32>>() ==
        "input | 4x4x2 float32 | bytes (byte - 128) * 1/2^1, (byte - 0) * 3\n"
        "conv2d_1 | conv2d<5,3x3,same> + batch_norm + relu | 4x4x2 float32 -> 4x4x5 float32\n"
        "average_pool_4 | average_pool<2x2,stride 2> | 4x4x5 float32 -> 2x2x5 float32\n"
        "head | dense<3> | 20 float32 -> 3 float32\n");
}

TEST_CASE("an average that keeps its scale has no grid of its own") {
  CHECK(description<small::in<integer<as_tflite>>>().find(
            "average_pool_4 | average_pool<2x2,stride 2> | 4x4x5 codes<8> -> 2x2x5 codes<8> | rescale "
            "tflite_reference\n") != std::string::npos);
}

TEST_CASE("the stages of branches stand before the sum, under names of their own") {
  auto const text = description<networks::branches::in<integer<int8>>>();
  auto const body = text.find("\nresidual_4/conv2d_0 | "), sum = text.find("\nresidual_4 | add + relu | ");
  CHECK(body != std::string::npos);
  CHECK(sum != std::string::npos);
  CHECK(body < sum);
  CHECK(text.find("\nresidual_6/shortcut_conv2d_0 | conv2d<13,1x1,stride 2> + batch_norm | ") !=
        std::string::npos);
}

TEST_CASE("a layer kept float is described in float32 between its conversions") {
  using mixed_type = small::in<mixed<with<int8, at<"head", kept_float>>>>;
  auto const text = description<mixed_type>();
  CHECK(text.find("dequantize_head | dequantize | 20 codes<8> -> 20 float32\nhead | dense<3> | 20 float32 -> "
                  "3 float32\n") != std::string::npos);
}

TEST_CASE("engines know their kind") {
  CHECK(kind_of<small::in<float32>> == engine_kind::float32);
  CHECK(kind_of<small::in<trainable<int8>>> == engine_kind::trainable);
  CHECK(kind_of<small::in<integer<int8>>> == engine_kind::integer);
  CHECK(kind_of<small::in<mixed<with<int8, at<"conv2d_1", kept_float>>>>> == engine_kind::mixed);
  CHECK(std::string(kind_name(engine_kind::mixed)) == "mixed");
}

TEST_CASE("the hash of a description is a constant that differs where the description does") {
  static_assert(description_hash<small::in<integer<int8>>> !=
                description_hash<small::in<integer<as_tflite>>>);
  std::uint64_t hash = 0xcbf29ce484222325;
  for (char const c : description<small::in<integer<int8>>>())
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  CHECK(description_hash<small::in<integer<int8>>> == hash);
}
