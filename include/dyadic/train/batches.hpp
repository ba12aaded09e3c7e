#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <dyadic/core/random.hpp>
#include <dyadic/train/data.hpp>
#include <dyadic/train/random.hpp>

namespace dyadic {

enum class sample_order : std::uint8_t { shuffled, as_given };
enum class last_batch : std::uint8_t { deliver, drop };

struct batch_options {
  std::size_t size = 64;
  sample_order order = sample_order::shuffled;
  last_batch partial = last_batch::deliver;  ///< what becomes of the last batch where it is not full
};

/// The minibatches of a data set, epoch after epoch. An epoch's order depends on (seed, epoch) alone, so that
/// a run goes on from (epoch, position) as if it had never stopped. All memory is taken by the constructor.
/// At most 2^32 - 1 samples are used. Shuffled batches are gathered into one buffer: a batch is valid until
/// the next one. The data must outlive this.
class batches {
 public:
  batches(data_view data, seed start, batch_options options = {})
      : data_{data.first(0xffffffff)}, seed_{start}, options_{options} {
    if (options_.size == 0) options_.size = 1;
    if (options_.size > data_.count() && data_.count() > 0 && options_.partial == last_batch::deliver)
      options_.size = data_.count();
    if (options_.order == sample_order::shuffled) {
      order_.resize(data_.count());
      std::size_t const held = options_.size < data_.count() ? options_.size : data_.count();
      if (!data_.bytes.empty()) gathered_.bytes.resize(held * data_.sample_size);
      if (!data_.reals.empty()) gathered_.reals.resize(held * data_.sample_size);
      if (!data_.labels.empty()) gathered_.labels.resize(held);
      if (!data_.targets.empty()) gathered_.targets.resize(held * data_.target_size);
      gathered_.sample_size = data_.sample_size;
      gathered_.target_size = data_.target_size;
    }
    begin(0);
  }

  /// Goes to an epoch, after `position` of its batches.
  void begin(std::uint64_t epoch, std::size_t position = 0) noexcept {
    epoch_ = epoch;
    position_ = position < per_epoch() ? position : per_epoch();
    if (options_.order != sample_order::shuffled) return;
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<std::uint32_t>(i);
    generator source = generator::from(seed_, shuffle_stream + epoch);
    shuffle(order_, source);
  }

  /// The epoch's next batch; an empty one at its end.
  batch next() noexcept {
    if (position_ == per_epoch()) return {};
    std::size_t const from = position_++ * options_.size;
    if (options_.order == sample_order::as_given) return data_.slice(from, options_.size);
    std::size_t const left = order_.size() - from;
    return gather(
        std::span<std::uint32_t const>(order_).subspan(from, left < options_.size ? left : options_.size));
  }

  /// Batches in an epoch, and samples in all of them.
  std::size_t per_epoch() const noexcept {
    std::size_t const full = data_.count() / options_.size;
    return full + (options_.partial == last_batch::deliver && data_.count() % options_.size != 0 ? 1 : 0);
  }
  std::size_t samples_per_epoch() const noexcept {
    return options_.partial == last_batch::deliver ? data_.count() : per_epoch() * options_.size;
  }

  std::uint64_t epoch() const noexcept { return epoch_; }
  /// Batches of this epoch that were delivered.
  std::size_t position() const noexcept { return position_; }

 private:
  // Apart from the small stream numbers that other purposes take.
  static constexpr std::uint64_t shuffle_stream = std::uint64_t{1} << 63;

  batch gather(std::span<std::uint32_t const> chosen) noexcept {
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      copy(data_.bytes, gathered_.bytes, chosen[i], i, data_.sample_size);
      copy(data_.reals, gathered_.reals, chosen[i], i, data_.sample_size);
      copy(data_.labels, gathered_.labels, chosen[i], i, 1);
      copy(data_.targets, gathered_.targets, chosen[i], i, data_.target_size);
    }
    return gathered_.first(chosen.size());
  }

  template <class Value>
  static void copy(std::span<Value const> all, std::vector<Value>& to, std::size_t from_row,
                   std::size_t to_row, std::size_t width) noexcept {
    if (!all.empty())
      std::memcpy(to.data() + to_row * width, all.data() + from_row * width, width * sizeof(Value));
  }

  data_view data_;
  seed seed_;
  batch_options options_;
  std::vector<std::uint32_t> order_;
  data_set gathered_;
  std::uint64_t epoch_ = 0;
  std::size_t position_ = 0;
};

}  // namespace dyadic
