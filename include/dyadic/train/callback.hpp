#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

namespace dyadic {

/// What a callback may answer; one that gives nothing goes on.
enum class verdict : std::uint8_t { go_on, stop };

/// A callable that training calls with what happened: any object that takes it, copied in. It is called many
/// times and made once.
template <class Report> class callback {
 public:
  callback() = default;
  template <class Call>
    requires(!std::is_same_v<std::remove_cvref_t<Call>, callback> &&
             std::is_invocable_v<std::remove_cvref_t<Call>&, Report>)
  callback(Call&& call) : held_{new holding<std::remove_cvref_t<Call>>(std::forward<Call>(call))} {}
  callback(callback const& other) : held_{other.held_ == nullptr ? nullptr : other.held_->copy()} {}
  callback(callback&& other) noexcept : held_{std::exchange(other.held_, nullptr)} {}
  callback& operator=(callback other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  ~callback() { delete held_; }

  explicit operator bool() const noexcept { return held_ != nullptr; }
  verdict operator()(Report report) const { return held_ == nullptr ? verdict::go_on : held_->call(report); }

 private:
  struct any {
    virtual ~any() = default;
    virtual verdict call(Report) = 0;
    virtual any* copy() const = 0;
  };
  template <class Call> struct holding final : any {
    explicit holding(Call its_call) : inside{std::move(its_call)} {}
    verdict call(Report report) override {
      if constexpr (std::is_convertible_v<std::invoke_result_t<Call&, Report>, verdict>) {
        return inside(report);
      } else {
        inside(report);
        return verdict::go_on;
      }
    }
    any* copy() const override { return new holding(*this); }
    Call inside;
  };

  any* held_ = nullptr;
};

}  // namespace dyadic
