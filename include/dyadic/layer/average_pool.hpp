#pragma once

#include <array>

#include <dyadic/kernel/elementwise.hpp>
#include <dyadic/kernel/float_pool.hpp>
#include <dyadic/layer/code_output.hpp>
#include <dyadic/layer/max_pool.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

/// A pool's integers: one averaging for each number of taps that a window can have inside the image.
template <class Policy, std::size_t Counts> struct average_slot {
  typename Policy::averaging averages[Counts];
  code_output output;
};

/// The arithmetic of average pools, global or not.
template <class Stage, class Policies, class Format, bool Last, kernel::window_shape Shape>
struct average_bound {
  using stage = Stage;
  using policy = typename Policies::rescale;
  using output_rule = std::conditional_t<Last, typename Policies::outputs, typename Policies::activations>;
  static constexpr bool keeps_scale = !Format::is_real && policy::average_keeps_scale;
  using input_format = Format;
  using output_format =
      std::conditional_t<Format::is_real || keeps_scale, Format, coded_by<typename output_rule::grid>>;
  using in_element = typename input_format::element;
  using out_element = typename output_format::element;
  using finish = code_finish<output_rule, no_activation>;
  static constexpr kernel::window_shape shape = Shape;
  /// Windows at the border of a padded image have fewer taps.
  static constexpr std::size_t counts = shape.padded() ? static_cast<std::size_t>(shape.taps()) : 1;
  static constexpr std::size_t in_size = static_cast<std::size_t>(Stage::input::size);
  static constexpr std::size_t out_size = static_cast<std::size_t>(Stage::output::size);

  using slot = std::conditional_t<Format::is_real, no_slot, average_slot<policy, counts>>;
  struct cache {
    slot integers;
  };
  static constexpr bool ranged = !Format::is_real && !keeps_scale;
  static constexpr bool by_image = Format::is_real;
  static constexpr auto segments = [] {
    if constexpr (ranged)
      return range_segments<typename output_rule::range>();
    else
      return std::array<segment, 0>{};
  }();

  /// The averages as reals, for the range rule and the backward pass.
  static std::size_t saved_bytes(std::size_t images) noexcept {
    return ranged ? images * out_size * sizeof(float) : 0;
  }
  static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
  static void initialise(generator&, float*) noexcept {}
  static void refresh(stage_memory<cache> const&) noexcept {}
  static unready check(stage_memory<cache> const& m) noexcept {
    if constexpr (ranged) return output_rule::range::ready(m.parameters) ? nullptr : Stage::name.c_str();
    return nullptr;
  }

  static code_grid settle(stage_memory<cache> const& m, code_grid in) noexcept {
    if constexpr (Format::is_real) {
      return in;
    } else {
      code_grid out = in;
      if constexpr (ranged)
        out = output_rule::range::template place<typename output_rule::grid>(m.parameters);
      slot& s = m.slot->integers;
      s.output = {out.zero, output_format::low, output_format::high, std::bit_cast<std::uint32_t>(out.scale)};
      for (std::size_t i = 0; i < counts; ++i)
        s.averages[i] = policy::average(
            in.scale, in.zero, counts == 1 ? shape.taps() : static_cast<std::int64_t>(i + 1), out.scale);
      return out;
    }
  }

  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    if constexpr (Format::is_real) {
      kernel::average_pool_forward(kernel::native{}, shape, static_cast<std::ptrdiff_t>(p.images),
                                   static_cast<float const*>(x.as<float>()), y.as<float>());
    } else {
      if constexpr (ranged)
        if (p.observe || p.keep) observe(p, m, x);
      y.where = settle(m, x.where);
      infer(kernel::native{}, m.slot->integers, x.as<in_element>(), y.as<out_element>(), p.images, nullptr);
    }
  }

  static void backward(pass const& p, stage_memory<cache> const& m, tensor, tensor y, float* dy,
                       float* dx) noexcept {
    if constexpr (ranged) {
      auto const* const values = reinterpret_cast<float const*>(m.saved);
      typename finish::backward_pass through{y.where, out_size};
      through(values, dy, p.images * out_size);
      through.learn(m.parameters, m.gradients);
    }
    if (dx != nullptr)
      kernel::average_pool_backward(kernel::native{}, shape, static_cast<std::ptrdiff_t>(p.images), dy, dx);
  }

  static constexpr std::size_t infer_scratch = 0;
  template <class Arch>
  static constexpr void infer(Arch arch, slot const& s, in_element const* x, out_element* y,
                              std::size_t images, void*) noexcept {
    for (std::size_t i = 0; i < images; ++i)
      kernel::average_pool(arch, shape, x + i * in_size, average_of(s), y + i * out_size);
  }
  /// The code of a sum of codes of so many taps.
  static constexpr auto average_of(slot const& s) noexcept {
    return [&s](std::int64_t sum, int taps) noexcept {
      std::size_t const which = counts == 1 ? 0 : static_cast<std::size_t>(taps - 1);
      return requantized_code<policy, out_element>(s.averages[which], sum, s.output);
    };
  }

 private:
  static void observe(pass const& p, stage_memory<cache> const& m, tensor x) noexcept {
    auto* const values = reinterpret_cast<float*>(m.saved);
    auto const real_average = [where = x.where](std::int64_t sum, int taps) noexcept {
      return where.scale *
             (static_cast<float>(sum) / static_cast<float>(taps) - static_cast<float>(where.zero));
    };
    for (std::size_t i = 0; i < p.images; ++i)
      kernel::average_pool(kernel::native{}, shape,
                           static_cast<in_element const*>(x.as<in_element>()) + i * in_size, real_average,
                           values + i * out_size);
    if (p.observe)
      output_rule::range::template observe<typename output_rule::grid>(
          m.parameters, seen_in(p, values, p.images * out_size));
  }
};

/// The mean of each window, per channel, of the taps inside the image.
template <int Size, pooling Options = pooling{}, class... Words> struct average_pool {
  static_assert(pool_is_small(pool_window<Size, Options>), "average_pool<Size>: a window of 1 to 16");
  static constexpr auto name = "average_pool<" + window_name<pool_window<Size, Options>>() + ">";
  static constexpr auto kind = fixed_string("average_pool");
  using role = role::stage;
  using words = list<Words...>;
  static constexpr bool makes_codes = true;
  template <class In> static constexpr bool takes = window_fits<In>(pool_window<Size, Options>);
  template <class In>
  static constexpr kernel::window_shape geometry = slide<In>(pool_window<Size, Options>, In::channels);
  template <class In>
  using output = slid_output<In, geometry<In>.out_height, geometry<In>.out_width, In::channels>;
  template <class Stage, class Policies, class Format, bool Last>
  using bound = average_bound<Stage, Policies, Format, Last, geometry<typename Stage::input>>;
};

/// The mean of each channel over the whole image or sequence, as a vector.
template <class... Words> struct global_average_pool_with {
  static constexpr auto name = fixed_string("global_average_pool");
  static constexpr auto kind = fixed_string("global_average_pool");
  using role = role::stage;
  using words = list<Words...>;
  static constexpr bool makes_codes = true;
  template <class In> static constexpr bool takes = is_image<In> || is_sequence<In>;
  template <class In>
  static constexpr kernel::window_shape geometry =
      slide<In>(window{.height = In::height, .width = In::width}, In::channels);
  template <class In> using output = shape<In::channels>;
  template <class Stage, class Policies, class Format, bool Last>
  using bound = average_bound<Stage, Policies, Format, Last, geometry<typename Stage::input>>;
};
using global_average_pool = global_average_pool_with<>;

}  // namespace dyadic
