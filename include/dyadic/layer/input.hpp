#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include <dyadic/core/exact.hpp>
#include <dyadic/kernel/elementwise.hpp>
#include <dyadic/kernel/quantize.hpp>
#include <dyadic/layer/code_output.hpp>
#include <dyadic/layer/description.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

/// What an 8-bit sensor's byte means: real = (byte - offset) * scale.
struct sensor {
  double offset = 0;
  double scale = 1.0 / 255;
  constexpr bool operator==(sensor const&) const = default;
};

/// A word on `input`: the map of its bytes, one for all channels or one for each.
template <sensor... Maps> struct bytes {
  static_assert(sizeof...(Maps) > 0, "bytes<...> takes one sensor map, or one for each channel");
  static constexpr std::array<sensor, sizeof...(Maps)> maps{Maps...};
};

template <class Words> struct byte_maps {
  using type = bytes<sensor{}>;
};
template <sensor... Maps, class... Rest> struct byte_maps<list<bytes<Maps...>, Rest...>> {
  using type = bytes<Maps...>;
};
template <class First, class... Rest> struct byte_maps<list<First, Rest...>> : byte_maps<list<Rest...>> {};

/// The shape of one image, first of a network's layers: `input<28, 28, 1>`. Words: `bytes<sensor{...}>` for
/// the map of 8-bit data, `activations<...>` for the grid of the input codes.
template <class Shape, class... Words> struct input_layer {
  using shape = Shape;
  using words = list<Words...>;
  using maps = typename byte_maps<words>::type;
  static constexpr std::size_t map_count = maps::maps.size();
  static_assert(map_count == 1 || map_count == static_cast<std::size_t>(Shape::channels),
                "input: one byte map for all channels, or one for each channel");

  /// The real of a byte of one channel.
  static constexpr float real_of(std::uint8_t byte, std::size_t channel) noexcept {
    sensor const map = maps::maps[map_count == 1 ? 0 : channel];
    return exact::round_to_float(
        exact::multiply(exact::subtract(static_cast<double>(byte), map.offset), map.scale));
  }
};
template <int... Extents> using input = input_layer<shape<Extents...>>;
/// An input with words: `input_with<shape<28, 28, 1>, activations<affine<4>>>`.
template <class Shape, class... Words> using input_with = input_layer<Shape, Words...>;

/// Reals to codes: at the network's input, and behind a layer that is kept float.
template <fixed_string Name, class Shape, class Rule, std::size_t Maps> struct encode_stage {
  static constexpr auto name = Name;
  static constexpr auto kind = fixed_string("quantize");
  static constexpr auto text = fixed_string("quantize");
  using stage = encode_stage;
  using input = Shape;
  using output = Shape;
  using rule = Rule;
  using grid = typename Rule::grid;
  using input_format = real;
  using output_format = coded_by<grid>;
  using out_element = typename output_format::element;
  static constexpr std::size_t size = static_cast<std::size_t>(Shape::size);
  static constexpr std::size_t parameter_count = 0;
  static constexpr std::size_t mac_count = 0;
  static constexpr bool learned = Rule::range::learned;

  /// The codes of all bytes, a table for each byte map; none behind a float layer.
  struct slot {
    out_element tables[Maps == 0 ? 1 : Maps][Maps == 0 ? 1 : 256];
    code_output output;
  };
  struct cache {
    slot integers;
  };
  static constexpr auto segments = range_segments<typename Rule::range>();

  static std::size_t saved_bytes(std::size_t) noexcept { return 0; }
  static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
  static void initialise(generator&, float*) noexcept {}
  static void refresh(stage_memory<cache> const&) noexcept {}
  static unready check(stage_memory<cache> const& m) noexcept {
    return Rule::range::ready(m.parameters) ? nullptr : Name.c_str();
  }
  static code_grid settle(stage_memory<cache> const& m, code_grid) noexcept {
    code_grid const where = Rule::range::template place<grid>(m.parameters);
    m.slot->integers.output = {where.zero, grid::low, grid::high, std::bit_cast<std::uint32_t>(where.scale)};
    return where;
  }

  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    float const* const in = x.as<float>();
    if (p.observe) Rule::range::template observe<grid>(m.parameters, seen_in(p, in, p.images * size));
    y.where = settle(m, {});
    p.split(p.images, [&](work_part part) {
      infer(kernel::native{}, m.slot->integers, in + part.first * size,
            y.as<out_element>() + part.first * size, part.count, nullptr);
    });
  }
  static void backward(pass const& p, stage_memory<cache> const& m, tensor x, tensor y, float* dy,
                       float* dx) noexcept {
    typename code_finish<Rule, no_activation>::backward_pass through{y.where, size};
    through(x.as<float>(), dy, p.images * size);
    through.learn(m.parameters, m.gradients);
    if (dx == nullptr) return;
    for (std::size_t i = 0; i < p.images * size; ++i) dx[i] = dy[i];
  }

  static constexpr std::size_t infer_scratch = 0;
  template <class Arch>
  static constexpr void infer(Arch arch, slot const& s, float const* x, out_element* y, std::size_t images,
                              void*) noexcept {
    kernel::quantize(arch, images * size, x, s.output.where(), grid::low, grid::high, y);
  }
};

/// Codes to reals: before a layer that is kept float.
template <fixed_string Name, class Shape, class Format> struct decode_stage {
  static constexpr auto name = Name;
  static constexpr auto kind = fixed_string("dequantize");
  static constexpr auto text = fixed_string("dequantize");
  using stage = decode_stage;
  using input = Shape;
  using output = Shape;
  using input_format = Format;
  using output_format = real;
  using in_element = typename Format::element;
  static constexpr std::size_t size = static_cast<std::size_t>(Shape::size);
  static constexpr std::size_t parameter_count = 0;
  static constexpr std::size_t mac_count = 0;
  struct slot {
    code_output from;
  };
  struct cache {
    slot integers;
  };
  static constexpr std::array<segment, 0> segments{};

  static std::size_t saved_bytes(std::size_t) noexcept { return 0; }
  static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
  static void initialise(generator&, float*) noexcept {}
  static void refresh(stage_memory<cache> const&) noexcept {}
  static unready check(stage_memory<cache> const&) noexcept { return nullptr; }
  static code_grid settle(stage_memory<cache> const& m, code_grid in) noexcept {
    m.slot->integers.from = {in.zero, Format::low, Format::high, std::bit_cast<std::uint32_t>(in.scale)};
    return {};
  }
  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    settle(m, x.where);
    infer(kernel::native{}, m.slot->integers, x.as<in_element>(), y.as<float>(), p.images, nullptr);
  }
  static void backward(pass const& p, stage_memory<cache> const&, tensor, tensor, float* dy,
                       float* dx) noexcept {
    if (dx == nullptr) return;
    for (std::size_t i = 0; i < p.images * size; ++i) dx[i] = dy[i];
  }
  static constexpr std::size_t infer_scratch = 0;
  template <class Arch>
  static constexpr void infer(Arch, slot const& s, in_element const* x, float* y, std::size_t images,
                              void*) noexcept {
    code_grid const where = s.from.where();
    for (std::size_t i = 0; i < images * size; ++i) y[i] = decode(x[i], where);
  }
};

}  // namespace dyadic
