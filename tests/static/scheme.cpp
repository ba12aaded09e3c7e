// Which word holds for a layer: its own, then those behind its name, then the scheme's.
#include <type_traits>

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>
#include <dyadic/quantize/scheme.hpp>

namespace {

using namespace dyadic;

struct eight : scheme {};
struct own : scheme {
  using weights = symmetric<6>;
  using activations = symmetric<5>;
  using outputs = affine<8>;
  using rescale = power_of_two<>;
};

template <class Scheme, class... Words> using of = policies<Scheme, fixed_string("body"), list<Words...>>;
template <class Policies> inline constexpr int weight_bits = Policies::weights::grid::bits;
template <class Policies> inline constexpr int code_bits = Policies::activations::grid::bits;
template <class Policies> inline constexpr int output_bits = Policies::outputs::grid::bits;

// The defaults, and what is left to the place.
static_assert(weight_bits<of<eight>> == 8 && code_bits<of<eight>> == 8 && output_bits<of<eight>> == 16);
static_assert(std::is_same_v<of<eight>::rescale, multiplier<31, rounding::half_up>> && !of<eight>::is_float);
static_assert(std::is_same_v<of<eight>::weights::granularity, per_channel>);
static_assert(std::is_same_v<of<eight>::weights::range, range::max_abs>);
static_assert(std::is_same_v<of<eight>::activations::granularity, per_tensor>);
static_assert(std::is_same_v<of<eight>::activations::range, range::moving_average<>>);
static_assert(!of<eight>::outputs::grid::has_zero_point && of<eight>::activations::grid::has_zero_point);
static_assert(all_float::kept_float::value && of<all_float>::is_float);

// A scheme's own members.
static_assert(weight_bits<of<own>> == 6 && code_bits<of<own>> == 5 && output_bits<of<own>> == 8);
static_assert(std::is_same_v<of<own>::rescale, power_of_two<>>);

// By name: only the words that are named, only there.
using by_name =
    with<own, at<"body", weights<symmetric<4>>, rescale<multiplier<16>>>, at<"head", weights<symmetric<2>>>>;
static_assert(weight_bits<of<by_name>> == 4 && code_bits<of<by_name>> == 5);
static_assert(std::is_same_v<of<by_name>::rescale, multiplier<16>>);
static_assert(weight_bits<policies<by_name, fixed_string("head"), list<>>> == 2);
static_assert(weight_bits<policies<by_name, fixed_string("neck"), list<>>> == 6);
static_assert(std::is_same_v<policies<by_name, fixed_string("head"), list<>>::rescale, power_of_two<>>);

// The layer's own words win over those by name; what they leave out comes from there.
static_assert(weight_bits<of<by_name, weights<symmetric<3>>>> == 3);
static_assert(std::is_same_v<of<by_name, weights<symmetric<3>>>::rescale, multiplier<16>>);
static_assert(code_bits<of<by_name, activations<affine<7>>>> == 7);
static_assert(of<by_name, kept_float>::is_float && !of<by_name>::is_float);
static_assert(of<with<eight, at<"body", kept_float>>>::is_float);

// The outer `with` wins over the inner, the first of two equal words over the second.
using nested = with<by_name, at<"body", weights<symmetric<7>>>>;
static_assert(weight_bits<of<nested>> == 7 && std::is_same_v<of<nested>::rescale, multiplier<16>>);
static_assert(weight_bits<policies<nested, fixed_string("head"), list<>>> == 2);
using twice =
    with<eight, at<"body", weights<symmetric<3>>>, at<"body", weights<symmetric<5>>, activations<affine<4>>>>;
static_assert(weight_bits<of<twice>> == 3 && code_bits<of<twice>> == 4);

// In a network: the words of what a layer absorbs are its own, and a branch's stage has the branch's name
// before its.
using net = sequential<input<6, 6, 1>, conv2d<4, window{.size = 3}, weights<symmetric<4>>>, batch_norm,
                       relu_with<activations<affine<5>>>,
                       named<"branch", residual<named<"inner", conv2d<4, window{.size = 1}>>>>, flatten,
                       named<"head", dense<3>>>;
template <class Scheme, std::size_t Index>
using bound = typename network_binding<Scheme, net::input, net::stages>::body::template at<Index>;
static_assert(bound<own, 0>::weight_rule::grid::bits == 4 && bound<own, 0>::output_rule::grid::bits == 5);
using inner = with<eight, at<"branch/inner", weights<symmetric<2>>>, at<"branch", activations<affine<6>>>,
                   at<"conv2d_1", weights<symmetric<8>>, rescale<multiplier<20>>>>;
static_assert(bound<inner, 0>::weight_rule::grid::bits == 4);
static_assert(std::is_same_v<bound<inner, 0>::policy, multiplier<20>>);
static_assert(bound<inner, 1>::output_rule::grid::bits == 6);
static_assert(bound<inner, 1>::body::at<0>::weight_rule::grid::bits == 2);
static_assert(bound<inner, 1>::body::at<0>::output_rule::grid::bits == 8);

// The last stage that makes codes makes the network's outputs; a residual's branches never do.
static_assert(bound<own, 2>::output_rule::grid::bits == 8 && bound<eight, 2>::output_rule::grid::bits == 16);
using ends_in_sum = sequential<input<6>, dense<6>, residual<dense<6>>, dropout<>>;
using sum = network_binding<eight, ends_in_sum::input, ends_in_sum::stages>::body::at<1>;
static_assert(sum::output_rule::grid::bits == 16 && sum::body::at<0>::output_rule::grid::bits == 8);

// Where a layer kept float meets codes, a stage converts.
using floating = with<eight, at<"branch/inner", kept_float>, at<"head", kept_float>>;
using converted = network_binding<floating, net::input, net::stages>;
static_assert(converted::coded_input && converted::body::size == 4);
static_assert(converted::body::at<1>::name == fixed_string("dequantize_branch"));
static_assert(converted::body::at<2>::output_format::is_real && converted::body::output_format::is_real);

// Problems are found wherever they are.
template <class Scheme, bool OnlyIntegers = false>
using problem = typename diagnosis<Scheme, net::input, net::stages, OnlyIntegers>::type;
static_assert(sound<problem<eight>> && sound<problem<inner>> && sound<problem<inner, true>> &&
              sound<problem<floating>>);
static_assert(std::is_same_v<problem<with<eight, at<"inner", kept_float>>>, unknown_layer<"inner">>);
static_assert(sound<problem<with<eight, at<"input", activations<affine<4>>>>>>);
static_assert(std::is_same_v<problem<floating, true>, works_in_float<"dequantize_branch">>);
static_assert(std::is_same_v<problem<with<eight, at<"branch/inner", weights<affine<4>>>>>,
                             affine_weights<"branch/inner", conv2d<4, window{.size = 1}>, grid::affine<4>>>);
static_assert(std::is_same_v<problem<with<eight, at<"branch", activations<affine<4, per_channel>>>>>,
                             scale_per_channel<"branch">>);
static_assert(std::is_same_v<problem<with<eight, at<"head", weights<symmetric<16>>>>>,
                             wide_weights<"head", dense<3>, grid::symmetric<16>>>);
static_assert(std::is_same_v<problem<with<eight, at<"branch", activations<symmetric<16>>>>>,
                             wide_inputs<"head", dense<3>, coded<16, -32767, 32767>>>);

}  // namespace
