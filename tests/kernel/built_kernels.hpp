#pragma once

#include <doctest/doctest.h>

#include <string>

#include "dyadic/kernel/kernel_table.hpp"

namespace sweep {

/// Calls `body()` with each table of dyadic::kernels in use that this processor runs.
template <class Body> void for_each_table(Body const& body) {
  using namespace dyadic::kernel;
  kernel_table const& before = chosen_kernels();
  auto const built = built_kernels();
  for (std::size_t i = 0; i < built.count; ++i) {
    kernel_table const& table = *built.first[i];
    if (choose_kernels(table)) {
      INFO("kernels for ", std::string(table.instruction_set));
      body();
    } else {
      MESSAGE("skipped: this processor has no ", std::string(table.instruction_set));
    }
  }
  CHECK(choose_kernels(before));
}

}  // namespace sweep
