#include "dyadic/kernel/elementwise.hpp"
#include "sweep.hpp"

namespace {

using namespace dyadic::kernel;

/// Compares codes and mask of every instruction set with the output function, called element by element.
template <class Code, class Policy> void compare(Policy policy, unsigned seed) {
  sweep::generator random(seed);
  std::size_t const rows = random.size(1, 150), channels = random.size(1, 70);
  INFO("seed ", seed, ", ", Policy::name.c_str(), ", rows ", rows, ", channels ", channels);
  sweep::channel_parameters<Policy> const parameters(channels, random);
  auto const output = sweep::output_of<Code>(policy, parameters, random);
  std::vector<std::int32_t> sums(rows * channels);
  for (auto& sum : sums) sum = static_cast<std::int32_t>(random.scaled(30));
  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<Code> y(sums.size()), unmasked(sums.size());
    std::vector<std::uint8_t> mask(sums.size(), 2);
    apply_output(arch, sums.data(), rows, channels, output, y.data(), mask.data());
    apply_output(arch, sums.data(), rows, channels, output, unmasked.data());
    int wrong = 0;
    for (std::size_t i = 0; i < sums.size(); ++i) {
      std::int64_t const value = Policy::apply(output.channels.get(i % channels), sums[i], output.zero);
      std::int64_t const code = value < output.low ? output.low : value > output.high ? output.high : value;
      wrong += y[i] != code || unmasked[i] != code || mask[i] != (code == value);
    }
    CHECK(wrong == 0);
  });
}

template <class Policy> void sweep_policy(Policy policy) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    compare<std::int8_t>(policy, seed);
    compare<std::int16_t>(policy, seed);
  }
}

}  // namespace

TEST_CASE("every instruction set finishes accumulators as the policy's formula does, in each rounding mode") {
  using namespace dyadic;
  sweep_policy(multiplier<31, rounding::half_up>{});
  sweep_policy(multiplier<31, rounding::half_down>{});
  sweep_policy(multiplier<31, rounding::half_even>{});
  sweep_policy(multiplier<31, rounding::half_away>{});
  sweep_policy(multiplier<31, rounding::half_to_zero>{});
  sweep_policy(multiplier<31, rounding::floor>{});
  sweep_policy(multiplier<31, rounding::ceil>{});
  sweep_policy(multiplier<31, rounding::toward_zero>{});
  sweep_policy(power_of_two<rounding::half_even>{});
}

TEST_CASE("every instruction set gives the bits of the emulated float32 requantization") {
  sweep_policy(dyadic::xnnpack_fp32{});
}

TEST_CASE("a policy without a vector form goes through its own function") {
  sweep_policy(dyadic::tflite_reference{});
}
