#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

namespace dyadic {

/// What kind of thing went wrong; the sentence beside it says where.
enum class fault {
  none,
  cannot_open,     ///< a file is missing or may not be read or written
  truncated,       ///< the data ends before what it promises
  malformed,       ///< not the format it claims to be, or a length or value out of range
  bad_checksum,    ///< stored and computed checksums differ
  wrong_version,   ///< written by a later format
  wrong_network,   ///< describes another network, scheme or kind of engine
  replay_differs,  ///< the stored test vector is not reproduced
  not_calibrated,  ///< a quantized network has no ranges yet
  wrong_size,      ///< a span or a data set has not the size that the network needs
  not_supported,   ///< valid, but this library cannot do it
};

/// An error as a value: a kind and one sentence (where, what was expected, what was found). No heap.
struct error {
  fault kind = fault::none;
  char message[232]{};

  constexpr char const* what() const noexcept { return message; }
};

/// An error whose sentence is made as by printf; a longer one is cut.
template <class... Values> error make_error(fault kind, char const* format, Values... values) noexcept {
  error made{kind, {}};
  if constexpr (sizeof...(Values) == 0)
    std::snprintf(made.message, sizeof made.message, "%s", format);
  else
    std::snprintf(made.message, sizeof made.message, format, values...);
  return made;
}

/// A value or an error, as std::expected will be. `value()` of an error prints the sentence and aborts.
template <class Value> class [[nodiscard]] result {
 public:
  result(Value&& value) noexcept(std::is_nothrow_move_constructible_v<Value>) : holds_{true} {
    ::new (static_cast<void*>(&value_)) Value(std::move(value));
  }
  result(Value const& value)
    requires std::is_copy_constructible_v<Value>
      : holds_{true} {
    ::new (static_cast<void*>(&value_)) Value(value);
  }
  result(dyadic::error reason) noexcept : error_{reason}, holds_{false} {}
  result(result&& other) noexcept : holds_{other.holds_} {
    if (holds_)
      ::new (static_cast<void*>(&value_)) Value(std::move(other.value_));
    else
      ::new (static_cast<void*>(&error_)) dyadic::error(other.error_);
  }
  result(result const&) = delete;
  result& operator=(result const&) = delete;
  result& operator=(result&&) = delete;
  ~result() {
    if (holds_) value_.~Value();
  }

  bool has_value() const noexcept { return holds_; }
  explicit operator bool() const noexcept { return holds_; }
  dyadic::error error() const noexcept { return holds_ ? dyadic::error{} : error_; }

  Value& value() & noexcept { return insist(), value_; }
  Value const& value() const& noexcept { return insist(), value_; }
  Value value() && noexcept(std::is_nothrow_move_constructible_v<Value>) {
    return insist(), std::move(value_);
  }
  Value& operator*() & noexcept { return value(); }
  Value const& operator*() const& noexcept { return value(); }
  Value* operator->() noexcept { return &value(); }
  Value const* operator->() const noexcept { return &value(); }

 private:
  void insist() const noexcept {
    if (holds_) return;
    std::fprintf(stderr, "dyadic: %s\n", error_.message);
    std::abort();
  }

  union {
    Value value_;
    dyadic::error error_;
  };
  bool holds_;
};

/// Success, or an error.
template <> class [[nodiscard]] result<void> {
 public:
  result() noexcept = default;
  result(dyadic::error reason) noexcept : error_{reason} {}

  bool has_value() const noexcept { return error_.kind == fault::none; }
  explicit operator bool() const noexcept { return has_value(); }
  dyadic::error error() const noexcept { return error_; }
  void value() const noexcept {
    if (has_value()) return;
    std::fprintf(stderr, "dyadic: %s\n", error_.message);
    std::abort();
  }

 private:
  dyadic::error error_;
};

}  // namespace dyadic
