#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <dyadic/core/buffer.hpp>
#include <dyadic/core/random.hpp>
#include <dyadic/network/trainable.hpp>
#include <dyadic/train/data.hpp>
#include <dyadic/train/loss.hpp>
#include <dyadic/train/optimizer.hpp>
#include <dyadic/train/schedule.hpp>

namespace dyadic {

/// What stays as it is while weights are trained.
struct freezing {
  bool observers = false;   ///< ranges keep their place
  bool batch_norm = false;  ///< running statistics are used and kept
};

/// How far a run is: everything but the network's floats and the optimizer's moments. Plain integers, to be
/// saved.
struct run_position {
  std::uint64_t seed = 0;
  std::uint64_t updates = 0;  ///< made so far
  std::uint64_t total_updates =
      0;  ///< planned, for the schedule; 0: no plan, and the schedule stands at its start
  std::uint64_t epoch = 0;
  std::uint64_t batch = 0;   ///< of the epoch, the next one
  std::uint64_t random = 0;  ///< state of the dropout's generator

  bool operator==(run_position const&) const = default;
};

/// The batch as an engine takes it.
inline image_source source_of(batch const& samples) noexcept {
  return {samples.bytes.empty() ? nullptr : samples.bytes.data(),
          samples.reals.empty() ? nullptr : samples.reals.data(), samples.count()};
}

/// The training of one network: moments, updates, schedule, seed and positions. `step` advances it by one
/// batch; all that the next step depends on is in the network, `position` and `moments`. The network must
/// outlive it.
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
  template <loss_function Loss> loss_value step(batch const& samples, Loss loss) {
    generator random{position.random};
    pass const p{.images = samples.count(),
                 .batch_statistics = !frozen.batch_norm,
                 .observe = !frozen.observers,
                 .drop = true,
                 .keep = true,
                 .random = &random};
    if (p.images == 0) return {};
    float* const outputs = net_->forward(p, source_of(samples));
    loss_value const found = forward_backward(loss, outputs, Engine::output_size, samples, outputs);
    net_->backward(p, p.images, outputs);
    update();
    position.random = random.state;
    return found;
  }

  Engine& network() noexcept { return *net_; }
  /// The optimizer's moments: for each segment of the network, `Optimizer::moments` blocks of its size.
  std::span<float> moments() noexcept { return {moments_.data(), moments_.size()}; }
  std::span<float const> moments() const noexcept { return {moments_.data(), moments_.size()}; }

  /// The optimizer's rate now, by the schedule.
  float rate() const noexcept {
    double const done = position.total_updates == 0 ? 0.0
                                                    : static_cast<double>(position.updates) /
                                                          static_cast<double>(position.total_updates);
    return rule.rate * plan.factor(done, position.updates);
  }

  Optimizer rule;
  Schedule plan;
  freezing frozen;
  run_position position;

 private:
  static constexpr std::uint64_t dropout_stream = 1;

  void update() noexcept {
    float const now = rate();
    float* const floats = net_->floats().data();
    float const* const gradients = net_->gradients().data();
    std::size_t at = 0;
    for (segment const& s : Engine::segments) {
      if (s.trained)
        rule.update(floats + at, gradients + at,
                    moments_.data() + static_cast<std::size_t>(Optimizer::moments) * at, s.count, s.kind, now,
                    position.updates);
      at += s.count;
    }
    net_->refresh();
    ++position.updates;
  }

  Engine* net_;
  buffer<float> moments_;
};

}  // namespace dyadic
