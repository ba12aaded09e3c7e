// Compiled for the oldest processor that the program is for: nothing here may run newer instructions.
#include <atomic>
#include <concepts>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/kernel_table.hpp>

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

// Best first: DYADIC_KERNEL_UNITS(unit) calls unit(name) for each.
#include "kernel_units.inc"

extern "C" {
#define DYADIC_DECLARE(unit) extern dyadic::kernel::kernel_table const dyadic_kernels_##unit;
DYADIC_KERNEL_UNITS(DYADIC_DECLARE)
}

namespace dyadic::kernel {
namespace {

struct unit {
  kernel_table const* table;
  bool (*available)() noexcept;
};

template <class Arch> bool processor_has() noexcept {
#if defined(__aarch64__) && defined(__linux__)
  if constexpr (std::same_as<Arch, neon>) return true;
  constexpr unsigned long dot_product = 1UL << 20;  // HWCAP_ASIMDDP
  if constexpr (std::same_as<Arch, neon_dot>) return (getauxval(AT_HWCAP) & dot_product) != 0;
  constexpr unsigned long matrix_product = 1UL << 13;  // HWCAP2_I8MM
  if constexpr (std::same_as<Arch, neon_i8mm>)
    return processor_has<neon_dot>() && (getauxval(AT_HWCAP2) & matrix_product) != 0;
#endif
#if defined(__x86_64__)
  // The units' flags have it too.
  if constexpr (std::derived_from<Arch, avx2>)
    if (!__builtin_cpu_supports("fma")) return false;
#endif
  return available<Arch>();
}

#define DYADIC_TABLE(unit) &dyadic_kernels_##unit,
constexpr kernel_table const* tables[]{DYADIC_KERNEL_UNITS(DYADIC_TABLE)};
#define DYADIC_UNIT(unit) {&dyadic_kernels_##unit, &processor_has<unit>},
constexpr unit units[]{DYADIC_KERNEL_UNITS(DYADIC_UNIT)};

std::atomic<kernel_table const*> chosen{nullptr};

kernel_table const& best() noexcept {
  for (unit const& each : units)
    if (each.available()) return *each.table;
  return *units[sizeof units / sizeof *units - 1].table;  // the last needs nothing that the flags do not
}

}  // namespace

kernel_tables built_kernels() noexcept { return {tables, sizeof tables / sizeof *tables}; }

bool runs(kernel_table const& table) noexcept {
  for (unit const& each : units)
    if (each.table == &table) return each.available();
  return false;
}

kernel_table const& chosen_kernels() noexcept {
  kernel_table const* table = chosen.load(std::memory_order_relaxed);
  if (table == nullptr) {
    table = &best();
    chosen.store(table, std::memory_order_relaxed);
  }
  return *table;
}

bool choose_kernels(kernel_table const& table) noexcept {
  if (!runs(table)) return false;
  chosen.store(&table, std::memory_order_relaxed);
  return true;
}

}  // namespace dyadic::kernel
