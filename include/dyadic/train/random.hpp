#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <dyadic/core/random.hpp>

namespace dyadic {

/// Puts the indices into a random order, each order equally likely (Fisher and Yates). At most 2^32 - 1 of
/// them.
constexpr void shuffle(std::span<std::uint32_t> indices, generator& source) noexcept {
  for (std::size_t left = indices.size(); left > 1; --left) {
    std::size_t const chosen = source.below(static_cast<std::uint32_t>(left));
    std::uint32_t const kept = indices[left - 1];
    indices[left - 1] = indices[chosen];
    indices[chosen] = kept;
  }
}

}  // namespace dyadic
