// What the compiler alone can check of networks: fusion to stages, names, shapes and sizes.
#include <cstdint>
#include <type_traits>

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

namespace {

using namespace dyadic;

struct int8 : scheme {};

/// Names and texts of stages, joined by commas.
template <class... Stages> constexpr auto names(list<Stages...>) {
  return (fixed_string("") + ... + (Stages::name + ","));
}
template <class... Stages> constexpr auto texts(list<Stages...>) {
  return (fixed_string("") + ... + (Stages::text + ","));
}
template <std::size_t Index, class... Stages> type_at<Index, Stages...> nth(list<Stages...>);
template <class... Branches> constexpr auto names_of_branches(list<Branches...>) {
  return (fixed_string("") + ... + (names(Branches{}) + ";"));
}
template <class Net, std::size_t Index> using stage = decltype(nth<Index>(typename Net::stages{}));

// Linear + batch norm + activation are one stage; flatten is none.
using lenet = sequential<input<28, 28, 1>, conv2d<16, window{.size = 5}>, batch_norm, relu, max_pool<2>,
                         conv2d<32, window{.size = 5}>, batch_norm, relu, max_pool<2>, flatten, dense<128>,
                         relu, dropout<>, named<"head", dense<10>>>;
static_assert(names(lenet::stages{}) ==
              fixed_string("conv2d_1,max_pool_4,conv2d_5,max_pool_8,dense_10,dropout_12,head,"));
static_assert(
    texts(lenet::stages{}) ==
    fixed_string("conv2d<16,5x5> + batch_norm + relu,max_pool<2x2,stride 2>,conv2d<32,5x5> + batch_norm + "
                 "relu,max_pool<2x2,stride 2>,dense<128> + relu,dropout<0.5>,dense<10>,"));
static_assert(lenet::parameter_count ==
              16 * 25 + 2 * 16 + 32 * 25 * 16 + 2 * 32 + 128 * 512 + 128 + 10 * 128 + 10);
static_assert(lenet::mac_count == 24 * 24 * 16 * 25 + 8 * 8 * 32 * 25 * 16 + 128 * 512 + 10 * 128);
static_assert(std::is_same_v<lenet::output_shape, shape<10>> && std::is_empty_v<lenet>);
static_assert(std::is_same_v<stage<lenet, 3>::output, shape<4, 4, 32>>);

// A batch norm joins a linear layer alone; behind anything else it stands alone, with its activation.
using norms =
    sequential<input<6, 6, 2>, batch_norm, relu, conv2d<3, window{.size = 1}>, relu, batch_norm, max_pool<2>,
               relu6, average_pool<3>, relu, flatten, dense<4>, batch_norm, batch_norm>;
static_assert(texts(norms::stages{}) ==
              fixed_string("batch_norm + relu,conv2d<3,1x1> + relu,batch_norm,max_pool<2x2,stride 2>,relu6,"
                           "average_pool<3x3,stride 3>,relu,dense<4> + batch_norm,batch_norm,"));
static_assert(norms::parameter_count == 4 + (6 + 3) + 6 + (12 + 8) + 8);

// The numbers behind flatten have other channels, so a batch norm there is not the convolution's.
using flattened = sequential<input<4, 4, 1>, conv2d<2, window{.size = 1}>, flatten, batch_norm>;
static_assert(names(flattened::stages{}) == fixed_string("conv2d_1,batch_norm_3,"));
static_assert(flattened::parameter_count == 4 + 64);

// A residual is one stage of two branches, whose stages bear its name.
constexpr window same{.size = 3, .padding = padding::same};
using branches = sequential<
    input<8, 8, 4>, residual<conv2d<4, same>, batch_norm, relu, conv2d<4, same>>, relu,
    named<"down",
          residual<named<"first", conv2d<6, window{.size = 3, .stride = 2, .padding = padding::same}>>,
                   shortcut<conv2d<6, window{.size = 1, .stride = 2}>, batch_norm>>>>;
static_assert(names(branches::stages{}) == fixed_string("residual_1,down,"));
static_assert(texts(branches::stages{}) == fixed_string("add + relu,add,"));
static_assert(names_of_branches(stage<branches, 0>::branches{}) ==
              fixed_string("residual_1/conv2d_0,residual_1/conv2d_3,;;"));
static_assert(names_of_branches(stage<branches, 1>::branches{}) ==
              fixed_string("down/first,;down/shortcut_conv2d_0,;"));
static_assert(std::is_same_v<branches::output_shape, shape<4, 4, 6>>);
static_assert(branches::parameter_count == (144 + 8) + (144 + 4) + (216 + 6) + (24 + 12));
static_assert(branches::mac_count == 2 * 64 * 144 + 16 * 216 + 16 * 24);

// Shapes: floor of what fits for valid padding, ceiling of input / stride for same.
template <class Layer, int... Extents>
using after = typename sequential<input<Extents...>, Layer>::output_shape;
static_assert(std::is_same_v<after<conv2d<5, window{.size = 3, .stride = 2}>, 8, 9, 1>, shape<3, 4, 5>>);
static_assert(
    std::is_same_v<after<conv2d<5, window{.size = 3, .stride = 2, .padding = padding::same}>, 8, 9, 1>,
                   shape<4, 5, 5>>);
static_assert(std::is_same_v<after<conv2d<2, window{.height = 8, .width = 1}>, 8, 9, 3>, shape<1, 9, 2>>);
static_assert(std::is_same_v<after<depthwise_conv2d<window{.size = 2}>, 8, 9, 3>, shape<7, 8, 3>>);
static_assert(std::is_same_v<after<max_pool<2>, 7, 9, 3>, shape<3, 4, 3>>);
static_assert(std::is_same_v<after<average_pool<2, pooling{.stride = 1, .padding = padding::same}>, 7, 9, 3>,
                             shape<7, 9, 3>>);
static_assert(std::is_same_v<after<global_average_pool, 7, 9, 3>, shape<3>>);
static_assert(std::is_same_v<after<flatten, 7, 9, 3>, shape<189>>);

// Integer engines: aggregates of integers, whose size and scratch are known.
using edge = lenet::in<integer<int8>>;
static_assert(std::is_aggregate_v<edge> && std::is_trivially_copyable_v<edge> &&
              std::is_standard_layout_v<edge> == false);
static_assert(sizeof(edge) < 86'000 && edge::scratch_bytes < 16'384);
static_assert(edge::input_size == 784 && edge::output_size == 10);
static_assert(std::is_same_v<edge::code, std::int8_t> && std::is_same_v<edge::output_code, std::int16_t>);
// Two neighbouring tensors, at worst the first convolution's and its pool's; and the input.
static_assert(edge::body::room(1).narrow == 24 * 24 * 16 + 12 * 12 * 16 && edge::body::room(1).wide == 0);
static_assert(edge::scratch_bytes >= 784 + 24 * 24 * 16 + 12 * 12 * 16 &&
              edge::scratch_bytes < 784 + 11'520 + 1'024);
static_assert(sizeof(edge::scratch<2>) >= 2 * (784 + 11'520));
static_assert(noexcept(std::declval<edge const&>().infer(std::declval<std::span<std::int8_t const, 784>>())));

// Two-bit weights take a quarter.
struct two_bits : scheme {
  using weights = symmetric<2>;
};
static_assert(sizeof(lenet::in<integer<two_bits>>) < sizeof(edge) / 3);

// The accumulator's worst case, from depth and widths.
template <class Net, class Scheme, std::size_t Index>
inline constexpr std::int64_t bound =
    network_binding<Scheme, typename Net::input,
                    typename Net::stages>::body::template at<Index>::accumulator_bound;
static_assert(bound<lenet, int8, 0> == 25 * 128 * 127 && bound<lenet, int8, 2> == 400 * 128 * 127);
static_assert(bound<lenet, two_bits, 4> == 512 * 128);
static_assert(accumulator_bits(bound<lenet, int8, 0>) == 20);

// The trainable engines' floats.
static_assert(lenet::in<float32>::float_count == lenet::parameter_count + 2 * (16 + 32));
static_assert(lenet::in<trainable<int8>>::float_count == lenet::in<float32>::float_count + 16 + 32 + 128 +
                                                             10 +
                                                             5 * 3);  // weight scales, five ranges of three

// A network with a layer kept float is not an integer one, and says so by its formats.
using head_float = with<int8, at<"head", kept_float>>;
static_assert(lenet::in<mixed<head_float>>::output_is_real && !edge::output_is_real);
static_assert(std::is_same_v<lenet::in<mixed<head_float>>::output_code, float>);
static_assert(!all_integer<lenet::in<mixed<head_float>>> && all_integer<edge>);

}  // namespace
