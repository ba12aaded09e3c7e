// A quantizer of one's own. Quantization is a grid, a granularity, a range rule and a gradient rule; each is
// a small type that a concept describes, and each can be replaced alone. Here three are new, and the network
// that is trained with them is deployed like any other.
#include <dyadic/dyadic.hpp>
#include <dyadic/interop/gzip.hpp>
#include <dyadic/network/by_name.hpp>

#include <cstdio>

using namespace dyadic;

// A grid of an odd number of levels around zero: levels<5> has the codes -2 .. 2.
template <int Count> struct levels {
  static constexpr auto name = "levels<" + decimal<Count>() + ">";
  static constexpr int high = Count / 2;
  static constexpr int low = -high;
  static constexpr int bits = Count <= 3 ? 2 : Count <= 7 ? 3 : 4;
  static constexpr bool has_zero_point = false;
  static constexpr code_grid fit(interval range) noexcept {
    return {grid::scale_of(grid::largest_magnitude(range), high), 0};
  }
};

// A range that ends at some mean magnitudes: rare large weights are cut, so that the many small ones get the
// levels.
struct three_means {
  static constexpr auto name = fixed_string("three_means");
  static constexpr std::size_t state_size =
      2;  // floats that the network keeps for the rule: the mean, batches seen
  static constexpr bool learned = false;
  static constexpr bool needs_values(float const*) noexcept { return true; }
  static constexpr bool ready(float const* state) noexcept { return state[1] > 0; }
  template <grid_rule Grid> static constexpr void observe(float* state, observation const& seen) noexcept {
    float sum = 0;
    for (std::size_t i = 0; i < seen.count; ++i) sum += seen.values[i] < 0 ? -seen.values[i] : seen.values[i];
    state[0] = sum / static_cast<float>(seen.count);
    state[1] = 1;
  }
  template <grid_rule Grid> static constexpr code_grid place(float const* state) noexcept {
    return Grid::fit({-3 * state[0], 3 * state[0]});
  }
};

// A gradient that fades beyond the grid's ends instead of stopping there, so that a cut weight can find back.
struct fading {
  static constexpr auto name = fixed_string("fading");
  static constexpr float pass(float code, float low, float high) noexcept {
    float const beyond = code < low ? low - code : code > high ? code - high : 0;
    return 1 / (1 + beyond * beyond);
  }
};

static_assert(grid_rule<levels<5>> && range_rule<three_means> && gradient_rule<fading>);

template <int Count> struct usual_rules : scheme {
  using weights = quantizer<levels<Count>>;
};
template <int Count> struct own_rules : scheme {
  using weights = quantizer<levels<Count>, per_channel, three_means, fading>;
};

using reader = sequential<input<28, 28, 1>,                                              //
                          conv2d<8, window{.size = 5}>, batch_norm, relu, max_pool<2>,   //
                          conv2d<16, window{.size = 5}>, batch_norm, relu, max_pool<2>,  //
                          flatten, named<"wide", dense<64>>, relu, dense<10>>;

bool all_equal = true;

template <class Scheme> auto row(mnist const& digits) {
  reader::in<trainable<Scheme>> net{seed{1}};  // from a seed, on integers from the first step
  fit(net, digits.train, adam{.rate = 3e-3F}, cosine{}, {.epochs = 2});
  auto const edge = to_integer(net).value();
  auto const codes = verify(net, edge, digits.test).value();
  std::printf("%-46s  %6.2f %%  %6zu  %zu of %zu\n", Scheme::weights::name.c_str(),
              100 * evaluate(edge, digits.test).value().accuracy, sizeof(edge), codes.differing,
              codes.compared);
  all_equal = all_equal && codes.differing == 0;
  return net;
}

int main(int count, char** words) {
  auto const digits = load_mnist(count > 1 ? words[1] : DYADIC_EXAMPLE_DATA "/mnist");
  if (!digits) return std::puts(digits.error().what()), 1;

  std::printf("%-46s  accuracy  bytes   codes that differ when deployed\n", "weights");
  row<usual_rules<5>>(*digits);
  row<own_rules<5>>(*digits);
  auto const net = row<own_rules<7>>(*digits);

  // What became of the wide layer's weights, all scales being those of their own output.
  auto const wide = layer<"wide">(net);
  std::size_t used[7]{};
  std::size_t const inputs = wide.weight.size() / wide.weight_scale.size();
  for (std::size_t i = 0; i < wide.weight.size(); ++i)
    ++used[encode(wide.weight[i], {wide.weight_scale[i / inputs], 0}, -3, 3) + 3];
  std::printf("\nlevels of the wide layer's weights\n");
  for (int code = -3; code <= 3; ++code) {
    std::printf("  %2d %6zu ", code, used[code + 3]);
    for (std::size_t i = 0; i < 160 * used[code + 3] / wide.weight.size(); ++i) std::putchar('#');
    std::putchar('\n');
  }
  return all_equal ? 0 : 1;
}
