#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <dyadic/train/batches.hpp>
#include <dyadic/train/evaluate.hpp>
#include <dyadic/train/progress.hpp>
#include <dyadic/train/training.hpp>

namespace dyadic {

/// Options of `fit`.
struct fit_options {
  std::size_t epochs = 1;
  std::size_t batch_size = 64;
  data_view validation{};                     ///< scored after each epoch where given
  verbosity progress = verbosity::automatic;  ///< a line on a terminal, silent elsewhere
  dyadic::seed seed{};                        ///< of shuffle and dropout, where `fit` makes the run
  std::size_t freeze_observers_after = 0;     ///< epochs; 0: never
  std::size_t freeze_batch_norm_after = 0;    ///< epochs; 0: never
};

/// One epoch of a run.
struct epoch_log {
  double loss = 0;
  double accuracy = 0;
  double validation_accuracy = -1;  ///< below 0 where there was no validation
};

/// What a run was like, or why it did not take place.
struct training_log {
  std::vector<epoch_log> epochs;
  dyadic::error error{};

  explicit operator bool() const noexcept { return error.kind == fault::none; }
};

/// Trains until `options.epochs` epochs of the run are done, from where the run stands: a run that was saved
/// in the middle of an epoch goes on as if it had not stopped. The schedule's plan is all of them.
template <loss_function Loss = cross_entropy, class Engine, class Optimizer, class Schedule>
training_log fit(training<Engine, Optimizer, Schedule>& run, data_view data, fit_options options = {}) {
  training_log log;
  auto const refuse = [&log](error reason) {
    log.error = reason;
    return log;
  };
  if (auto fits = data.check(Engine::input_size, Engine::output_size); !fits) return refuse(fits.error());
  if (!options.validation.empty())
    if (auto fits = options.validation.check(Engine::input_size, Engine::output_size); !fits)
      return refuse(fits.error());
  batches order{data, seed{run.position.seed}, {.size = options.batch_size}};
  if (run.position.total_updates == 0) run.position.total_updates = options.epochs * order.per_epoch();
  order.begin(run.position.epoch, run.position.batch);
  progress line{options.progress};
  line.begin(options.epochs, order.samples_per_epoch(), run.position.epoch,
             run.position.batch * options.batch_size);
  while (run.position.epoch < options.epochs) {
    std::size_t const epoch = run.position.epoch;
    if (options.freeze_observers_after != 0) run.frozen.observers = epoch >= options.freeze_observers_after;
    if (options.freeze_batch_norm_after != 0)
      run.frozen.batch_norm = epoch >= options.freeze_batch_norm_after;
    loss_value seen{};
    std::size_t done = run.position.batch * options.batch_size;
    for (batch samples = order.next(); !samples.empty(); samples = order.next()) {
      loss_value const found = run.step(samples, Loss{});
      ++run.position.batch;
      seen.sum += found.sum;
      seen.correct += found.correct;
      seen.labelled += found.labelled;
      seen.count += found.count;
      done += samples.count();
      line.show(done, seen.mean(), seen.accuracy());
    }
    epoch_log entry{seen.mean(), seen.accuracy(), -1};
    if (!options.validation.empty())
      if (auto scored = evaluate<Loss>(run.network(), options.validation); scored)
        entry.validation_accuracy = scored->accuracy;
    line.end_epoch(entry.loss, entry.accuracy, entry.validation_accuracy);
    log.epochs.push_back(entry);
    run.position.batch = 0;
    order.begin(++run.position.epoch);
  }
  return log;
}

/// Trains a network by a run of its own.
template <loss_function Loss = cross_entropy, class Net, class Scheme, optimizer Optimizer, schedule Schedule>
training_log fit(trainable_engine<Net, Scheme>& net, data_view data, Optimizer rule, Schedule plan,
                 fit_options options = {}) {
  training<trainable_engine<Net, Scheme>, Optimizer, Schedule> run{net, rule, options.seed, plan};
  return fit<Loss>(run, data, options);
}
template <loss_function Loss = cross_entropy, class Net, class Scheme, optimizer Optimizer>
training_log fit(trainable_engine<Net, Scheme>& net, data_view data, Optimizer rule,
                 fit_options options = {}) {
  return fit<Loss>(net, data, rule, constant{}, options);
}

}  // namespace dyadic
