#pragma once

#include "parity.hpp"

namespace parity {

template <class Network, class Scheme> void check_many(std::uint64_t seed, std::size_t count = usual_count) {
  check<Network, Scheme>(seed, count);
}

}  // namespace parity
