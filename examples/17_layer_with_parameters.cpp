// A layer with parameters of its own, whole: options, shape rule, float and integer forward, gradient, and
// what files are told. `fading_memory` keeps a running average of each channel of a sequence, and learns how
// long. Here networks read digits row by row and are asked after the last row, which is blank: what they know
// of the others is in their memory.
#include <dyadic/dyadic.hpp>
#include <dyadic/interop/gzip.hpp>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>

using namespace dyadic;

// held += share * (x - held), and held is the output; a share for each channel, between 1/64 and 1, is
// trained. On codes the share has 15 bits behind the point and what is held has 16 more than a code, so small
// steps are not lost; an average stays between its numbers, so the output has the input's grid.
struct fading_memory {
  static constexpr auto name = fixed_string("fading_memory");
  static constexpr auto kind = fixed_string("fading_memory");
  using role = role::stage;
  using words = list<>;
  static constexpr bool makes_codes = false;
  template <class In> static constexpr bool takes = is_sequence<In>;
  template <class In> using output = In;
  template <class In> static constexpr auto parameter_count = static_cast<std::size_t>(In::channels);

  template <class Stage, class Policies, class Format, bool Last> struct bound {
    using stage = Stage;
    using input_format = Format;
    using output_format = Format;
    using element = typename Format::element;
    static constexpr bool is_real = Format::is_real;
    using held_number = std::conditional_t<is_real, float, std::int64_t>;
    static constexpr auto channels = static_cast<std::size_t>(Stage::input::channels);
    static constexpr auto size = static_cast<std::size_t>(Stage::input::size);

    // The float block's part, and what deployment stores instead.
    static constexpr std::array segments{segment{"share", channels, true, parameter_kind::norm}};
    struct slot {
      std::conditional_t<is_real, float, std::int32_t> share[channels];
      std::int32_t zero;
    };
    struct cache {
      slot integers;
    };
    static float share_of(float parameter) noexcept { return clamp(parameter, 1.0F / 64, 1.0F); }

    static std::size_t saved_bytes(std::size_t) noexcept { return 0; }
    static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
    static void initialise(generator&, float* parameters) noexcept {  // memories of 1 to 16 steps
      for (std::size_t c = 0; c < channels; ++c) parameters[c] = 1 / static_cast<float>(1U << c % 5);
    }
    static void refresh(stage_memory<cache> const& m) noexcept {
      for (std::size_t c = 0; c < channels; ++c)
        if constexpr (is_real)
          m.slot->integers.share[c] = share_of(m.parameters[c]);
        else
          m.slot->integers.share[c] = encode(share_of(m.parameters[c]), {0x1p-15F, 0}, 512, 32768);
    }
    static unready check(stage_memory<cache> const&) noexcept { return nullptr; }
    static code_grid settle(stage_memory<cache> const& m, code_grid in) noexcept {
      m.slot->integers.zero = in.zero;
      return in;
    }

    static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
      y.where = settle(m, x.where);
      infer(kernel::native{}, m.slot->integers, x.as<element>(), y.as<element>(), p.images, nullptr);
    }
    // From the last step to the first: a step's output is also in all that come after it.
    static void backward(pass const& p, stage_memory<cache> const& m, tensor x, tensor y, float* dy,
                         float* dx) noexcept {
      auto const real_of = [](tensor const& t, std::size_t at) {
        return t.where.scale * static_cast<float>(t.as<element>()[at] - static_cast<element>(t.where.zero));
      };
      for (std::size_t i = p.images * size; i-- > 0;) {
        std::size_t const c = i % channels;
        bool const first = i % size < channels;
        float const share = share_of(m.parameters[c]), before = first ? 0 : real_of(y, i - channels);
        m.gradients[c] += dy[i] * (real_of(x, i) - before);
        if (!first) dy[i - channels] += (1 - share) * dy[i];
        if (dx != nullptr) dx[i] = share * dy[i];
      }
    }

    // What runs in training and in deployment: constexpr, no heap; no float on codes.
    static constexpr std::size_t infer_scratch = 0;
    template <class Arch>
    static constexpr void infer(Arch, slot const& s, element const* x, element* y, std::size_t images,
                                void*) noexcept {
      for (std::size_t image = 0; image < images; ++image, x += size, y += size)
        for (std::size_t c = 0; c < channels; ++c) {
          held_number held = 0;
          for (std::size_t i = c; i < size; i += channels) {
            if constexpr (is_real) {
              y[i] = held += s.share[c] * (x[i] - held);
            } else {
              std::int64_t const ahead = (std::int64_t{x[i]} - s.zero) * 65536 - held;
              held += (ahead * s.share[c] + 16384) >> 15;
              y[i] = static_cast<element>(((held + 32768) >> 16) + s.zero);
            }
          }
        }
    }

    // The numbers that a file or a header holds.
    template <class Slot, class Visitor> static void walk(Slot& s, Visitor& visit) {
      if constexpr (is_real) {
        visit.reals("share", s.share, channels, interval{0, 1});
      } else {
        visit.numbers("share", s.share, channels, integer_range{512, 32768});
        visit.number("zero", s.zero, integer_range{Format::low, Format::high});
      }
    }
  };
};

using forgetful = sequential<input<28, 28>, dense<48>, batch_norm, relu, dense<48>, batch_norm, relu,
                             crop<margins{.left = 27}>, dense<10>>;
using reader =
    sequential<input<28, 28>, dense<48>, batch_norm, relu, named<"early", fading_memory>, dense<48>,
               batch_norm, relu, named<"late", fading_memory>, crop<margins{.left = 27}>, dense<10>>;

struct int8 : scheme {};

/// The largest difference between the layer's gradient and that of the loss by small steps of each parameter.
float gradient_error() {
  using small = sequential<input<6, 5>, fading_memory, flatten, dense<3>>;
  small::in<float32> net{seed{3}};
  generator random = generator::from(seed{4});
  float numbers[30], target[3]{1, -1, 0.5F}, answer[3];
  for (float& n : numbers) n = random.normal();
  data_view const sample{.reals = numbers, .targets = target, .sample_size = 30, .target_size = 3};
  auto const loss = [&](bool learn) {
    float* const outputs = net.forward({.keep = learn}, source_of(sample));
    auto const found = forward_backward(mean_squared_error{}, outputs, 3, sample, learn ? outputs : answer);
    if (learn) net.backward({}, 1, outputs);
    return static_cast<float>(found.sum);
  };
  loss(true);
  float worst = 0;
  for (std::size_t c = 1; c < 5; ++c) {  // the first share is at its bound
    float& parameter = net.floats()[c];
    float const at = parameter, h = 0x1p-9F;
    float sides[2];
    for (int side = 0; side < 2; ++side) {
      parameter = side == 0 ? at - h : at + h;
      net.refresh();
      sides[side] = loss(false);
    }
    parameter = at;
    worst = std::fmax(worst, std::fabs((sides[1] - sides[0]) / (2 * h) - net.gradients()[c]));
  }
  return worst;
}

int main(int count, char** words) {
  auto const digits = load_mnist(count > 1 ? words[1] : DYADIC_EXAMPLE_DATA "/mnist");
  if (!digits) return std::puts(digits.error().what()), 1;
  float const error = gradient_error();
  std::printf("gradient of the shares against differences: %.5f apart at most\n\n",
              static_cast<double>(error));

  forgetful::in<float32> without{seed{1}};
  fit(without, digits->train, adam{.rate = 5e-3F}, cosine{}, {.epochs = 1});
  reader::in<float32> net{seed{1}};
  fit(net, digits->train, adam{.rate = 5e-3F}, cosine{}, {.epochs = 8});
  auto trained = quantization_aware<int8>(net);
  fit(trained, digits->train, adam{.rate = 1e-3F}, cosine{}, {.epochs = 2});
  auto const edge = to_integer(trained).value();
  auto const codes = verify(trained, edge, digits->test).value();
  double const accuracy = evaluate(edge, digits->test).value().accuracy;
  std::printf("without memory %.2f %%, with it in float32 %.2f %%, on int8 %.2f %%\n",
              100 * evaluate(without, digits->test).value().accuracy,
              100 * evaluate(net, digits->test).value().accuracy, 100 * accuracy);
  std::printf("%zu of %zu codes differ when deployed\n\n", codes.differing, codes.compared);

  std::printf("channels by how many steps they remember (1 / share)\n");
  std::printf("          1 - 2   2 - 4   4 - 8  8 - 16 16 - 64\n");
  auto const show = [](char const* name, auto const& slot) {
    int counts[5]{};
    for (int const share : slot.share)
      ++counts[share > 16384 ? 0 : share > 8192 ? 1 : share > 4096 ? 2 : share > 2048 ? 3 : 4];
    std::printf("%-7s", name);
    for (int const n : counts) std::printf("%8d", n);
    std::printf("\n");
  };
  show("early", layer<"early">(edge));
  show("late", layer<"late">(edge));

  std::string const path = (std::filesystem::temp_directory_path() / "dyadic_example_17").string();
  save(edge, path.c_str()).value();
  auto const again = load<reader::in<integer<int8>>>(path.c_str());
  std::filesystem::remove(path);
  bool const kept = again && evaluate(*again, digits->test).value().accuracy == accuracy;
  std::printf("\nsaved and loaded: %s\n", kept ? "the same" : "not the same");
  return error < 1e-2F && codes.differing == 0 && accuracy > 0.85 && kept ? 0 : 1;
}
