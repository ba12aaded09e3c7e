#include <dyadic/network/walk.hpp>

#include <doctest/doctest.h>

#include <string>

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

using namespace dyadic;

namespace {

constexpr window three{.size = 3, .padding = padding::same};
using net = sequential<
    input<6, 6, 2>, named<"stem", conv2d<4, three>>, relu,
    named<"block", residual<named<"a", conv2d<4, three>>, relu, residual<named<"b", conv2d<4, three>>>,
                            shortcut<named<"c", conv2d<4, window{.size = 1}>>>>>,
    relu, flatten, named<"head", dense<3>>>;

template <class Node, class NameOf> std::string names(NameOf name_of) {
  std::string all;
  for_each_stage<Node>(
      [&](auto type, std::size_t depth) { all += std::string(depth, '.') + name_of(type) + " "; });
  return all;
}

}  // namespace

TEST_CASE("a walk meets every stage in order, a residual before what is in its branches") {
  char const* const expected =
      "stem block .block/a .block/residual_2 ..block/residual_2/b .block/shortcut_c head ";
  auto const name_of_stage = [](auto type) { return std::string(decltype(type)::type::name.c_str()); };
  CHECK(names<net::stages>(name_of_stage) == expected);
  CHECK(stage_count<net::stages> == 7);

  auto const name_of_bound = [](auto type) { return std::string(decltype(type)::type::stage::name.c_str()); };
  using quantized = net::in<trainable<scheme>>;
  CHECK(names<quantized::bound>(name_of_bound) == "input " + std::string(expected));
  CHECK(stage_count<quantized::bound> == 8);
  CHECK(names<net::in<float32>::bound>(name_of_bound) == expected);
}
