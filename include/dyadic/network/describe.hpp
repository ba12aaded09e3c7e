#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <dyadic/core/exact.hpp>
#include <dyadic/core/name.hpp>
#include <dyadic/quantize/quantizer.hpp>

/// A network's description: text made from the names of its layers and policies, a line for the input and for
/// each stage, fields parted by " | ". Files carry it, so that a network of another type is refused with the
/// first difference.
namespace dyadic {

/// What an engine computes with.
enum class engine_kind : std::uint8_t { float32, trainable, integer, mixed };

template <class Engine>
inline constexpr engine_kind kind_of = [] {
  if constexpr (requires { Engine::segments; })
    return Engine::scheme::kept_float::value ? engine_kind::float32 : engine_kind::trainable;
  else if constexpr (Engine::binding::coded_input && Engine::body::room(1).reals == 0)
    return Engine::output_is_real ? engine_kind::mixed : engine_kind::integer;
  else
    return engine_kind::mixed;
}();

constexpr char const* kind_name(engine_kind kind) noexcept {
  constexpr char const* names[] = {"float32", "trainable", "integer", "mixed"};
  return names[static_cast<std::size_t>(kind)];
}

namespace detail {

/// Writes a description into a caller's sink, called with characters and their number. `Whole` also names
/// what matters to training alone: granularity, range and gradient rules.
template <class Sink, bool Whole> class describer {
 public:
  constexpr explicit describer(Sink& sink) noexcept : sink_{&sink} {}

  template <class Binding, class Input> constexpr void input() {
    put(fixed_string("input | "), Input::shape::name);
    if constexpr (Binding::coded_input)
      put(fixed_string(" float32 -> "), Binding::encode::output_format::name);
    else
      put(fixed_string(" float32"));
    put(fixed_string(" | bytes "));
    bool first = true;
    for (auto const& map : Input::maps::maps) {
      if (!first) put(fixed_string(", "));
      first = false;
      put(fixed_string("(byte - "));
      number(map.offset);
      put(fixed_string(") * "));
      number(map.scale);
    }
    if constexpr (Binding::coded_input) rule<typename Binding::rule>(fixed_string(" | outputs "));
    put(fixed_string("\n"));
  }

  template <class Chain> constexpr void chain() {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (stage<typename Chain::template at<I>>(), ...);
    }(typename Chain::indices{});
  }

 private:
  template <class Bound> constexpr void branches() {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (branch_of<typename Bound::template at<I>>(), ...);
    }(typename Bound::indices{});
  }
  template <class Branch> constexpr void branch_of() {
    if constexpr (requires { Branch::size; }) chain<Branch>();
  }

  template <class Bound> constexpr void stage() {
    if constexpr (requires { typename Bound::branches; }) branches<Bound>();
    using described = typename Bound::stage;
    put(described::name, fixed_string(" | "), described::text, fixed_string(" | "));
    put(described::input::name, fixed_string(" "), Bound::input_format::name, fixed_string(" -> "));
    put(described::output::name, fixed_string(" "), Bound::output_format::name);
    if constexpr (requires { typename Bound::weight_rule; }) {
      rule<typename Bound::weight_rule>(fixed_string(" | weights "));
      using granularity = typename Bound::weight_rule::granularity;
      if constexpr (!Whole && is_grouped<granularity>) put(fixed_string(","), granularity::name);
      if constexpr (requires { Bound::inputs_name; }) put(fixed_string(" | inputs "), Bound::inputs_name);
    }
    if constexpr (rounds<Bound>()) {
      if constexpr (requires { typename Bound::output_rule; })
        rule<typename Bound::output_rule>(fixed_string(" | outputs "));
      else if constexpr (requires { typename Bound::rule; })
        rule<typename Bound::rule>(fixed_string(" | outputs "));
    }
    if constexpr (!Bound::output_format::is_real && requires { typename Bound::policy; })
      put(fixed_string(" | rescale "), Bound::policy::name);
    put(fixed_string("\n"));
  }

  /// Do the stage's codes lie on a grid of its own?
  template <class Bound> static constexpr bool rounds() noexcept {
    if constexpr (requires { Bound::keeps_scale; })
      return !Bound::output_format::is_real && !Bound::keeps_scale;
    else
      return !Bound::output_format::is_real;
  }

  template <class Rule, std::size_t Size> constexpr void rule(fixed_string<Size> const& before) {
    if constexpr (Whole)
      put(before, Rule::name);
    else
      put(before, Rule::grid::name);
  }

  template <std::size_t... Sizes> constexpr void put(fixed_string<Sizes> const&... texts) {
    ((*sink_)(texts.c_str(), texts.size()), ...);
  }

  /// A double exactly: an integer, m/2^n or m*2^n.
  constexpr void number(double value) {
    dyadic::exact::binary parts = dyadic::exact::decompose(value);
    for (; parts.mantissa != 0 && parts.mantissa % 2 == 0; ++parts.exponent) parts.mantissa /= 2;
    for (; parts.exponent > 0 && parts.exponent < 10; --parts.exponent) parts.mantissa *= 2;
    integer(parts.mantissa);
    if (parts.mantissa == 0 || parts.exponent == 0) return;
    put(parts.exponent < 0 ? fixed_string("/2^") : fixed_string("*2^"));
    integer(parts.exponent < 0 ? -parts.exponent : parts.exponent);
  }
  constexpr void integer(std::int64_t value) {
    char digits[20]{};
    std::size_t at = sizeof digits;
    bool const negative = value < 0;
    do {
      auto const digit = static_cast<int>(value % 10);
      digits[--at] = static_cast<char>('0' + (digit < 0 ? -digit : digit));
      value /= 10;
    } while (value != 0);
    if (negative) digits[--at] = '-';
    (*sink_)(digits + at, sizeof digits - at);
  }

  Sink* sink_;
};

}  // namespace detail

/// Writes the description of an engine's type: `sink(characters, count)` is called piece by piece. Engines
/// for deployment are described by what their numbers mean, trainable ones by their training rules too.
template <class Engine, class Sink> constexpr void describe(Sink&& sink) {
  constexpr bool whole = kind_of<Engine> == engine_kind::float32 || kind_of<Engine> == engine_kind::trainable;
  detail::describer<std::remove_reference_t<Sink>, whole> text{sink};
  text.template input<typename Engine::binding, typename Engine::network::input>();
  text.template chain<typename Engine::body>();
}

/// A number made from the description (FNV-1a, 64 bits): equal for equal descriptions, and a constant.
template <class Engine>
inline constexpr std::uint64_t description_hash = [] {
  std::uint64_t hash = 0xcbf29ce484222325;
  describe<Engine>([&hash](char const* text, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      hash = (hash ^ static_cast<unsigned char>(text[i])) * std::uint64_t{0x100000001b3};
  });
  return hash;
}();

}  // namespace dyadic
