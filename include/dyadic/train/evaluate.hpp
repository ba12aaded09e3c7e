#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <dyadic/core/boxed.hpp>
#include <dyadic/core/result.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/train/training.hpp>

namespace dyadic {

/// What a network makes of a data set.
struct score {
  double loss = 0;      ///< mean over the samples; 0 for an integer engine
  double accuracy = 0;  ///< 0 to 1; of samples with labels
  std::size_t correct = 0;
  std::size_t count = 0;
};

/// Images that evaluation works on at a time.
inline constexpr std::size_t evaluation_group = 32;

/// Loss and accuracy of a float or trainable network in evaluation mode; `shared` may be a run's.
template <loss_function Loss = cross_entropy, class Net, class Scheme>
result<score> evaluate(trainable_engine<Net, Scheme> const& net, data_view data, Loss const& loss = {},
                       workers* shared = nullptr) {
  using engine = trainable_engine<Net, Scheme>;
  if (auto fits = data.check(engine::input_size, engine::output_size); !fits) return fits.error();
  if (auto ready = net.calibrated(); !ready) return ready.error();
  loss_value all{};
  for (std::size_t at = 0; at < data.count(); at += evaluation_group) {
    batch const samples = data.slice(at, evaluation_group);
    float* const outputs = net.forward({.shared = shared}, source_of(samples));
    all += forward_backward(loss, outputs, engine::output_size, samples, nullptr);
  }
  return score{all.mean(), all.accuracy(), all.correct, all.count};
}

/// Shows each labelled sample's outputs: `visit(outputs, how many, label)`; reals of a float or trainable
/// network in evaluation mode, codes of an integer engine.
template <class Net, class Scheme, class Visit>
result<void> for_each_output(trainable_engine<Net, Scheme> const& net, data_view data, Visit const& visit) {
  using engine = trainable_engine<Net, Scheme>;
  if (auto fits = data.check(engine::input_size, engine::output_size); !fits) return fits.error();
  if (auto ready = net.calibrated(); !ready) return ready.error();
  if (data.labels.empty()) return make_error(fault::wrong_size, "evaluate: classes are scored on labels");
  for (std::size_t at = 0; at < data.count(); at += evaluation_group) {
    batch const samples = data.slice(at, evaluation_group);
    float const* const outputs = net.forward({}, source_of(samples));
    for (std::size_t i = 0; i < samples.count(); ++i)
      visit(outputs + i * engine::output_size, engine::output_size, samples.labels[i]);
  }
  return {};
}
template <class Net, class Scheme, class Visit>
result<void> for_each_output(integer_engine<Net, Scheme> const& net, data_view data, Visit const& visit) {
  using engine = integer_engine<Net, Scheme>;
  using scratch = typename engine::template scratch<evaluation_group>;
  if (auto fits = data.check(engine::input_size, engine::output_size); !fits) return fits.error();
  if (data.labels.empty())
    return make_error(fault::wrong_size, "evaluate: an integer engine is scored on labels");
  boxed<scratch> const room;
  std::vector<typename engine::output_code> outputs(evaluation_group * engine::output_size);
  std::span<typename engine::output_code> const codes{outputs.data(), evaluation_group * engine::output_size};
  for (std::size_t at = 0; at < data.count(); at += evaluation_group) {
    batch const samples = data.slice(at, evaluation_group);
    if (!samples.bytes.empty())
      net.encode(samples.bytes, std::span<typename engine::code>(room->input, samples.bytes.size()));
    else
      net.encode(samples.reals, std::span<typename engine::code>(room->input, samples.reals.size()));
    net.infer_encoded(*room, codes, samples.count());
    for (std::size_t i = 0; i < samples.count(); ++i)
      visit(outputs.data() + i * engine::output_size, engine::output_size, samples.labels[i]);
  }
  return {};
}

/// Accuracy of an integer engine on labelled data, bytes or reals.
template <class Net, class Scheme>
result<score> evaluate(integer_engine<Net, Scheme> const& net, data_view data) {
  score all{};
  auto const done = for_each_output(net, data, [&](auto const* codes, std::size_t size, std::int32_t label) {
    if (static_cast<std::int32_t>(index_of_largest(codes, size)) == label) ++all.correct;
    ++all.count;
  });
  if (!done) return done.error();
  all.accuracy = all.count == 0 ? 0 : static_cast<double>(all.correct) / static_cast<double>(all.count);
  return all;
}

}  // namespace dyadic
