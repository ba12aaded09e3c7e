#pragma once

#include <utility>

namespace dyadic {

/// One value on the heap, moved by moving a pointer: for what is too large for the stack.
template <class Value> class boxed {
 public:
  template <class... Arguments>
  explicit boxed(std::in_place_t, Arguments&&... arguments)
      : value_{new Value(std::forward<Arguments>(arguments)...)} {}
  boxed() : value_{new Value{}} {}
  boxed(boxed&& other) noexcept : value_{std::exchange(other.value_, nullptr)} {}
  boxed& operator=(boxed&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~boxed() { delete value_; }

  Value& operator*() const noexcept { return *value_; }
  Value* operator->() const noexcept { return value_; }

 private:
  Value* value_;
};

}  // namespace dyadic
