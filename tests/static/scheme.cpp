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
static_assert(bound<inner, 1>::at<0>::at<0>::weight_rule::grid::bits == 2);
static_assert(bound<inner, 1>::at<0>::at<0>::output_rule::grid::bits == 8);

// The last stage that makes codes makes the network's outputs; a residual's branches never do.
static_assert(bound<own, 2>::output_rule::grid::bits == 8 && bound<eight, 2>::output_rule::grid::bits == 16);
using ends_in_sum = sequential<input<6>, dense<6>, residual<dense<6>>, dropout<>>;
using sum = network_binding<eight, ends_in_sum::input, ends_in_sum::stages>::body::at<1>;
static_assert(sum::output_rule::grid::bits == 16 && sum::at<0>::at<0>::output_rule::grid::bits == 8);

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
static_assert(sound<problem<with<eight, at<"head", weights<symmetric<16>>>>>>);
static_assert(
    sound<problem<with<eight, of_kind<"conv2d", weights<symmetric<12>>, activations<symmetric<16>>>>>>);
static_assert(sound<problem<with<eight, at<"branch", activations<symmetric<16>>>>>>);

// By kind and by a predicate: behind names, before the scheme, in branches too.
template <class Layer> struct is_head : std::is_same<Layer, dense<3>> {};
using by_kind = with<eight, of_kind<"conv2d", weights<symmetric<3>>, activations<affine<6>>>,
                     where<is_head, weights<symmetric<5>>>, at<"branch/inner", weights<symmetric<2>>>>;
static_assert(sound<problem<by_kind, true>>);
static_assert(bound<by_kind, 0>::weight_rule::grid::bits == 4 &&
              bound<by_kind, 0>::output_rule::grid::bits == 5);
static_assert(bound<by_kind, 1>::at<0>::at<0>::weight_rule::grid::bits == 2);
static_assert(bound<by_kind, 1>::at<0>::at<0>::output_rule::grid::bits == 6);
static_assert(bound<by_kind, 1>::output_rule::grid::bits == 8);
static_assert(bound<by_kind, 2>::weight_rule::grid::bits == 5);
using last_kept = network_binding<with<eight, of_kind<"dense", kept_float>>, net::input, net::stages>;
using head_kept = network_binding<with<eight, where<is_head, kept_float>>, net::input, net::stages>;
static_assert(last_kept::body::output_format::is_real && head_kept::body::output_format::is_real);
static_assert(!last_kept::body::at<0>::output_format::is_real);
using both = with<eight, of_kind<"dense", weights<symmetric<7>>>, where<is_head, weights<symmetric<6>>>>;
static_assert(bound<both, 2>::weight_rule::grid::bits == 7);
static_assert(bound<with<both, where<is_head, weights<symmetric<5>>>>, 2>::weight_rule::grid::bits == 5);
static_assert(std::is_same_v<problem<with<eight, of_kind<"gru", kept_float>>>, unknown_kind<"gru">>);

// By the first part of names: behind a whole name, like a kind or a predicate.
using whole_branch = with<eight, at<"branch/*", weights<symmetric<3>>, activations<affine<6>>>,
                          at<"branch/inner", weights<symmetric<2>>>>;
static_assert(sound<problem<whole_branch, true>>);
static_assert(bound<whole_branch, 1>::at<0>::at<0>::weight_rule::grid::bits == 2);
static_assert(bound<whole_branch, 1>::at<0>::at<0>::output_rule::grid::bits == 6);
static_assert(bound<whole_branch, 1>::output_rule::grid::bits == 8);
static_assert(std::is_same_v<problem<with<eight, at<"bran/*", kept_float>>>, unknown_layer<"bran/*">>);
using block_net =
    sequential<input<4>, dense<5>, named<"block", layers<dense<4>, relu, dense<3>>>, named<"head", dense<2>>>;
using block_kept =
    network_binding<with<eight, at<"block/*", kept_float>>, block_net::input, block_net::stages>;
static_assert(!block_kept::body::at<0>::output_format::is_real && !block_kept::body::output_format::is_real);
static_assert(block_kept::body::at<2>::output_format::is_real &&
              block_kept::body::at<3>::output_format::is_real);

// Quantizers where they make no sense.
template <class... Words> using at_head = problem<with<eight, at<"head", Words...>>>;
template <class... Words> using at_conv = problem<with<eight, at<"branch/inner", Words...>>>;
static_assert(
    std::is_same_v<at_conv<activations<binary<>>>, weight_grid_for_outputs<"branch/inner", grid::binary>>);
static_assert(std::is_same_v<at_head<weights<symmetric<4, usual, range::pact>>>,
                             range_not_for_grid<"head", range::pact, grid::symmetric<4>>>);
static_assert(std::is_same_v<at_conv<activations<symmetric<4, usual, range::lsq_plus>>>,
                             range_not_for_grid<"branch/inner", range::lsq_plus, grid::symmetric<4>>>);
static_assert(std::is_same_v<at_head<weights<binary<usual, range::lsq>>>,
                             range_not_for_grid<"head", range::lsq, grid::binary>>);
static_assert(std::is_same_v<at_head<weights<symmetric<8, usual, range::in_type>>>,
                             range_not_for_grid<"head", range::in_type, grid::symmetric<8>>>);

// Groups of inputs: where kernels can read them and scales may be any numbers.
using grouped = symmetric<4, per_group<8>>;
static_assert(sound<at_head<weights<grouped>>> && sound<at_conv<weights<grouped>>>);
static_assert(bound<with<eight, at<"head", weights<grouped>>>, 2>::accumulator_bound ==
              std::int64_t{64} * 128 * 7 * 255);
template <class... Layers>
using grouped_problem = diagnosis<with<eight, at<"grouped", weights<grouped>>>, input_layer<shape<6, 6, 3>>,
                                  typename sequential<input<6, 6, 3>, Layers...>::stages, true>::type;
static_assert(std::is_same_v<grouped_problem<named<"grouped", depthwise_conv2d<window{.size = 3}>>>,
                             groups_have_no_place<"grouped", depthwise_conv2d<window{.size = 3}>,
                                                  shape<6, 6, 3>, per_group<8>>>);
static_assert(!sound<grouped_problem<named<"grouped", conv2d<4, window{.size = 2, .dilation = 2}>>>>);
static_assert(sound<grouped_problem<named<"grouped", conv2d<4, window{.size = 3}>>>>);
static_assert(!sound<at_head<weights<power_of_two_scale<4, per_group<8>>>>>);
static_assert(!sound<at_head<weights<symmetric<4, per_group<8>, range::tqt>>>>);
static_assert(!sound<at_head<weights<quantizer<grid::fixed_point<4, 2>, per_group<8>>>>>);
static_assert(std::is_same_v<problem<with<eight, at<"branch", activations<affine<4, per_group<8>>>>>>,
                             scale_per_channel<"branch">>);
using deep = sequential<input<600>, dense<3, weights<symmetric<8, per_group<32>>>>>;
constexpr std::int64_t deepest = std::int64_t{600} * 128 * 127 * 255;  // more than 32 bits
static_assert(sound<diagnosis<eight, deep::input, deep::stages, true>::type>);
struct eight_as_tflite : scheme {
  using rescale = tflite_reference;
};
static_assert(std::is_same_v<
              diagnosis<eight_as_tflite, deep::input, deep::stages, true>::type,
              wide_sums<"dense_1", dense<3, weights<symmetric<8, per_group<32>>>>, shape<600>, deepest>>);

// Weights alone are codes: reals between layers, and any rows may have groups.
using alone = with<eight, at<"grouped", weights<grouped>, weights_alone>>;
template <class Scheme, class... Layers>
using problem_of = diagnosis<Scheme, input_layer<shape<6, 6, 3>>,
                             typename sequential<input<6, 6, 3>, Layers...>::stages, false>::type;
static_assert(sound<problem_of<alone, named<"grouped", conv2d<4, window{.size = 2, .dilation = 2}>>>>);
static_assert(!sound<problem_of<alone, named<"grouped", depthwise_conv2d<window{.size = 3}>>>>);
static_assert(std::is_same_v<problem_of<with<eight, at<"wide", weights<symmetric<12>>, weights_alone>>,
                                        flatten, named<"wide", dense<4>>>,
                             wide_stored_weights<"wide", dense<4>, grid::symmetric<12>>>);
struct run_time : scheme {
  using ranges_at_run_time = std::true_type;
};
using steps = sequential<input<5, 3>, gru<4>, dense<2>>;
static_assert(std::is_same_v<diagnosis<run_time, steps::input, steps::stages, false>::type,
                             weights_without_codes<"gru_1", gru<4>>>);
static_assert(
    sound<diagnosis<with<run_time, of_kind<"gru", kept_float>>, steps::input, steps::stages, false>::type>);

// Codes drawn by chance: weights of linear layers, observed ranges, all integers.
template <class Range> using by_chance = symmetric<4, usual, Range, ste::stochastic<>>;
static_assert(sound<at_head<weights<by_chance<usual>>>> &&
              sound<at_conv<weights<by_chance<range::sigma<>>>>>);
static_assert(std::is_same_v<at_head<weights<by_chance<range::lsq>>>,
                             codes_not_drawn<"head", grid::symmetric<4>, range::lsq>>);
static_assert(!sound<at_head<weights<binary<usual, usual, ste::stochastic<>>>>>);
static_assert(!sound<at_conv<activations<by_chance<usual>>>>);

struct under_tflite : scheme {
  using weights = full_symmetric<8>;
  using rescale = tflite_reference;
};
static_assert(
    std::is_same_v<problem<under_tflite>,
                   uneven_weights<"conv2d_1", tflite_reference, grid::symmetric<8, grid::span::full>>> ||
    sound<problem<under_tflite>>);
using normed = sequential<input<6>, dense<3>, batch_norm>;
static_assert(
    std::is_same_v<diagnosis<under_tflite, normed::input, normed::stages, true>::type,
                   uneven_weights<"dense_1", tflite_reference, grid::symmetric<8, grid::span::full>>>);
using plain = sequential<input<6>, dense<3>>;
static_assert(sound<diagnosis<under_tflite, plain::input, plain::stages, true>::type>);

}  // namespace
