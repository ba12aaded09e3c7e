#pragma once

#include <array>
#include <cstdint>

#include <dyadic/layer/description.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

/// The share of numbers that a dropout drops.
struct rate {
  double value = 0.5;
};

/// Drops that share of its inputs in training (Srivastava et al. 2014): the code of zero takes their place,
/// and the tensor's scale grows by 1 / (1 - rate), so that the codes that stay are untouched. Nothing outside
/// training.
template <rate Rate = rate{}> struct dropout {
  static_assert(0 <= Rate.value && Rate.value < 1, "dropout: the rate is in [0, 1)");
  static constexpr auto name =
      "dropout<" + decimal_fraction<static_cast<int>(Rate.value * 1000 + 0.5), 3>() + ">";
  static constexpr auto kind = fixed_string("dropout");
  using role = role::stage;
  using words = list<>;
  static constexpr bool makes_codes = false;
  static constexpr bool copies = true;  ///< gives its input unless it trains
  template <class In> static constexpr bool takes = true;
  template <class In> using output = In;

  template <class Stage, class Policies, class Format, bool Last> struct bound {
    using stage = Stage;
    using input_format = Format;
    using output_format = Format;
    using element = typename Format::element;
    using slot = no_slot;
    using cache = no_slot;
    static constexpr std::array<segment, 0> segments{};
    static constexpr std::size_t size = static_cast<std::size_t>(Stage::input::size);
    static constexpr float growth = static_cast<float>(1 / (1 - Rate.value));

    static std::size_t saved_bytes(std::size_t images) noexcept { return images * size + 64; }
    static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
    static void initialise(generator&, float*) noexcept {}
    static void refresh(stage_memory<cache> const&) noexcept {}
    static unready check(stage_memory<cache> const&) noexcept { return nullptr; }
    static code_grid settle(stage_memory<cache> const&, code_grid in) noexcept { return in; }

    static bool drops(pass const& p) noexcept { return p.drop && p.random != nullptr; }

    static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
      std::size_t const count = p.images * size;
      element const* const in = x.as<element>();
      element* const out = y.as<element>();
      y.where = x.where;
      if (!drops(p)) {
        for (std::size_t i = 0; i < count; ++i) out[i] = in[i];
        return;
      }
      auto* const stays = reinterpret_cast<std::uint8_t*>(m.saved);
      element zero{};
      if constexpr (!Format::is_real) {
        zero = static_cast<element>(x.where.zero);
        y.where.scale = x.where.scale * growth;
      }
      constexpr auto limit = static_cast<std::uint64_t>(Rate.value * 0x1p32);
      for (std::size_t i = 0; i < count; ++i) {
        stays[i] = p.random->next_32() >= limit ? 1 : 0;
        out[i] = stays[i] != 0 ? in[i] : zero;
        if constexpr (Format::is_real) out[i] *= growth;
      }
    }

    static void backward(pass const& p, stage_memory<cache> const& m, tensor, tensor, float* dy,
                         float* dx) noexcept {
      if (dx == nullptr) return;
      auto const* const stays = reinterpret_cast<std::uint8_t const*>(m.saved);
      for (std::size_t i = 0; i < p.images * size; ++i)
        dx[i] = !drops(p) ? dy[i] : stays[i] != 0 ? dy[i] * growth : 0.0F;
    }

    static constexpr std::size_t infer_scratch = 0;
    template <class Arch>
    static constexpr void infer(Arch, slot const&, element const* x, element* y, std::size_t images,
                                void*) noexcept {
      for (std::size_t i = 0; i < images * size; ++i) y[i] = x[i];
    }
    /// One step of a stream.
    template <class Arch>
    static constexpr void infer_step(Arch, slot const&, element const* x, element* y) noexcept {
      for (std::size_t c = 0; c < static_cast<std::size_t>(Stage::input::channels); ++c) y[c] = x[c];
    }
  };
};

}  // namespace dyadic
