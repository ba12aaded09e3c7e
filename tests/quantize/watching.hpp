#pragma once

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include <dyadic/core/random.hpp>
#include <dyadic/quantize/observed_range.hpp>

/// What the tests of range rules share.
namespace ranges {

inline constexpr float infinity = std::numeric_limits<float>::infinity();
inline constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

using batches = std::vector<std::vector<float>>;

/// A rule with its memory.
template <class Rule> struct watching {
  float state[Rule::state_size + 1]{};

  template <class Grid> dyadic::code_grid after(batches const& shown) {
    for (auto const& batch : shown) {
      dyadic::observation seen = dyadic::seen_in(batch.data(), batch.size());
      if (!Rule::needs_values(state)) seen.values = nullptr;
      Rule::template observe<Grid>(state, seen);
    }
    return Rule::template place<Grid>(state);
  }
};

inline void same(dyadic::code_grid a, dyadic::code_grid b) {
  CHECK(a.scale == b.scale);
  CHECK(a.zero == b.zero);
}

/// Values with a long tail on one side.
inline std::vector<float> sample(std::size_t count, std::uint64_t seed) {
  auto random = dyadic::generator::from({seed});
  std::vector<float> values(count);
  for (float& v : values) {
    v = random.normal();
    v = v < 0 ? v / 3 : v * v;
  }
  return values;
}

/// In batches of growing size.
inline batches split(std::vector<float> const& values) {
  batches parts;
  for (std::size_t first = 0, size = 1; first < values.size(); first += size, ++size) {
    std::size_t const last = first + size < values.size() ? first + size : values.size();
    parts.emplace_back(values.begin() + static_cast<std::ptrdiff_t>(first),
                       values.begin() + static_cast<std::ptrdiff_t>(last));
  }
  return parts;
}

}  // namespace ranges
