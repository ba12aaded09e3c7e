#pragma once

#include <cstddef>

namespace dyadic {

/// One of the parts that work is split into: `count` elements from `first` on, for one of the workers.
struct work_part {
  std::size_t first, count, worker;
};

/// Those that share work. How many there are changes no result: each element is made by one of them, as it
/// would be made by one alone.
class workers {
 public:
  using task = void (*)(void const* what, std::size_t worker) noexcept;

  virtual std::size_t count() const noexcept = 0;
  /// Calls task(what, worker) for every worker at once; returns when all have.
  virtual void run(task work, void const* what) noexcept = 0;
  /// Within `run`, for what is done in order: waits until a worker has passed on so many turns.
  virtual void await_turns(std::size_t worker, std::size_t turns) noexcept = 0;
  virtual void pass_turn(std::size_t worker) noexcept = 0;

 protected:
  ~workers() = default;
};

/// Splits `total` elements into a part for each worker, none of less than `step` elements unless there are no
/// more, and calls `call(part)` for each. Without workers all is one part.
template <class Call>
void for_each_part(workers* by, std::size_t total, std::size_t step, Call const& call) noexcept {
  std::size_t const units = total < step ? 1 : total / step;
  std::size_t const parts = by == nullptr ? 1 : by->count() < units ? by->count() : units;
  auto const begin = [=](std::size_t part) { return part == parts ? total : units * part / parts * step; };
  auto const one = [&](std::size_t worker) noexcept {
    if (worker < parts) call(work_part{begin(worker), begin(worker + 1) - begin(worker), worker});
  };
  // One copy of the code, whoever runs it: in two a compiler may fuse different multiplications with
  // additions.
  workers::task const volatile each = [](void const* what, std::size_t worker) noexcept {
    (*static_cast<decltype(one) const*>(what))(worker);
  };
  if (parts == 1)
    each(&one, 0);
  else
    by->run(each, &one);
}

}  // namespace dyadic
