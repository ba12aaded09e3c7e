#pragma once

#include <array>

#include <dyadic/kernel/elementwise.hpp>
#include <dyadic/kernel/float_elementwise.hpp>
#include <dyadic/layer/code_output.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

/// An activation that stands where no rounding to codes comes before it (behind a pool, say): on integers it
/// limits the codes and keeps their grid.
template <class Activation> struct lone_activation {
  static constexpr auto name = Activation::name;
  static constexpr auto kind = Activation::kind;
  using words = typename Activation::words;
  static constexpr bool makes_codes = false;
  template <class In> using output = In;

  struct clamp_slot {
    std::int32_t low, high;
  };

  template <class Stage, class Policies, class Format, bool Last> struct bound {
    using stage = Stage;
    using input_format = Format;
    using output_format = Format;
    using element = typename Format::element;
    using slot = std::conditional_t<Format::is_real, no_slot, clamp_slot>;
    struct cache {
      slot integers;
    };
    static constexpr std::array<segment, 0> segments{};
    static constexpr std::size_t size = static_cast<std::size_t>(Stage::input::size);

    static std::size_t saved_bytes(std::size_t) noexcept { return 0; }
    static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
    static void initialise(generator&, float*) noexcept {}
    static void refresh(stage_memory<cache> const&) noexcept {}
    static unready check(stage_memory<cache> const&) noexcept { return nullptr; }
    static code_grid settle(stage_memory<cache> const& m, code_grid in) noexcept {
      if constexpr (!Format::is_real)
        m.slot->integers = {encode(Activation::low, in, Format::low, Format::high),
                            encode(Activation::high, in, Format::low, Format::high)};
      return in;
    }

    static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
      y.where = settle(m, x.where);
      if constexpr (Format::is_real)
        kernel::clamp_forward(kernel::native{}, static_cast<std::ptrdiff_t>(p.images * size), Activation::low,
                              Activation::high, static_cast<float const*>(x.as<float>()), y.as<float>());
      else
        infer(kernel::native{}, m.slot->integers, x.as<element>(), y.as<element>(), p.images, nullptr);
    }
    static void backward(pass const& p, stage_memory<cache> const& m, tensor x, tensor, float* dy,
                         float* dx) noexcept {
      if (dx == nullptr) return;
      element const* const in = x.as<element>();
      for (std::size_t i = 0; i < p.images * size; ++i) {
        if constexpr (Format::is_real)
          dx[i] = in[i] > Activation::low && in[i] < Activation::high ? dy[i] : 0.0F;
        else
          dx[i] = in[i] >= m.slot->integers.low && in[i] <= m.slot->integers.high ? dy[i] : 0.0F;
      }
    }

    static constexpr std::size_t infer_scratch = 0;
    template <class Arch>
    static constexpr void infer(Arch arch, slot const& s, element const* x, element* y, std::size_t images,
                                void*) noexcept {
      if constexpr (Format::is_real)
        for (std::size_t i = 0; i < images * size; ++i) y[i] = clamp(x[i], Activation::low, Activation::high);
      else
        kernel::clamp(arch, images * size, x, s.low, s.high, y);
    }
    /// One step of a stream.
    template <class Arch>
    static constexpr void infer_step(Arch arch, slot const& s, element const* x, element* y) noexcept {
      kernel::clamp(arch, static_cast<std::size_t>(Stage::input::channels), x, s.low, s.high, y);
    }
  };
};

}  // namespace dyadic
