#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <boost/hana/for_each.hpp>
#include <boost/hana/range.hpp>

#include <dyadic/kernel/shape.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/quantize/accumulator.hpp>

/// A walk over all numbers of an integer engine, in the order of its members: what the model file and the
/// emitted header are made from. Each number comes with the values that it may have; within them no
/// arithmetic of the engine can overflow or leave an array.
///
/// A visitor has
///   group(name, inside)                  the members of a member; `inside()` visits them
///   list(name, count, inside)            an array of structures; `inside(i)` visits the members of one
///   stage(name, inside)                  the integers of a stage
///   number(name, integer, range)         one integer
///   numbers(name, integers, count, range)
///   tables(name, codes, rows, columns, range)
///   real_bits(name, bits, count, range)  floats kept as their bits; null `count`: not an array
///   reals(name, floats, count, range)
///   weights<Bound>(slot)                 the members `weights`, `weight_sums` and, if the weights have
///   groups,
///                                        `factors` of a linear slot
namespace dyadic {

/// The integers that a number may be, both ends included.
struct integer_range {
  std::int64_t low, high;
};

namespace walks {

/// Calls `visit(constant)` for each index of a chain's stages or of a meeting's branches.
template <class Bound, class Visit> constexpr void for_each_index(Visit&& visit) {
  namespace hana = boost::hana;
  constexpr std::size_t count = [] {
    if constexpr (requires { typename Bound::branches; })
      return Bound::count;
    else
      return Bound::size;
  }();
  hana::for_each(hana::make_range(hana::size_c<0>, hana::size_c<count>), visit);
}

inline constexpr interval any_real{-std::numeric_limits<float>::max(), std::numeric_limits<float>::max()};
inline constexpr interval scale{smallest_scale, largest_bound};
inline constexpr integer_range shift{0, 62};
inline constexpr integer_range wide_code{-32768, 32767};
/// |B| stays so far below 2^62 that product, B and zero point add up to less than 2^63.
inline constexpr integer_range offset{-(std::int64_t{1} << 62) + 65536, (std::int64_t{1} << 62) - 65536};

/// Multipliers of numbers up to `bound` in magnitude: the product stays below 2^62.
constexpr integer_range multiplier(std::int64_t bound) noexcept {
  std::int64_t const most = ((std::int64_t{1} << 62) - 1) / (bound < 1 ? 1 : bound);
  std::int64_t const limit = most < INT32_MAX ? most : INT32_MAX;
  return {-limit, limit};
}
/// Biases whose sum with an accumulator fits in 32 bits.
constexpr integer_range bias(std::int64_t bound) noexcept { return {bound - INT32_MAX, INT32_MAX - bound}; }
inline constexpr integer_range any_int32{-INT32_MAX, INT32_MAX};

/// A policy's parameters of a layer's channels; `bound` is the accumulators' largest magnitude. A policy with
/// members of its own brings `walk(channels, bound, visit)` as a static function, and the same for addition
/// and averaging.
template <class Policy, class Channels, class Visitor>
void channels(Channels& c, std::size_t count, std::int64_t bound, Visitor& visit) {
  if constexpr (requires { Policy::walk(c, bound, visit); }) {
    Policy::walk(c, bound, visit);
  } else if constexpr (requires { c.shift; }) {
    visit.numbers("offset", c.offset, count, offset);
    visit.numbers("multiplier", c.multiplier, count, multiplier(bound));
    visit.numbers("shift", c.shift, count, shift);
  } else if constexpr (requires { c.exponent; }) {
    visit.numbers("bias", c.bias, count, bias(bound));
    visit.numbers("multiplier", c.multiplier, count, any_int32);
    visit.numbers("exponent", c.exponent, count, integer_range{-31, 30});
  } else {
    visit.numbers("bias", c.bias, count, bias(bound));
    visit.real_bits("scale_bits", c.scale_bits, count, any_real);
  }
}

/// Two branches' sum; codes have at most 16 bits.
template <class Policy, class Addition, class Visitor> void addition(Addition& a, Visitor& visit) {
  if constexpr (requires { Policy::walk(a, std::int64_t{}, visit); }) {
    Policy::walk(a, std::int64_t{32768}, visit);
  } else if constexpr (requires { a.multipliers; }) {
    visit.number("offset", a.offset, offset);
    visit.numbers("multipliers", a.multipliers, sizeof a.multipliers / sizeof a.multipliers[0], any_int32);
    visit.number("shift", a.shift, shift);
  } else if constexpr (requires { a.shift; }) {
    visit.number("offset", a.offset, offset);
    visit.number("multiplier_a", a.multiplier_a, any_int32);
    visit.number("multiplier_b", a.multiplier_b, any_int32);
    visit.number("shift", a.shift, shift);
  } else {
    auto const factor = [&](char const* name, auto& f) {
      visit.group(name, [&] {
        visit.number("multiplier", f.multiplier, any_int32);
        visit.number("exponent", f.exponent, integer_range{-31, 30});
      });
    };
    visit.number("zero_a", a.zero_a, wide_code);
    visit.number("zero_b", a.zero_b, wide_code);
    factor("a", a.a);
    factor("b", a.b);
    factor("sum", a.sum);
    visit.number("left_shift", a.left_shift, integer_range{0, 20});
  }
}

/// The average of `count` codes.
template <class Policy, class Averaging, class Visitor>
void averaging(Averaging& a, std::int64_t count, Visitor& visit) {
  if constexpr (requires { Policy::walk(a, count, visit); }) {
    Policy::walk(a, count, visit);
  } else if constexpr (requires { a.sum; }) {
    visit.group("sum", [&] {
      visit.number("offset", a.sum.offset, offset);
      visit.number("multiplier", a.sum.multiplier, multiplier(count * 32768));
      visit.number("shift", a.sum.shift, shift);
    });
  } else {
    visit.number("count", a.count, integer_range{count, count});
  }
}

/// Where codes of a format lie, and the bounds that the activation leaves.
template <class Format, class Output, class Visitor>
void output(char const* name, Output& o, Visitor& visit) {
  constexpr bool is_real = Format::is_real;
  constexpr integer_range codes = [] {
    if constexpr (is_real)
      return wide_code;
    else
      return integer_range{Format::low, Format::high};
  }();
  visit.group(name, [&] {
    visit.number("zero", o.zero, codes);
    visit.number("low", o.low, codes);
    visit.number("high", o.high, integer_range{o.low, codes.high});
    visit.real_bits("scale_bits", &o.scale_bits, 0, is_real ? any_real : scale);
  });
}

template <class Chain, class Slot, class Visitor> void stages(Slot& slot, Visitor& visit);

/// What branches meet by: a sum, a product or a concatenation.
template <class Bound, class Join, class Visitor> void join(Join& by, Visitor& visit) {
  using policy = typename Bound::policy;
  if constexpr (std::is_empty_v<Join>) {
  } else if constexpr (requires { by.parts; }) {
    visit.group("parts", [&] { channels<policy>(by.parts, Bound::count, std::int64_t{32768}, visit); });
  } else if constexpr (requires { by.rescale; }) {
    using first = typename Bound::template at<0>::output_format;
    using second = typename Bound::template at<1>::output_format;
    visit.number("zero_a", by.zero_a, integer_range{first::low, first::high});
    visit.number("zero_b", by.zero_b, integer_range{second::low, second::high});
    visit.group("rescale", [&] { channels<policy>(by.rescale, 1, Bound::arithmetic::bound, visit); });
  } else {
    addition<policy>(by, visit);
  }
}

/// What a stage's own `walk(slot, visitor, parts)` calls for what it has in common with others.
struct parts {
  /// A policy's parameters of `count` channels, as a group of that name.
  template <class Policy, class Channels, class Visitor>
  static void channels(char const* name, Channels& c, std::size_t count, std::int64_t bound, Visitor& visit) {
    visit.group(name, [&] { walks::channels<Policy>(c, count, bound, visit); });
  }
  /// The member `output`.
  template <class Format, class Output, class Visitor> static void output(Output& o, Visitor& visit) {
    walks::output<Format>("output", o, visit);
  }
};

/// The integers of a bound stage.
template <class Bound, class Slot, class Visitor> void slot(Slot& s, Visitor& visit) {
  using Format = typename Bound::output_format;
  if constexpr (std::is_empty_v<Slot>) {
  } else if constexpr (requires { Bound::walk(s, visit); }) {
    Bound::walk(s, visit);
  } else if constexpr (requires { Bound::walk(s, visit, parts{}); }) {
    Bound::walk(s, visit, parts{});
  } else if constexpr (requires { s.recurrent; }) {
    auto const part = [&]<class Part>(char const* name, auto& of, std::type_identity<Part>) {
      visit.group(name, [&] {
        visit.template weights<Part>(of);
        visit.group("rescale", [&] {
          channels<typename Bound::policy>(of.rescale, Part::channels, Part::accumulator_bound, visit);
        });
      });
    };
    auto const rounding = [&](char const* name, auto& to) {
      visit.group(name, [&] { channels<typename Bound::policy>(to, 1, std::int64_t{32768}, visit); });
    };
    part("input", s.input, std::type_identity<typename Bound::input_part>{});
    part("recurrent", s.recurrent, std::type_identity<typename Bound::hidden_part>{});
    rounding("to_hidden", s.to_hidden);
    rounding("to_output", s.to_output);
    output<typename Bound::hidden_format>("hidden", s.hidden, visit);
    output<Format>("output", s.output, visit);
  } else if constexpr (requires { s.weight_sums; }) {
    visit.template weights<Bound>(s);
    visit.group("rescale", [&] {
      channels<typename Bound::policy>(s.rescale, Bound::channels, Bound::accumulator_bound, visit);
    });
    visit.number("zero_in", s.zero_in, integer_range{Bound::input_format::low, Bound::input_format::high});
    output<Format>("output", s.output, visit);
  } else if constexpr (requires { typename Bound::branches; }) {
    visit.group("branches", [&] {
      for_each_index<Bound>([&](auto index) {
        using branch = typename Bound::template at<decltype(index)::value>;
        visit.stage("branch", [&] {
          if constexpr (requires { branch::size; })
            stages<branch>(get<decltype(index)::value>(s.branches), visit);
        });
      });
    });
    visit.group("join", [&] { join<Bound>(s.join, visit); });
    output<Format>("output", s.output, visit);
  } else if constexpr (requires { s.averages; }) {
    visit.list("averages", Bound::counts, [&](std::size_t i) {
      averaging<typename Bound::policy>(
          s.averages[i], Bound::counts == 1 ? Bound::shape.taps() : static_cast<std::int64_t>(i + 1), visit);
    });
    output<Format>("output", s.output, visit);
  } else if constexpr (requires { s.rescale; }) {
    visit.group("rescale", [&] {
      channels<typename Bound::policy>(s.rescale, Bound::channels, std::int64_t{32768}, visit);
    });
    output<Format>("output", s.output, visit);
  } else if constexpr (requires { s.tables; }) {
    visit.tables("tables", &s.tables[0][0], sizeof s.tables / sizeof s.tables[0],
                 sizeof s.tables[0] / sizeof s.tables[0][0], integer_range{Format::low, Format::high});
    output<Format>("output", s.output, visit);
  } else if constexpr (requires { s.table; }) {
    visit.numbers("table", s.table, sizeof s.table / sizeof s.table[0],
                  integer_range{Format::low, Format::high});
    output<Format>("output", s.output, visit);
  } else if constexpr (requires { s.from; }) {
    output<typename Bound::input_format>("from", s.from, visit);
  } else if constexpr (requires { s.parameters; }) {
    visit.reals("parameters", s.parameters, sizeof s.parameters / sizeof s.parameters[0], any_real);
  } else {
    static_assert(
        requires { s.low + s.high; },
        "a stage with integers of its own needs a static function walk(slot, visitor) that visits them");
    visit.number("low", s.low, integer_range{Format::low, Format::high});
    visit.number("high", s.high, integer_range{s.low, Format::high});
  }
}

template <class Chain, class Slot, class Visitor> void stages(Slot& s, Visitor& visit) {
  for_each_index<Chain>([&](auto index) {
    using bound = typename Chain::template at<decltype(index)::value>;
    visit.stage(bound::stage::name.c_str(), [&] { slot<bound>(get<decltype(index)::value>(s), visit); });
  });
}

}  // namespace walks

/// Visits all numbers of an integer or mixed engine, const or not.
template <class Engine, class Visitor> void walk(Engine& engine, Visitor& visit) {
  using type = std::remove_const_t<Engine>;
  visit.group("input", [&] {
    if constexpr (type::binding::coded_input) walks::slot<typename type::encoder>(engine.input, visit);
  });
  visit.group("stages", [&] { walks::stages<typename type::body>(engine.stages, visit); });
  if constexpr (type::output_is_real)
    walks::output<real>("output", engine.output, visit);
  else
    walks::output<coded<16, -32768, 32767>>("output", engine.output, visit);
}

}  // namespace dyadic
