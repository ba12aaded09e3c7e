#pragma once

#include <dyadic/core/result.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/trainable.hpp>

namespace dyadic {

/// The integer engine of a quantized network: a copy of the integers that its evaluation forward runs on, and
/// the tables of the input. An uncalibrated network gives an error that names the first stage without a
/// range.
template <class Net, class Scheme>
result<integer_engine<Net, Scheme>> to_integer(trainable_engine<Net, Scheme> const& trained) {
  using engine = integer_engine<Net, Scheme>;
  using bound = typename trainable_engine<Net, Scheme>::bound;
  if (auto ready = trained.calibrated(); !ready) return ready.error();
  auto const memory = trained.memory();
  engine made{};
  constexpr std::size_t body_at = bound::size - 1;
  code_grid const out = bound::settle(memory, {});
  made.output = {out.zero, 0, 0, std::bit_cast<std::uint32_t>(out.scale)};
  if constexpr (engine::binding::coded_input) {
    auto const& encoder = get<0>(*memory.slot).integers;
    made.input.output = encoder.output;
    for (std::size_t map = 0; map < Net::input::map_count; ++map)
      for (std::size_t byte = 0; byte < 256; ++byte)
        made.input.tables[map][byte] = static_cast<typename engine::code>(
            encode(Net::input::real_of(static_cast<std::uint8_t>(byte), map), encoder.output.where(),
                   engine::encoder::grid::low, engine::encoder::grid::high));
  }
  engine::body::deploy(bound::template memory_of<body_at>(memory), made.stages);
  return made;
}

}  // namespace dyadic
