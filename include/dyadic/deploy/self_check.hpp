#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/network/integer.hpp>

namespace dyadic {

/// An image and all codes that an integer engine makes of it: those of the input, then those of each stage in
/// the order of the walk, 8-bit and wider ones apart.
template <std::size_t Bytes, std::size_t Narrow, std::size_t Wide> struct reference_codes {
  std::uint8_t image[Bytes];
  std::int8_t narrow[Narrow];
  std::int16_t wide[Wide];
};

/// Where codes differ first. False where none does.
struct code_difference {
  char const* stage = nullptr;
  std::size_t element = 0;
  int expected = 0;
  int found = 0;

  constexpr explicit operator bool() const noexcept { return stage != nullptr; }
};

/// Runs the engine on the reference's image and names the first stage whose codes differ: the test of a
/// device, a compiler or an instruction set. `room` is any scratch of the engine.
template <class Engine, std::size_t Bytes, std::size_t Narrow, std::size_t Wide, class Scratch,
          class Arch = kernel::native>
constexpr code_difference self_check(Engine const& engine,
                                     reference_codes<Bytes, Narrow, Wide> const& expected, Scratch& room,
                                     Arch arch = {}) noexcept {
  static_assert(Bytes == Engine::input_size, "self_check: the reference is of another network");
  code_difference first{};
  std::size_t narrow = 0, wide = 0;
  auto const compare = [&first](char const* stage, auto const* codes, std::size_t count,
                                auto const* reference, std::size_t size, std::size_t& at) {
    for (std::size_t i = 0; i < count && !first; ++i, ++at) {
      int const wanted = at < size ? reference[at] : 0;
      if (at >= size || codes[i] != wanted) first = {stage, i, wanted, codes[i]};
    }
  };
  auto const watch = [&](char const* stage, auto const* codes, std::size_t count) {
    if constexpr (sizeof *codes == 1)
      compare(stage, codes, count, expected.narrow, Narrow, narrow);
    else if constexpr (sizeof *codes == 2)
      compare(stage, codes, count, expected.wide, Wide, wide);
  };
  typename Engine::output_code outputs[Engine::output_size]{};
  engine.encode(std::span<std::uint8_t const>(expected.image),
                std::span<typename Engine::code>(room.input, Engine::input_size));
  engine.infer_watched(room, std::span<typename Engine::output_code>(outputs), 1, watch, arch);
  return first;
}

/// As above, scratch on the stack.
template <class Engine, std::size_t Bytes, std::size_t Narrow, std::size_t Wide>
constexpr code_difference self_check(Engine const& engine,
                                     reference_codes<Bytes, Narrow, Wide> const& expected) noexcept {
  typename Engine::template scratch<1> room;
  return self_check(engine, expected, room);
}

}  // namespace dyadic
