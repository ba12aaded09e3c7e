#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "dyadic/kernel/arch.hpp"
#include "dyadic/kernel/output.hpp"
#include "dyadic/kernel/pack.hpp"
#include "dyadic/quantize/rescale.hpp"

/// Seeded material for sweeps over shapes.
namespace sweep {

using dyadic::kernel::requantized;

template <class Arch, class Body> void try_instruction_set(Body const& body) {
  if constexpr (dyadic::kernel::compiled<Arch>) {
    if (dyadic::kernel::available<Arch>()) {
      INFO("instruction set ", Arch::name.c_str());
      body(Arch{});
    } else {
      MESSAGE("skipped: this processor has no ", Arch::name.c_str());
    }
  }
}

/// Calls `body(arch)` for every instruction set that these compile flags and this processor allow, the
/// reference last.
template <class Body> void for_each_instruction_set(Body const& body) {
  using namespace dyadic::kernel;
  try_instruction_set<avx512_vnni>(body);
  try_instruction_set<avx512>(body);
  try_instruction_set<avx_vnni>(body);
  try_instruction_set<avx2>(body);
  try_instruction_set<sse4_1>(body);
  try_instruction_set<sse2>(body);
  try_instruction_set<neon_i8mm>(body);
  try_instruction_set<neon_dot>(body);
  try_instruction_set<neon>(body);
  try_instruction_set<wasm_simd128>(body);
  try_instruction_set<portable>(body);
  try_instruction_set<reference>(body);
}

class generator {
 public:
  explicit generator(unsigned seed) : engine_(seed) {}

  std::int64_t operator()(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(engine_);
  }
  std::size_t size(std::size_t low, std::size_t high) {
    return static_cast<std::size_t>((*this)(static_cast<std::int64_t>(low), static_cast<std::int64_t>(high)));
  }
  std::ptrdiff_t stride(std::ptrdiff_t low, std::ptrdiff_t high) {
    return static_cast<std::ptrdiff_t>((*this)(low, high));
  }
  /// Any magnitude up to 2^bits is as likely as any other on a logarithmic scale.
  std::int64_t scaled(int bits) {
    std::int64_t const limit = std::int64_t{1} << (*this)(0, bits);
    return (*this)(1 - limit, limit - 1);
  }
  /// Codes of weights that are stored in `bits` bits, of which one bit holds 1 and -1.
  std::vector<std::int8_t> weights(std::size_t count, int bits) {
    auto result = codes<std::int8_t>(count, bits);
    if (bits == 1)
      for (std::int8_t& code : result) code = static_cast<std::int8_t>(2 * code + 1);
    return result;
  }
  /// Activations that such weights are multiplied by.
  std::vector<std::int8_t> activations(std::size_t count, int weight_bits) {
    return codes<std::int8_t>(count, weight_bits == 1 ? 1 : 8);
  }
  /// Codes of `bits` bits; extremes come often.
  template <class Code> std::vector<Code> codes(std::size_t count, int bits) {
    std::int64_t const low = -(std::int64_t{1} << (bits - 1)), high = -low - 1;
    std::vector<Code> result(count);
    for (Code& code : result) {
      std::int64_t const kind = (*this)(0, 7);
      code = static_cast<Code>(kind == 0 ? low : kind == 1 ? high : (*this)(low, high));
    }
    return result;
  }

 private:
  std::mt19937_64 engine_;
};

/// A policy's parameters for some channels, any that its contract allows.
template <class Policy> struct channel_parameters;

template <class Policy>
  requires requires(typename Policy::view view) { view.offset, view.multiplier, view.shift; }
struct channel_parameters<Policy> {
  std::vector<std::int64_t> offset;
  std::vector<std::int32_t> multiplier;
  std::vector<std::uint8_t> shift;

  channel_parameters(std::size_t count, generator& random) {
    // Shifts of 32 and more throughout have kernels of their own; a rare smaller one breaks their groups.
    std::int64_t const least = random(0, 1) * 32, exceptions = random(0, 1);
    for (std::size_t i = 0; i < count; ++i) {
      std::int64_t const kind = random(0, 3);
      int const n = static_cast<int>(random(exceptions != 0 && random(0, 15) == 0 ? 0 : least, 62));
      // Ties: a power of two and an offset in halves.
      std::int64_t const power = std::int64_t{1} << random(0, 30);
      multiplier.push_back(static_cast<std::int32_t>(kind == 0   ? power
                                                     : kind == 1 ? -power
                                                                 : random.scaled(31)));
      offset.push_back(kind == 2 || n == 0 ? random.scaled(62) : random(-3, 3) * (std::int64_t{1} << n >> 2));
      shift.push_back(static_cast<std::uint8_t>(n));
    }
  }
  typename Policy::view view() const { return {offset.data(), multiplier.data(), shift.data()}; }
};

template <> struct channel_parameters<dyadic::xnnpack_fp32> {
  std::vector<std::int32_t> bias;
  std::vector<std::uint32_t> scale_bits;

  channel_parameters(std::size_t count, generator& random) {
    for (std::size_t i = 0; i < count; ++i) {
      std::int64_t const exponent = random(127 - 32, 127 + 8),
                         fraction = random(0, 3) == 0 ? 0 : random(0, 0x7FFFFF);
      bias.push_back(static_cast<std::int32_t>(random.scaled(24)));
      scale_bits.push_back(static_cast<std::uint32_t>(random(0, 1) << 31 | exponent << 23 | fraction));
    }
  }
  dyadic::xnnpack_fp32::view view() const { return {bias.data(), scale_bits.data()}; }
};

template <> struct channel_parameters<dyadic::tflite_reference> {
  std::vector<dyadic::tflite_reference::channel> stored;

  channel_parameters(std::size_t count, generator& random) {
    for (std::size_t i = 0; i < count; ++i)
      stored.push_back(
          dyadic::tflite_reference::linear({.input_scale = static_cast<float>(random(1, 1000)) / 4096,
                                            .weight_scale = static_cast<float>(random(1, 1000)) / 65536,
                                            .output_scale = static_cast<float>(random(1, 1000)) / 256,
                                            .offset = static_cast<double>(random(-100, 100)) / 8,
                                            .accumulator_bound = 1 << 30}));
  }
  struct channels {
    dyadic::tflite_reference::channel const* stored;
    constexpr dyadic::tflite_reference::channel get(std::size_t index) const noexcept {
      return stored[index];
    }
  };
  channels view() const { return {stored.data()}; }
};

/// An output function over such parameters, its range within Code.
template <class Code, class Parameters, class Policy>
auto output_of(Policy, Parameters const& parameters, generator& random) {
  using channels = decltype(parameters.view());
  constexpr int bits = static_cast<int>(sizeof(Code)) * 8;
  constexpr std::int64_t least = -(std::int64_t{1} << (bits - 1)), most = -least - 1;
  std::int64_t const low = random(0, 1) == 0 ? least : random(least, 0),
                     high = random(0, 1) == 0 ? most : random(0, most);
  return requantized<Policy, channels, Code>{parameters.view(), static_cast<int>(random(least, most)),
                                             static_cast<int>(low), static_cast<int>(high)};
}

}  // namespace sweep
