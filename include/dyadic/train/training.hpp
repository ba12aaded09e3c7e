#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include <dyadic/core/buffer.hpp>
#include <dyadic/core/math.hpp>
#include <dyadic/core/random.hpp>
#include <dyadic/core/result.hpp>
#include <dyadic/network/trainable.hpp>
#include <dyadic/train/data.hpp>
#include <dyadic/train/loss.hpp>
#include <dyadic/train/optimizer.hpp>
#include <dyadic/train/schedule.hpp>
#include <dyadic/train/threads.hpp>

namespace dyadic {

/// What stays as it is while weights are trained.
struct freezing {
  bool observers = false;   ///< ranges keep their place
  bool batch_norm = false;  ///< running statistics are used and kept
};

/// How far gradients may go, before the optimizer sees them. 0: no limit.
struct clipping {
  float value = 0;  ///< each gradient is cut to -value .. value
  float norm = 0;   ///< then all are scaled to this Euclidean norm where it is larger; no finite norm: all 0
};

/// The exponential moving average of all trained parameters.
struct averaging {
  double decay = 0;  ///< 0.999 remembers a thousand updates; fewer while there are fewer; 0: no average
};

/// How far a run is: everything but the network's floats, the optimizer's moments, averages and the
/// schedule's memory. Plain integers, to be saved; doubles as their bits.
struct run_position {
  std::uint64_t seed = 0;
  std::uint64_t updates = 0;  ///< made so far
  std::uint64_t total_updates =
      0;  ///< planned, for the schedule; 0: no plan, and the schedule stands at its start
  std::uint64_t epoch = 0;
  std::uint64_t batch = 0;          ///< of the epoch, the next one
  std::uint64_t random = 0;         ///< state of the dropout's generator
  std::uint64_t averaged = 0;       ///< updates that are in the average
  std::uint64_t epoch_loss = 0;     ///< sum over the epoch's samples so far
  std::uint64_t epoch_correct = 0;  ///< of the epoch's samples so far
  std::uint64_t epoch_labelled = 0;
  std::uint64_t epoch_samples = 0;
  std::uint64_t best_metric = 0;
  std::uint64_t best_epoch = 0;  ///< counted from 1; 0: none yet
  std::uint64_t waited = 0;      ///< epochs since the best one

  bool operator==(run_position const&) const = default;
};

/// The batch as an engine takes it.
inline image_source source_of(batch const& samples) noexcept {
  return {samples.bytes.empty() ? nullptr : samples.bytes.data(),
          samples.reals.empty() ? nullptr : samples.reals.data(), samples.count()};
}

/// The training of one network: moments, updates, schedule, seed and positions. `step` advances it by one
/// batch; all that the next step depends on is in the network, `position`, `moments`, `average` and `memory`,
/// and in the settings that it was made with. The network must outlive it.
template <class Engine, optimizer Optimizer, schedule Schedule = constant> class training {
 public:
  training(Engine& trained, Optimizer optimizer, seed start = {}, Schedule schedule = {})
      : rule{optimizer},
        plan{schedule},
        net_{&trained},
        moments_(static_cast<std::size_t>(Optimizer::moments) * Engine::float_count) {
    position.seed = start.value;
    position.random = generator::from(start, dropout_stream).state;
  }

  /// Forward, loss, backward and update for one batch. The batch must fit the network (`batch.check`).
  template <loss_function Loss> loss_value step(batch const& samples, Loss const& loss) {
    generator random{position.random};
    pass const p{.images = samples.count(),
                 .batch_statistics = !frozen.batch_norm,
                 .observe = !frozen.observers,
                 .drop = true,
                 .keep = true,
                 .random = &random,
                 .shared = shared()};
    if (p.images == 0) return {};
    float* const outputs = net_->forward(p, source_of(samples));
    loss_value const found = forward_backward(loss, outputs, Engine::output_size, samples, outputs);
    net_->backward(p, p.images, outputs);
    clip_gradients();
    update();
    position.random = random.state;
    return found;
  }

  /// Who shares the work of passes; null: the caller alone.
  workers* shared() {
    pool_.resize(threads);
    return pool_.count() == 1 ? nullptr : &pool_;
  }

  Engine& network() noexcept { return *net_; }
  /// The optimizer's moments: for each segment of the network, `Optimizer::moments` blocks of its size.
  std::span<float> moments() noexcept { return {moments_.data(), moments_.size()}; }
  std::span<float const> moments() const noexcept { return {moments_.data(), moments_.size()}; }
  /// The averaged parameters, in the order of the network's floats; empty before the first average.
  buffer<float>& average() noexcept { return average_; }
  /// The floats of the best epoch so far, where `fit` looks for it.
  buffer<float>& best() noexcept { return best_; }
  /// What the schedule remembers.
  std::span<double, memory_of<Schedule>()> memory() noexcept {
    return std::span<double, memory_of<Schedule>()>(memory_.data(), memory_of<Schedule>());
  }

  /// The optimizer's rate now, by the schedule.
  float rate() const noexcept {
    double const done = position.total_updates == 0 ? 0.0
                                                    : static_cast<double>(position.updates) /
                                                          static_cast<double>(position.total_updates);
    return rule.rate * factor_of(plan, done, position.updates, memory_.data());
  }

  /// Tells the schedule a metric, smaller being better: once an epoch. `fit` does.
  void observe(double metric) noexcept { dyadic::observe(plan, metric, memory_.data()); }

  /// Exchanges the network's parameters with their average: before an evaluation of the average, and after.
  /// Running statistics and ranges stay; with batch norm, `reestimate_batch_norm` makes those of the average.
  void swap_average() noexcept {
    if (average_.size() == 0) return;
    std::size_t at = 0;
    for (segment const& s : Engine::segments) {
      for (std::size_t i = at; i < at + s.count && s.trained; ++i) {
        float const kept = net_->floats()[i];
        net_->floats()[i] = average_[i];
        average_[i] = kept;
      }
      at += s.count;
    }
    net_->refresh();
  }

  /// The parameters of a stage stay as they are, or are trained again. Says if there is no such stage.
  result<void> freeze(std::string_view stage, bool stays = true) noexcept {
    bool found = false;
    for (std::size_t i = 0; i < Engine::segments.size(); ++i) {
      if (stage != Engine::segments[i].stage) continue;
      still_[i] = stays;
      found = true;
    }
    if (found) return {};
    return make_error(fault::wrong_network, "freeze: the network has no stage \"%.*s\" with parameters",
                      static_cast<int>(stage.size() < 80 ? stage.size() : 80), stage.data());
  }

  Optimizer rule;
  Schedule plan;
  freezing frozen;
  clipping clip;
  averaging averaged;
  std::size_t threads = 1;  ///< that share the work of a step; no bit depends on it
  run_position position;

 private:
  static constexpr std::uint64_t dropout_stream = 1;

  /// Calls `visit(segment, its first float)` for all that the optimizer trains now.
  template <class Visit> void for_each_trained(Visit const& visit) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < Engine::segments.size(); ++i) {
      segment const& s = Engine::segments[i];
      if (s.trained && !still_[i]) visit(s, at);
      at += s.count;
    }
  }

  void clip_gradients() noexcept {
    float* const gradients = net_->gradients().data();
    if (clip.value > 0)
      for_each_trained([&](segment const& s, std::size_t at) {
        for (std::size_t i = at; i < at + s.count; ++i) {
          float const g = gradients[i];
          gradients[i] = g < -clip.value ? -clip.value : g > clip.value ? clip.value : g;
        }
      });
    if (!(clip.norm > 0)) return;
    double squares = 0;
    for_each_trained([&](segment const& s, std::size_t at) {
      for (std::size_t i = at; i < at + s.count; ++i)
        squares += static_cast<double>(gradients[i]) * static_cast<double>(gradients[i]);
    });
    double const length = math::square_root(squares);
    if (length <= static_cast<double>(clip.norm)) return;
    bool const finite = math::is_finite(length);
    auto const share = static_cast<float>(static_cast<double>(clip.norm) / length);
    for_each_trained([&](segment const& s, std::size_t at) {
      for (std::size_t i = at; i < at + s.count; ++i) gradients[i] = finite ? share * gradients[i] : 0;
    });
  }

  void update() {
    float const now = rate();
    float* const floats = net_->floats().data();
    float const* const gradients = net_->gradients().data();
    for_each_trained([&](segment const& s, std::size_t at) {
      rule.update(floats + at, gradients + at,
                  moments_.data() + static_cast<std::size_t>(Optimizer::moments) * at, s.count, s.kind, now,
                  position.updates);
    });
    net_->refresh();
    ++position.updates;
    if (averaged.decay > 0) take_average();
  }

  void take_average() {
    if (average_.size() == 0) {
      average_ = buffer<float>(Engine::float_count);
      position.averaged = 0;
    }
    auto const count = static_cast<double>(position.averaged++);
    double const early = count / (10 + count);  // the first is the parameters themselves
    auto const kept = static_cast<float>(early < averaged.decay ? early : averaged.decay);
    float const* const floats = net_->floats().data();
    for (std::size_t i = 0; i < Engine::float_count; ++i)
      average_[i] = count == 0 ? floats[i] : average_[i] + (1 - kept) * (floats[i] - average_[i]);
  }

  Engine* net_;
  thread_pool pool_;
  buffer<float> moments_;
  buffer<float> average_;
  buffer<float> best_;
  std::array<double, memory_of<Schedule>() + 1> memory_{};
  std::array<bool, Engine::segments.size()> still_{};
};

}  // namespace dyadic
