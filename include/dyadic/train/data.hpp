#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <dyadic/core/result.hpp>

namespace dyadic {

/// Samples of one size, one after the other, and what a network should answer to each; owns nothing. Samples
/// are sensor bytes or reals, answers are class labels or `target_size` real targets a sample: of each pair
/// one is empty. Made from memory as it is: `data_view{.bytes = images, .labels = labels, .sample_size =
/// 784}`.
struct data_view {
  std::span<std::uint8_t const> bytes{};
  std::span<float const> reals{};
  std::span<std::int32_t const> labels{};
  std::span<float const> targets{};
  std::size_t sample_size = 0;
  std::size_t target_size = 0;

  /// Complete samples that have their answer, or samples where there are no answers at all.
  constexpr std::size_t count() const noexcept {
    std::size_t complete = static_cast<std::size_t>(-1);
    limit(complete, bytes.size(), sample_size);
    limit(complete, reals.size(), sample_size);
    if (complete == static_cast<std::size_t>(-1)) return 0;
    limit(complete, labels.size(), 1);
    limit(complete, targets.size(), target_size);
    return complete;
  }
  constexpr bool empty() const noexcept { return count() == 0; }

  /// `wanted` samples from number `from` on, or as many of them as there are.
  constexpr data_view slice(std::size_t from, std::size_t wanted) const noexcept {
    return {cut(bytes, from, wanted, sample_size),
            cut(reals, from, wanted, sample_size),
            cut(labels, from, wanted, 1),
            cut(targets, from, wanted, target_size),
            sample_size,
            target_size};
  }
  constexpr data_view first(std::size_t wanted) const noexcept { return slice(0, wanted); }
  constexpr data_view last(std::size_t wanted) const noexcept {
    return wanted < count() ? slice(count() - wanted, wanted) : *this;
  }

  /// Whether a network of `inputs` numbers in and `outputs` numbers out can learn from this: says what does
  /// not fit.
  result<void> check(std::size_t inputs, std::size_t outputs) const noexcept;

 private:
  static constexpr void limit(std::size_t& complete, std::size_t size, std::size_t width) noexcept {
    if (size == 0) return;
    std::size_t const rows = width == 0 ? 0 : size / width;
    if (rows < complete) complete = rows;
  }

  template <class Value>
  static constexpr std::span<Value> cut(std::span<Value> all, std::size_t from, std::size_t wanted,
                                        std::size_t width) noexcept {
    std::size_t const there = width == 0 ? 0 : all.size() / width;
    if (from > there) from = there;
    if (wanted > there - from) wanted = there - from;
    return all.subspan(from * width, wanted * width);
  }
};

/// A minibatch is a view: a slice of a data set, or samples gathered by `batches`.
using batch = data_view;

/// A data set that owns its samples and answers; otherwise as data_view.
struct data_set {
  std::vector<std::uint8_t> bytes{};
  std::vector<float> reals{};
  std::vector<std::int32_t> labels{};
  std::vector<float> targets{};
  std::size_t sample_size = 0;
  std::size_t target_size = 0;

  data_view view() const noexcept { return {bytes, reals, labels, targets, sample_size, target_size}; }
  operator data_view() const noexcept { return view(); }

  std::size_t count() const noexcept { return view().count(); }
  data_view slice(std::size_t from, std::size_t wanted) const noexcept { return view().slice(from, wanted); }
  data_view first(std::size_t wanted) const noexcept { return view().first(wanted); }
  data_view last(std::size_t wanted) const noexcept { return view().last(wanted); }
};

inline result<void> data_view::check(std::size_t inputs, std::size_t outputs) const noexcept {
  if (bytes.empty() == reals.empty())
    return make_error(fault::wrong_size, "data: expected samples as bytes or as reals, found %s",
                      bytes.empty() ? "neither" : "both");
  if (labels.empty() == targets.empty())
    return make_error(fault::wrong_size, "data: expected labels or targets, found %s",
                      labels.empty() ? "neither" : "both");
  if (sample_size != inputs)
    return make_error(fault::wrong_size, "data: the network takes %zu numbers a sample, the data has %zu",
                      inputs, sample_size);
  std::size_t const held = bytes.size() + reals.size();
  if (inputs == 0 || held % inputs != 0)
    return make_error(fault::wrong_size, "data: %zu numbers are no whole count of samples of %zu", held,
                      inputs);
  std::size_t const samples = held / inputs;
  if (!targets.empty()) {
    if (target_size != outputs)
      return make_error(fault::wrong_size,
                        "data: the network gives %zu numbers a sample, the data has %zu targets", outputs,
                        target_size);
    if (outputs == 0 || targets.size() % outputs != 0 || targets.size() / outputs != samples)
      return make_error(fault::wrong_size, "data: %zu samples need %zu targets each, found %zu in all",
                        samples, outputs, targets.size());
    return {};
  }
  if (labels.size() != samples)
    return make_error(fault::wrong_size, "data: %zu samples, but %zu labels", samples, labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] < 0 || static_cast<std::size_t>(labels[i]) >= outputs)
      return make_error(fault::wrong_size,
                        "data: label %ld of sample %zu is not one of the network's %zu classes",
                        static_cast<long>(labels[i]), i, outputs);
  return {};
}

}  // namespace dyadic
