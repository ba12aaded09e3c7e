#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <dyadic/core/boxed.hpp>
#include <dyadic/core/random.hpp>
#include <dyadic/core/result.hpp>
#include <dyadic/deploy/tensors.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/trainable.hpp>

namespace dyadic::model_file {

template <class Engine> inline constexpr bool is_trainable = requires { Engine::segments; };

/// Sensor bytes that every network is tested with.
template <class Engine> std::vector<std::uint8_t> test_bytes() {
  generator random{0};
  std::vector<std::uint8_t> bytes(Engine::input_size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next_32() >> 24);
  return bytes;
}

/// How an engine is run on a test vector: what the file holds for input and output.
template <class Engine> struct test_run {
  using input = typename Engine::code;
  using output = typename Engine::output_code;
  static constexpr bool exact = all_integer<Engine>;

  static std::vector<input> make_input(Engine const& engine) {
    auto const bytes = test_bytes<Engine>();
    std::vector<input> codes(Engine::input_size);
    if constexpr (Engine::binding::coded_input)
      engine.encode(std::span<std::uint8_t const>(bytes), std::span<input>(codes));
    else
      for (std::size_t i = 0; i < bytes.size(); ++i)
        codes[i] = Engine::network::input::real_of(bytes[i], i % Engine::network::input::map_count);
    return codes;
  }
  static bool possible(Engine const&) noexcept { return true; }
  static std::vector<output> run(Engine const& engine, std::vector<input> const& codes) {
    std::vector<output> outputs(Engine::output_size);
    boxed<typename Engine::template scratch<1>> const room;
    engine.infer(std::span<input const>(codes), std::span<output>(outputs), *room);
    return outputs;
  }
  static constexpr auto allowed_inputs() noexcept {
    if constexpr (Engine::binding::coded_input)
      return integer_range{Engine::encoder::grid::low, Engine::encoder::grid::high};
    else
      return walks::any_real;
  }
};
template <class Engine>
  requires is_trainable<Engine>
struct test_run<Engine> {
  using input = std::uint8_t;
  using output = typename Engine::out_element;
  static constexpr bool exact =
      all_integer<integer_engine<typename Engine::network, typename Engine::scheme>>;

  static std::vector<input> make_input(Engine const&) { return test_bytes<Engine>(); }
  static bool possible(Engine const& engine) noexcept { return engine.calibrated().has_value(); }
  /// Runs a copy, so that what the engine keeps of its last pass stays.
  static std::vector<output> run(Engine engine, std::vector<input> const& bytes) {
    float const* const reals = engine.forward({}, {bytes.data(), nullptr, 1});
    if constexpr (Engine::is_real)
      return std::vector<output>(reals, reals + Engine::output_size);
    else
      return std::vector<output>(engine.output_codes(), engine.output_codes() + Engine::output_size);
  }
  static constexpr integer_range allowed_inputs() noexcept { return {0, 255}; }
};

/// How far outputs may be from the file's: not at all where all is integer; else float sums may be ordered
/// otherwise, and a code behind a float layer may be its neighbour.
template <class Engine, class Output> float tolerance_of(std::vector<Output> const& outputs) noexcept {
  if constexpr (test_run<Engine>::exact) return 0;
  float largest = 0;
  for (Output const output : outputs) {
    auto const value = static_cast<float>(output);
    largest = value > largest ? value : -value > largest ? -value : largest;
  }
  return std::is_floating_point_v<Output> ? 0x1p-20F + largest * 0x1p-10F : 2 + largest * 0x1p-6F;
}

template <class Engine> void write_test(Engine const& engine, writer& to) {
  using run = test_run<Engine>;
  if (!run::possible(engine)) return;
  auto const input = run::make_input(engine);
  auto const output = run::run(engine, input);
  float const tolerance = tolerance_of<Engine>(output);
  tensor_writer tensors{to};
  tensors.column("input", encoding_of<typename run::input>, extents(input.size()), input.data(), 0,
                 kinds::test_vector);
  tensors.column("output", encoding_of<typename run::output>, extents(output.size()), output.data(), 0,
                 kinds::test_vector);
  tensors.column("tolerance", encoding_of<float>, extents(1), &tolerance, 0, kinds::test_vector);
}

/// Runs the file's test vector and compares.
template <class Engine> result<void> replay(Engine const& engine, tensor_reader& from, char const* where) {
  using run = test_run<Engine>;
  using output = typename run::output;
  if (!run::possible(engine)) return {};
  std::vector<typename run::input> input(Engine::input_size);
  std::vector<output> expected(Engine::output_size);
  float tolerance = 0;
  from.column("input", encoding_of<typename run::input>, extents(input.size()), input.data(),
              run::allowed_inputs(), kinds::test_vector);
  if constexpr (std::is_same_v<output, float>)
    from.column("output", encoding_of<float>, extents(expected.size()), expected.data(), walks::any_real,
                kinds::test_vector);
  else
    from.column("output", encoding_of<output>, extents(expected.size()), expected.data(), walks::wide_code,
                kinds::test_vector);
  from.column("tolerance", encoding_of<float>, extents(1), &tolerance, interval{0, largest_bound},
              kinds::test_vector);
  if (from.failed()) return from.reason();
  auto const found = run::run(engine, input);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    float const difference = static_cast<float>(found[i]) - static_cast<float>(expected[i]);
    if (difference <= tolerance && -difference <= tolerance) continue;
    return make_error(fault::replay_differs,
                      "%s: the test vector's output %zu: %g expected, %g found (tolerance %g)", where, i,
                      static_cast<double>(expected[i]), static_cast<double>(found[i]),
                      static_cast<double>(tolerance));
  }
  return {};
}

}  // namespace dyadic::model_file
