#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <dyadic/train/data.hpp>

namespace dyadic {

/// What training draws batches from: an epoch's batches, one after the other, an empty one at its end. It can
/// `begin` at any position of any epoch and then gives what it would have given there: so a run resumes. A
/// batch is valid until the next one.
template <class Source>
concept batch_source = requires(Source& source, std::uint64_t epoch, std::size_t position) {
  source.begin(epoch, position);
  { source.next() } -> std::convertible_to<batch>;
  { source.per_epoch() } -> std::convertible_to<std::size_t>;
  { source.samples_per_epoch() } -> std::convertible_to<std::size_t>;
};

/// Batches that a user's own function makes: `make(data, epoch, position)` fills a data set, the same each
/// time for the same epoch and position (`generator::from(seed, ...)` makes random ones so). The data set is
/// that of the batch before, so that its memory is used again.
template <class Make>
  requires std::invocable<Make&, data_set&, std::uint64_t, std::size_t>
class generated {
 public:
  /// `batches` an epoch, of `size` samples as progress counts them.
  generated(std::size_t batches, std::size_t size, Make make)
      : make_{std::move(make)}, batches_{batches}, size_{size} {}

  void begin(std::uint64_t epoch, std::size_t position = 0) noexcept {
    epoch_ = epoch;
    position_ = position < batches_ ? position : batches_;
  }
  batch next() {
    if (position_ == batches_) return {};
    make_(made_, epoch_, position_++);
    return made_;
  }
  std::size_t per_epoch() const noexcept { return batches_; }
  std::size_t samples_per_epoch() const noexcept { return batches_ * size_; }

 private:
  Make make_;
  std::size_t batches_;
  std::size_t size_;
  data_set made_;
  std::uint64_t epoch_ = 0;
  std::size_t position_ = 0;
};

}  // namespace dyadic
