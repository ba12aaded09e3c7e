#pragma once

#include <cstddef>
#include <string_view>

#include <dyadic/core/result.hpp>
#include <dyadic/network/trainable.hpp>
#include <dyadic/train/training.hpp>

namespace dyadic {

/// The network with the integer forward pass of `Scheme`, its weights and running statistics those of `net`;
/// ranges are set by the first batch that it trains on. (From a seed: `in<trainable<Scheme>>{seed{1}}`.)
template <class Scheme, class Net, class From>
trainable_engine<Net, Scheme> quantization_aware(trainable_engine<Net, From> const& net) {
  using to = trainable_engine<Net, Scheme>;
  using from = trainable_engine<Net, From>;
  to made{seed{}};
  std::span<float> const floats = made.floats();
  auto const is_range = [](std::string_view name) {
    return name == "weight_scale" || name == "output_step" || name == "output_range";
  };
  std::size_t at = 0;
  for (segment const& wanted : to::segments) {
    std::size_t source = 0;
    for (std::size_t i = 0; i < wanted.count; ++i) floats[at + i] = 0;
    for (segment const& given : from::segments) {
      if (!is_range(wanted.name) && std::string_view(given.stage) == wanted.stage &&
          std::string_view(given.name) == wanted.name)
        for (std::size_t i = 0; i < wanted.count; ++i) floats[at + i] = net.floats()[source + i];
      source += given.count;
    }
    at += wanted.count;
  }
  made.refresh();
  return made;
}

/// Images that calibration shows to the range rules at a time.
inline constexpr std::size_t calibration_batch = 32;

/// Post-training quantization: `quantization_aware`, then all ranges set by samples of what the network will
/// see (labels are not needed). Weights are not changed.
template <class Scheme, class Net, class From>
result<trainable_engine<Net, Scheme>> calibrate(trainable_engine<Net, From> const& net, data_view samples) {
  using engine = trainable_engine<Net, Scheme>;
  samples.labels = {};
  samples.targets = {};
  if (samples.sample_size != engine::input_size)
    return make_error(fault::wrong_size,
                      "calibrate: the network takes %zu numbers a sample, the data has %zu",
                      engine::input_size, samples.sample_size);
  if (samples.empty()) return make_error(fault::wrong_size, "calibrate: no samples");
  engine made = quantization_aware<Scheme>(net);
  for (std::size_t at = 0; at < samples.count(); at += calibration_batch)
    made.forward({.observe = true}, source_of(samples.slice(at, calibration_batch)));
  return made;
}

}  // namespace dyadic
