#pragma once

#include <cstddef>

#include <dyadic/core/result.hpp>
#include <dyadic/network/trainable.hpp>
#include <dyadic/train/training.hpp>

namespace dyadic {

/// Makes the running statistics of all batch norms anew, as the mean of those of a data set's batches under
/// the network's present parameters: after averaging parameters, changing them by hand, or training whose
/// statistics lag behind. Labels are not needed; parameters and ranges stay. The larger the batch the better.
template <class Net, class Scheme>
result<void> reestimate_batch_norm(trainable_engine<Net, Scheme>& net, data_view samples,
                                   std::size_t batch_size = 64) {
  using engine = trainable_engine<Net, Scheme>;
  samples.labels = {};
  samples.targets = {};
  if (samples.sample_size != engine::input_size || samples.empty() || batch_size == 0)
    return make_error(fault::wrong_size,
                      "reestimate_batch_norm: %zu samples of %zu numbers, the network takes %zu",
                      samples.count(), samples.sample_size, engine::input_size);
  if (auto ready = net.calibrated(); !ready) return ready;
  for (std::size_t at = 0; at < samples.count(); at += batch_size) {
    batch const next = samples.slice(at, batch_size);
    auto const seen = static_cast<double>(at + next.count());
    net.forward({.batch_statistics = true,
                 .statistics_share = static_cast<float>(static_cast<double>(next.count()) / seen)},
                source_of(next));
  }
  net.refresh();
  return {};
}

}  // namespace dyadic
