#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include <dyadic/train/augment.hpp>
#include <dyadic/train/batches.hpp>
#include <dyadic/train/callback.hpp>
#include <dyadic/train/evaluate.hpp>
#include <dyadic/train/generated.hpp>
#include <dyadic/train/progress.hpp>
#include <dyadic/train/training.hpp>

namespace dyadic {

/// A batch that was learned from; the run's position stands behind it.
struct batch_report {
  std::size_t epoch = 0;  ///< counted from 0
  std::size_t batch = 0;  ///< of the epoch, counted from 0
  loss_value found{};
};

/// One epoch of a run.
struct epoch_log {
  double loss = 0;
  double accuracy = 0;
  double validation_accuracy = -1;  ///< below 0 where there was no validation
  double validation_loss = 0;       ///< 0 where there was no validation
  std::size_t epoch = 0;            ///< counted from 0
};

/// What tells good epochs from bad ones, of the validation where there is one: for schedules and early stops.
enum class watched : std::uint8_t { loss, accuracy };

/// Ends the training when no epoch was the best for more than `patience` epochs, and leaves the network as it
/// was after the best one. 0: never.
struct early_stop {
  std::size_t patience = 0;
  double least = 0;  ///< a metric that is better by no more than this is no better
};

/// The parameters of a stage stay as they are from one epoch until another.
struct stage_freezing {
  char const* stage = "";
  std::size_t from = 0;
  std::size_t until = static_cast<std::size_t>(-1);
};

/// Options of `fit`.
struct fit_options {
  std::size_t epochs = 1;
  std::size_t batch_size = 64;
  data_view validation{};                     ///< scored after each epoch where given
  verbosity progress = verbosity::automatic;  ///< a line on a terminal, silent elsewhere
  dyadic::seed seed{};                        ///< of shuffle and dropout, where `fit` makes the run
  std::size_t threads = 1;                  ///< that share the work: no bit depends on them; 1: the run's own
  std::size_t freeze_observers_after = 0;   ///< epochs; 0: never
  std::size_t freeze_batch_norm_after = 0;  ///< epochs; 0: never
  std::span<stage_freezing const> freeze{};  ///< stages whose parameters stay for some epochs; borrowed
  clipping clip{};                           ///< of gradients; the run's own where none is given
  averaging average{};                       ///< of parameters; the validation is then the average's
  augmentation augment{};                    ///< of the training images
  watched watch = watched::loss;
  early_stop stop{};
  callback<batch_report const&> at_batch{};  ///< `verdict::stop` interrupts: the run can be resumed
  callback<epoch_log const&> at_epoch{};     ///< `verdict::stop` ends the training
};

/// What a run was like, or why it did not take place.
struct training_log {
  std::vector<epoch_log> epochs;
  dyadic::error error{};

  explicit operator bool() const noexcept { return error.kind == fault::none; }
};

/// What can be trained on: a data set, or a source of batches.
template <class Data>
concept training_data = std::convertible_to<Data&, data_view> || batch_source<std::remove_cvref_t<Data>>;

namespace detail {

/// One fit of a run to a source of batches.
template <class Run, class Source, class Loss> class fitting {
  using engine = std::remove_reference_t<decltype(std::declval<Run&>().network())>;

 public:
  fitting(Run& run, Source& source, Loss const& loss, fit_options const& options, bool checked)
      : run_{run},
        source_{source},
        loss_{loss},
        options_{options},
        line_{options.progress},
        checked_{checked} {}

  training_log all() {
    if (!prepare()) return std::move(log_);
    while (run_.position.epoch < options_.epochs && !out_of_patience()) {
      freeze();
      if (!epoch()) return std::move(log_);
      if (end_epoch() == verdict::stop) break;
    }
    if (options_.stop.patience != 0 && run_.best().size() != 0) restore_best();
    return std::move(log_);
  }

 private:
  bool prepare() {
    if (options_.threads != 1) run_.threads = options_.threads;
    if (run_.threads == 0)
      return refuse(make_error(fault::not_supported, "fit: no threads are to share the work; say 1 or more"));
    if (options_.clip.value > 0 || options_.clip.norm > 0) run_.clip = options_.clip;
    if (options_.average.decay > 0) run_.averaged = options_.average;
    if (!options_.validation.empty())
      if (auto fits = options_.validation.check(engine::input_size, engine::output_size); !fits)
        return refuse(fits.error());
    for (stage_freezing const& f : options_.freeze)
      if (auto found = run_.freeze(f.stage, false); !found) return refuse(found.error());
    run_position& at = run_.position;
    if (at.total_updates == 0) at.total_updates = options_.epochs * source_.per_epoch();
    std::size_t const epoch = size(at.epoch), batch = size(at.batch);
    source_.begin(epoch, batch);
    line_.begin(options_.epochs, source_.samples_per_epoch(), epoch, batch * options_.batch_size);
    return true;
  }
  /// Positions have 64 bits on every machine, since files hold them.
  static std::size_t size(std::uint64_t position) noexcept { return static_cast<std::size_t>(position); }
  bool refuse(error reason) {
    log_.error = reason;
    return false;
  }

  void freeze() {
    std::size_t const epoch = size(run_.position.epoch);
    if (options_.freeze_observers_after != 0)
      run_.frozen.observers = epoch >= options_.freeze_observers_after;
    if (options_.freeze_batch_norm_after != 0)
      run_.frozen.batch_norm = epoch >= options_.freeze_batch_norm_after;
    for (stage_freezing const& f : options_.freeze)
      static_cast<void>(run_.freeze(f.stage, f.from <= epoch && epoch < f.until));
  }

  /// The rest of an epoch's batches; false where it was interrupted.
  bool epoch() {
    run_position& at = run_.position;
    std::size_t done = size(at.batch) * options_.batch_size;
    for (batch samples = source_.next(); !samples.empty(); samples = source_.next()) {
      if (!checked_)
        if (auto fits = samples.check(engine::input_size, engine::output_size); !fits)
          return refuse(fits.error());
      batch_report report{size(at.epoch), size(at.batch), run_.step(samples, loss_)};
      ++at.batch;
      at.epoch_loss = std::bit_cast<std::uint64_t>(std::bit_cast<double>(at.epoch_loss) + report.found.sum);
      at.epoch_correct += report.found.correct;
      at.epoch_labelled += report.found.labelled;
      at.epoch_samples += report.found.count;
      done += report.found.count;
      loss_value const seen = so_far();
      line_.show(done, seen.mean(), seen.accuracy());
      if (options_.at_batch(report) == verdict::stop) return false;
    }
    return true;
  }

  loss_value so_far() const noexcept {
    run_position const& at = run_.position;
    return {std::bit_cast<double>(at.epoch_loss), size(at.epoch_correct), size(at.epoch_labelled),
            size(at.epoch_samples)};
  }

  verdict end_epoch() {
    run_position& at = run_.position;
    loss_value const seen = so_far();
    epoch_log entry{.loss = seen.mean(), .accuracy = seen.accuracy(), .epoch = size(at.epoch)};
    run_.swap_average();
    double metric = options_.watch == watched::loss ? entry.loss : 1 - entry.accuracy;
    if (!options_.validation.empty())
      if (auto scored = evaluate(run_.network(), options_.validation, loss_, run_.shared()); scored) {
        entry.validation_accuracy = scored->accuracy;
        entry.validation_loss = scored->loss;
        metric = options_.watch == watched::loss ? scored->loss : 1 - scored->accuracy;
      }
    judge(metric);
    run_.swap_average();
    run_.observe(metric);
    line_.end_epoch(entry.loss, entry.accuracy, entry.validation_accuracy);
    log_.epochs.push_back(entry);
    at.batch = at.epoch_loss = at.epoch_correct = at.epoch_labelled = at.epoch_samples = 0;
    source_.begin(++at.epoch, 0);
    return options_.at_epoch(entry);
  }

  /// Keeps the floats of the best epoch.
  void judge(double metric) {
    if (options_.stop.patience == 0) return;
    run_position& at = run_.position;
    auto const best = std::bit_cast<double>(at.best_metric);
    bool const is_best = at.best_epoch == 0 || !(best == best) || metric < best - options_.stop.least;
    at.waited = is_best ? 0 : at.waited + 1;
    if (!is_best) return;
    at.best_metric = std::bit_cast<std::uint64_t>(metric);
    at.best_epoch = at.epoch + 1;
    if (run_.best().size() == 0) run_.best() = buffer<float>(engine::float_count);
    std::memcpy(run_.best().data(), run_.network().floats().data(), run_.network().floats().size_bytes());
  }
  bool out_of_patience() const noexcept {
    return options_.stop.patience != 0 && run_.position.waited > options_.stop.patience;
  }
  void restore_best() {
    std::memcpy(run_.network().floats().data(), run_.best().data(), run_.network().floats().size_bytes());
    run_.network().refresh();
  }

  Run& run_;
  Source& source_;
  Loss const& loss_;
  fit_options const& options_;
  progress line_;
  bool checked_;
  training_log log_{};
};

template <class Engine, class Optimizer, class Schedule, batch_source Source, class Loss>
training_log fit_source(training<Engine, Optimizer, Schedule>& run, Source& source, Loss const& loss,
                        fit_options const& options, bool checked) {
  using in = typename Engine::network::input_shape;
  augmented<Source> images{source,
                           options.augment,
                           {static_cast<std::size_t>(in::height), static_cast<std::size_t>(in::width),
                            static_cast<std::size_t>(in::channels)},
                           seed{run.position.seed}};
  return fitting{run, images, loss, options, checked}.all();
}

}  // namespace detail

/// Trains until `options.epochs` epochs of the run are done, from where the run stands: a run that was saved
/// in the middle of an epoch goes on as if it had not stopped. The schedule's plan is all of them.
template <class Engine, class Optimizer, class Schedule, training_data Data, loss_function Loss>
training_log fit(training<Engine, Optimizer, Schedule>& run, Data&& data, Loss const& loss,
                 fit_options const& options = {}) {
  if constexpr (std::convertible_to<Data&, data_view>) {
    data_view const view = data;
    if (auto fits = view.check(Engine::input_size, Engine::output_size); !fits)
      return {.epochs = {}, .error = fits.error()};
    batches order{view, seed{run.position.seed}, {.size = options.batch_size}};
    return detail::fit_source(run, order, loss, options, true);
  } else {
    return detail::fit_source(run, data, loss, options, false);
  }
}
template <loss_function Loss = cross_entropy, class Engine, class Optimizer, class Schedule,
          training_data Data>
training_log fit(training<Engine, Optimizer, Schedule>& run, Data&& data, fit_options const& options = {}) {
  return fit(run, data, Loss{}, options);
}

/// Trains a network by a run of its own. Where parameters are averaged, the network ends as the average.
template <class Net, class Scheme, training_data Data, optimizer Optimizer, schedule Schedule,
          loss_function Loss>
training_log fit(trainable_engine<Net, Scheme>& net, Data&& data, Optimizer rule, Schedule plan,
                 Loss const& loss, fit_options const& options = {}) {
  training<trainable_engine<Net, Scheme>, Optimizer, Schedule> run{net, rule, options.seed, plan};
  training_log log = fit(run, data, loss, options);
  if (options.stop.patience == 0) run.swap_average();
  return log;
}
template <class Net, class Scheme, training_data Data, optimizer Optimizer, loss_function Loss>
training_log fit(trainable_engine<Net, Scheme>& net, Data&& data, Optimizer rule, Loss const& loss,
                 fit_options const& options = {}) {
  return fit(net, data, rule, constant{}, loss, options);
}
template <loss_function Loss = cross_entropy, class Net, class Scheme, training_data Data,
          optimizer Optimizer, schedule Schedule>
training_log fit(trainable_engine<Net, Scheme>& net, Data&& data, Optimizer rule, Schedule plan,
                 fit_options const& options = {}) {
  return fit(net, data, rule, plan, Loss{}, options);
}
template <loss_function Loss = cross_entropy, class Net, class Scheme, training_data Data,
          optimizer Optimizer>
training_log fit(trainable_engine<Net, Scheme>& net, Data&& data, Optimizer rule,
                 fit_options const& options = {}) {
  return fit(net, data, rule, constant{}, Loss{}, options);
}

}  // namespace dyadic
