#pragma once

#include <array>
#include <cstdint>

#include <dyadic/kernel/elementwise.hpp>
#include <dyadic/layer/description.hpp>
#include <dyadic/layer/stage.hpp>
#include <dyadic/layer/window.hpp>

namespace dyadic {

/// How a pool's window moves: by its own size unless a stride is named. It may be oblong.
struct pooling {
  int stride = 0;  ///< 0: the window's size
  dyadic::padding padding = dyadic::padding::valid;
  int height = 0, width = 0;                ///< 0: the pool's size
  int stride_height = 0, stride_width = 0;  ///< 0: stride
};

template <int Size, pooling Options>
inline constexpr window pool_window = [] {
  window w{.size = Size, .padding = Options.padding, .height = Options.height, .width = Options.width};
  auto const stride = [](int own, int extent) {
    return own != 0 ? own : Options.stride != 0 ? Options.stride : extent;
  };
  w.stride_height = stride(Options.stride_height, w.rows());
  w.stride_width = stride(Options.stride_width, w.columns());
  return w;
}();

/// Pools reach 16 pixels either way at most.
constexpr bool pool_is_small(window w) noexcept {
  return w.rows() >= 1 && w.rows() <= 16 && w.columns() >= 1 && w.columns() <= 16;
}

/// The largest number of each window, per channel, of an image or a sequence. Codes keep their grid.
template <int Size, pooling Options = pooling{}> struct max_pool {
  static_assert(pool_is_small(pool_window<Size, Options>), "max_pool<Size>: a window of 1 to 16");
  static constexpr auto name = "max_pool<" + window_name<pool_window<Size, Options>>() + ">";
  static constexpr auto kind = fixed_string("max_pool");
  using role = role::stage;
  using words = list<>;
  static constexpr bool makes_codes = false;
  template <class In> static constexpr bool takes = window_fits<In>(pool_window<Size, Options>);
  template <class In>
  static constexpr kernel::window_shape geometry = slide<In>(pool_window<Size, Options>, In::channels);
  template <class In>
  using output = slid_output<In, geometry<In>.out_height, geometry<In>.out_width, In::channels>;

  template <class Stage, class Policies, class Format, bool Last> struct bound {
    using stage = Stage;
    using input_format = Format;
    using output_format = Format;
    using element = typename Format::element;
    using slot = no_slot;
    using cache = no_slot;
    static constexpr bool by_image = true;
    static constexpr std::array<segment, 0> segments{};
    static constexpr kernel::window_shape shape = geometry<typename Stage::input>;
    static constexpr std::size_t in_size = static_cast<std::size_t>(Stage::input::size);
    static constexpr std::size_t out_size = static_cast<std::size_t>(Stage::output::size);

    static std::size_t saved_bytes(std::size_t) noexcept { return 0; }
    static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
    static void initialise(generator&, float*) noexcept {}
    static void refresh(stage_memory<cache> const&) noexcept {}
    static unready check(stage_memory<cache> const&) noexcept { return nullptr; }
    static code_grid settle(stage_memory<cache> const&, code_grid in) noexcept { return in; }

    static void forward(pass const& p, stage_memory<cache> const&, tensor x, tensor& y) noexcept {
      y.where = x.where;
      infer(kernel::native{}, slot{}, x.as<element>(), y.as<element>(), p.images, nullptr);
    }

    /// The first largest number of a window gets its gradient.
    static void backward(pass const& p, stage_memory<cache> const&, tensor x, tensor y, float* dy,
                         float* dx) noexcept {
      if (dx == nullptr) return;
      constexpr auto channels = static_cast<std::size_t>(shape.in_channels);
      for (std::size_t i = 0; i < p.images * in_size; ++i) dx[i] = 0;
      for (std::size_t image = 0; image < p.images; ++image) {
        element const* const in = x.as<element>() + image * in_size;
        element const* out = y.as<element>() + image * out_size;
        float* const gradient = dx + image * in_size;
        for (int row = 0; row < shape.out_height; ++row)
          for (int column = 0; column < shape.out_width; ++column, out += channels, dy += channels) {
            float largest[channels], open[channels];
            for (std::size_t c = 0; c < channels; ++c) {
              largest[c] = static_cast<float>(out[c]);
              open[c] = 1;
            }
            kernel::detail::for_each_tap(
                shape, kernel::detail::inside(shape, row, column),
                [&](std::size_t pixel) { hand_out(in + pixel, largest, dy, open, gradient + pixel); });
          }
      }
    }

    /// One tap's share of a window's gradient: all of it where the tap holds the maximum and no tap before it
    /// did.
    [[gnu::noinline]] static void hand_out(element const* __restrict x, float const* __restrict largest,
                                           float const* __restrict dy, float* __restrict open,
                                           float* __restrict gradient) noexcept {
      for (std::size_t c = 0; c < static_cast<std::size_t>(shape.in_channels); ++c) {
        float const here = static_cast<float>(x[c]) == largest[c] ? open[c] : 0.0F;
        gradient[c] += here * dy[c];
        open[c] -= here;
      }
    }

    static constexpr std::size_t infer_scratch = 0;
    template <class Arch>
    static constexpr void infer(Arch arch, slot const&, element const* x, element* y, std::size_t images,
                                void*) noexcept {
      for (std::size_t i = 0; i < images; ++i)
        kernel::max_pool(arch, shape, x + i * in_size, y + i * out_size);
    }
  };
};

}  // namespace dyadic
