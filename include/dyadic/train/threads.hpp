#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include <dyadic/core/workers.hpp>

namespace dyadic {

/// The caller's thread and others, which wait between one piece of work and the next and end with this. A
/// copy begins without others.
class thread_pool final : public workers {
 public:
  thread_pool() = default;
  thread_pool(thread_pool const&) noexcept {}
  thread_pool& operator=(thread_pool const&) noexcept { return *this; }
  ~thread_pool() { stop(); }

  /// So many, the caller's among them; 0 is 1.
  void resize(std::size_t count) {
    std::size_t const others = count == 0 ? 0 : count - 1;
    if (others == others_.size()) return;
    stop();
    turns_ = std::vector<turns>(count);
    others_.reserve(others);
    while (others_.size() < others)
      others_.emplace_back([this, worker = others_.size() + 1, seen = round_.load()] { work(worker, seen); });
  }

  std::size_t count() const noexcept override { return others_.size() + 1; }

  void run(task given, void const* what) noexcept override {
    task_ = given;
    what_ = what;
    for (turns& each : turns_) each.passed.store(0, std::memory_order_relaxed);
    begin();
    given(what, 0);
    for (std::size_t left = left_; left != 0; left = left_) wait(left_, left);
  }

  void await_turns(std::size_t worker, std::size_t wanted) noexcept override {
    std::atomic<std::size_t> const& passed = turns_[worker].passed;
    for (std::size_t seen = passed; seen < wanted; seen = passed) wait(passed, seen);
  }
  void pass_turn(std::size_t worker) noexcept override {
    if (turns_.empty()) return;
    ++turns_[worker].passed;
    turns_[worker].passed.notify_all();
  }

 private:
  struct alignas(64) turns {
    std::atomic<std::size_t> passed = 0;
  };

  /// Lets the others see what is to be done.
  void begin() noexcept {
    left_ = others_.size();
    ++round_;
    round_.notify_all();
  }

  void work(std::size_t worker, std::uint32_t seen) noexcept {
    for (;;) {
      wait(round_, seen);
      ++seen;
      if (task_ == nullptr) return;
      task_(what_, worker);
      if (--left_ == 0) left_.notify_one();
    }
  }

  void stop() noexcept {
    task_ = nullptr;
    begin();
    for (std::thread& other : others_) other.join();
    others_.clear();
  }

  /// Until it is no longer `old`. The next piece of a step is mostly near: sleep would cost more than the
  /// wait.
  template <class Value> static void wait(std::atomic<Value> const& value, Value old) noexcept {
    for (int i = 0; i < 100000; ++i)
      if (value != old) return;
    value.wait(old);
  }

  std::vector<std::thread> others_;
  std::vector<turns> turns_;  ///< of each, where there are others
  task task_ = nullptr;
  void const* what_ = nullptr;
  std::atomic<std::uint32_t> round_ = 0;  ///< of work
  std::atomic<std::size_t> left_ = 0;     ///< others that have not done theirs
};

}  // namespace dyadic
