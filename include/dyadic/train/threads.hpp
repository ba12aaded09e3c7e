#pragma once

#include <cstddef>
#include <vector>

#include <dyadic/core/workers.hpp>

#if !defined(__wasm__) || defined(_REENTRANT)
#include <pthread.h>

namespace dyadic {

namespace detail {

/// A number that threads wait on. (POSIX's threads: the standard library's headers would cost every program
/// that trains a fifth of a second.)
class alignas(64) awaited_number {
 public:
  awaited_number() = default;
  awaited_number(awaited_number const&) = delete;
  awaited_number& operator=(awaited_number const&) = delete;
  ~awaited_number() {
    pthread_cond_destroy(&changed_);
    pthread_mutex_destroy(&lock_);
  }

  std::size_t get() const noexcept { return __atomic_load_n(&value_, __ATOMIC_ACQUIRE); }
  void set(std::size_t value) noexcept {
    change([value](std::size_t) { return value; });
  }
  void increment() noexcept {
    change([](std::size_t old) { return old + 1; });
  }
  void decrement() noexcept {
    change([](std::size_t old) { return old - 1; });
  }

  /// Returns when it is no longer `old`. The next piece of a step is mostly near: sleep would cost more than
  /// the wait.
  void wait_while(std::size_t old) noexcept {
    for (int i = 0; i < 100000; ++i)
      if (get() != old) return;
    pthread_mutex_lock(&lock_);
    while (value_ == old) pthread_cond_wait(&changed_, &lock_);
    pthread_mutex_unlock(&lock_);
  }

 private:
  template <class Next> void change(Next const& next) noexcept {
    pthread_mutex_lock(&lock_);
    __atomic_store_n(&value_, next(value_), __ATOMIC_RELEASE);
    pthread_cond_broadcast(&changed_);
    pthread_mutex_unlock(&lock_);
  }

  std::size_t value_ = 0;
  pthread_mutex_t lock_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed_ = PTHREAD_COND_INITIALIZER;
};

}  // namespace detail

/// The caller's thread and others, which wait between one piece of work and the next and end with this. A
/// copy begins without others.
class thread_pool final : public workers {
 public:
  thread_pool() = default;
  thread_pool(thread_pool const&) noexcept {}
  thread_pool& operator=(thread_pool const&) noexcept { return *this; }
  ~thread_pool() { stop(); }

  /// So many, the caller's among them, or as many as the system gives; 0 is 1.
  void resize(std::size_t count) {
    if (count == 0) count = 1;
    if (count == (turns_.empty() ? 1 : turns_.size())) return;  // even if the system gave fewer
    std::size_t const others = count - 1;
    stop();
    turns_ = std::vector<detail::awaited_number>(count);
    others_.reserve(others);  // they know their places by address
    while (others_.size() < others) {
      others_.push_back({this, others_.size() + 1, round_.get(), {}});
      other& last = others_.back();
      if (pthread_create(&last.thread, nullptr, &begin, &last) == 0) continue;
      others_.pop_back();
      break;
    }
  }

  std::size_t count() const noexcept override { return others_.size() + 1; }

  void run(task given, void const* what) noexcept override {
    task_ = given;
    what_ = what;
    for (detail::awaited_number& each : turns_) each.set(0);
    start_round();
    given(what, 0);
    for (std::size_t left = left_.get(); left != 0; left = left_.get()) left_.wait_while(left);
  }

  void await_turns(std::size_t worker, std::size_t wanted) noexcept override {
    detail::awaited_number& passed = turns_[worker];
    for (std::size_t seen = passed.get(); seen < wanted; seen = passed.get()) passed.wait_while(seen);
  }
  void pass_turn(std::size_t worker) noexcept override {
    if (!turns_.empty()) turns_[worker].increment();
  }

 private:
  struct other {
    thread_pool* pool;
    std::size_t worker, seen;  ///< rounds
    pthread_t thread;
  };

  static void* begin(void* given) noexcept {
    other const& self = *static_cast<other const*>(given);
    self.pool->work(self.worker, self.seen);
    return nullptr;
  }

  void start_round() noexcept {
    left_.set(others_.size());
    round_.increment();
  }

  void work(std::size_t worker, std::size_t seen) noexcept {
    for (;; ++seen) {
      round_.wait_while(seen);
      if (task_ == nullptr) return;
      task_(what_, worker);
      left_.decrement();
    }
  }

  void stop() noexcept {
    task_ = nullptr;
    start_round();
    for (other const& each : others_) pthread_join(each.thread, nullptr);
    others_.clear();
  }

  std::vector<other> others_;
  std::vector<detail::awaited_number> turns_;  ///< of each that was asked for; none before `resize`
  task task_ = nullptr;
  void const* what_ = nullptr;
  detail::awaited_number round_;  ///< of work
  detail::awaited_number left_;   ///< others that have not done theirs
};

}  // namespace dyadic

#else

namespace dyadic {

/// WebAssembly without -pthread has the caller's thread alone.
class thread_pool final : public workers {
 public:
  void resize(std::size_t) noexcept {}
  std::size_t count() const noexcept override { return 1; }
  void run(task given, void const* what) noexcept override { given(what, 0); }
  void await_turns(std::size_t, std::size_t) noexcept override {}
  void pass_turn(std::size_t) noexcept override {}
};

}  // namespace dyadic

#endif
