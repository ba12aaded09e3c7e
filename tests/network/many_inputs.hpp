#pragma once

#include "parity.hpp"

namespace parity {

template <class Network, class Scheme> void check_many(std::uint64_t seed, std::size_t count = 1000) {
  check<Network, Scheme>(seed, count);
}

}  // namespace parity
