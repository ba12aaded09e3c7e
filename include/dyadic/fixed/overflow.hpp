#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <dyadic/core/name.hpp>

/// What happens to an integer that a format of `Bits` bits cannot hold. A mode is one function: it gets the
/// exact integer and gives one that fits; what fits comes back unchanged (saturate_symmetric excepted, whose
/// range is narrower).
namespace dyadic::overflow {

/// The least integer of a format, as `Wide`, which must have a bit to spare for an unsigned one.
template <int Bits, bool Signed, class Wide> constexpr Wide lowest() noexcept {
  static_assert(Bits >= 1 && Bits < static_cast<int>(sizeof(Wide)) * 8 + (Signed ? 1 : 0));
  return Signed ? static_cast<Wide>(static_cast<Wide>(-1) << (Bits - 1)) : Wide{0};
}

/// The greatest integer of a format, as `lowest`.
template <int Bits, bool Signed, class Wide> constexpr Wide highest() noexcept {
  static_assert(Bits >= 1 && Bits < static_cast<int>(sizeof(Wide)) * 8 + (Signed ? 1 : 0));
  return static_cast<Wide>(~(static_cast<Wide>(-1) << (Signed ? Bits - 1 : Bits)));
}

template <int Bits, bool Signed, class Wide> constexpr bool fits(Wide value) noexcept {
  return value >= lowest<Bits, Signed, Wide>() && value <= highest<Bits, Signed, Wide>();
}

/// To the nearer end of the range.
struct saturate {
  static constexpr auto name = fixed_string("saturate");
  template <int Bits, bool Signed, class Wide> static constexpr Wide apply(Wide value) noexcept {
    if (value < lowest<Bits, Signed, Wide>()) return lowest<Bits, Signed, Wide>();
    if (value > highest<Bits, Signed, Wide>()) return highest<Bits, Signed, Wide>();
    return value;
  }
};

/// To the nearer end of a range without the lowest signed integer: 8 bits hold -127..127.
struct saturate_symmetric {
  static constexpr auto name = fixed_string("saturate_symmetric");
  template <int Bits, bool Signed, class Wide> static constexpr Wide apply(Wide value) noexcept {
    Wide const high = highest<Bits, Signed, Wide>();
    Wide const low = Signed ? static_cast<Wide>(-high) : Wide{0};
    return value < low ? low : value > high ? high : value;
  }
};

/// To zero.
struct saturate_to_zero {
  static constexpr auto name = fixed_string("saturate_to_zero");
  template <int Bits, bool Signed, class Wide> static constexpr Wide apply(Wide value) noexcept {
    return fits<Bits, Signed>(value) ? value : Wide{0};
  }
};

/// Modulo 2^Bits.
struct wrap {
  static constexpr auto name = fixed_string("wrap");
  template <int Bits, bool Signed, class Wide> static constexpr Wide apply(Wide value) noexcept {
    constexpr int unused = static_cast<int>(sizeof(Wide)) * 8 - Bits;
    if constexpr (Signed) return static_cast<Wide>(value << unused) >> unused;
    return value & highest<Bits, Signed, Wide>();
  }
};

/// Modulo 2^Bits with the `Saturated` highest bits at their limit: the sign stays, the `Saturated` - 1 bits
/// after it are those of the range's end, the others are kept. Of an unsigned format all `Saturated` bits
/// become 1, below zero too. AP_WRAP with N bits of the Vitis HLS user guide (UG1399); `wrap` is its N = 0.
template <int Saturated> struct wrap_saturating {
  static_assert(Saturated >= 1, "wrap_saturating keeps 1 bit at least at its limit; 0 is overflow::wrap");
  static constexpr auto name = fixed_string("wrap_saturating<") + decimal<Saturated>() + ">";
  template <int Bits, bool Signed, class Wide> static constexpr Wide apply(Wide value) noexcept {
    static_assert(Saturated <= Bits, "wrap_saturating has more saturated bits than the format has bits");
    if (fits<Bits, Signed>(value)) return value;
    constexpr Wide kept = highest<Bits, Signed, Wide>() >> (Saturated - (Signed ? 1 : 0));
    Wide const end =
        value < 0 && Signed ? lowest<Bits, Signed, Wide>() : highest<Bits, Signed, Wide>() & ~kept;
    return end | (value & kept);
  }
};

/// Wrapping of sign and magnitude: where values leave the range they turn back instead of jumping to its
/// other end. With no saturated bits the sign becomes the lowest bit that is cut off, and the bits after it
/// are inverted where the sign has changed. With `Saturated` bits the sign stays, the `Saturated` - 1 bits
/// after it are those of the range's end, and the others are inverted where the lowest of the saturated bits
/// has changed. Signed formats alone. AP_WRAP_SM of the Vitis HLS user guide (UG1399).
template <int Saturated = 0> struct wrap_sign_magnitude {
  static_assert(Saturated >= 0, "wrap_sign_magnitude keeps 0 or more bits at their limit");
  static constexpr auto name = fixed_string("wrap_sign_magnitude<") + decimal<Saturated>() + ">";
  template <int Bits, bool Signed, class Wide> static constexpr Wide apply(Wide value) noexcept {
    static_assert(Signed, "wrap_sign_magnitude is for signed formats");
    static_assert(Saturated <= Bits, "wrap_sign_magnitude has more saturated bits than the format has bits");
    if constexpr (Bits < static_cast<int>(sizeof(Wide)) * 8) {
      constexpr Wide one = 1;
      constexpr int free = Bits - (Saturated > 1 ? Saturated : 1);  // bits that are not given by the sign
      constexpr int turning = Saturated > 0 ? free : Bits - 1;
      if (fits<Bits, Signed>(value)) return value;
      bool const negative = Saturated > 0 ? value < 0 : ((value >> Bits) & 1) != 0;
      Wide const end = negative ? lowest<Bits, Signed, Wide>() : highest<Bits, Signed, Wide>();
      constexpr Wide kept = (one << free) - 1;
      bool const before = ((value >> turning) & 1) != 0;
      bool const after = Saturated > 1 ? !negative : negative;
      Wide const low = (before != after ? ~value : value) & kept;
      return (end & ~kept) | low;
    } else {
      return value;
    }
  }
};

/// What a `checked` format could not hold.
struct event {
  int bits;        ///< of the format
  bool is_signed;  ///< the format's
  bool below;      ///< the value was less than the lowest, not greater than the highest
};
using handler = void (*)(event) noexcept;

namespace detail {
inline void abort(event) noexcept { __builtin_abort(); }
inline handler current = abort;
inline void value_does_not_fit(event what) noexcept { current(what); }
}  // namespace detail

/// What `checked` calls at run time; abort by default. Returns the one before. Set it before threads start.
inline handler set_handler(handler next) noexcept {
  handler const before = detail::current;
  detail::current = next != nullptr ? next : detail::abort;
  return before;
}

/// An error: a constant evaluation fails, at run time the handler is called; if that returns, the value is
/// saturated.
struct checked {
  static constexpr auto name = fixed_string("checked");
  template <int Bits, bool Signed, class Wide> static constexpr Wide apply(Wide value) noexcept {
    if (!fits<Bits, Signed>(value))
      detail::value_does_not_fit({Bits, Signed, value < lowest<Bits, Signed, Wide>()});
    return saturate::apply<Bits, Signed>(value);
  }
};

/// What a mode must have, a user's own included.
template <class Mode>
concept overflow_mode = requires(std::int64_t value) {
  { Mode::name.size() } -> std::convertible_to<std::size_t>;
  { Mode::template apply<8, true>(value) } noexcept -> std::same_as<std::int64_t>;
  { Mode::template apply<8, false>(value) } noexcept -> std::same_as<std::int64_t>;
};

}  // namespace dyadic::overflow
