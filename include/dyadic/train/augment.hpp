#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include <dyadic/core/random.hpp>
#include <dyadic/train/data.hpp>
#include <dyadic/train/generated.hpp>

namespace dyadic {

enum class flip : std::uint8_t { never, horizontal };

/// What is done to images, each by chance of its own, in this order. Nothing unless asked for.
struct augmentation {
  flip mirrored = flip::never;  ///< left and right change places in every other image
  std::size_t shift = 0;        ///< an image moves by up to so many pixels each way: a crop from a padded one
  float padding = 0;            ///< what moves in from outside: a byte or a real, as the samples are
  float noise = 0;              ///< standard deviation of normal noise on every number, in the samples' units

  bool none() const noexcept { return mirrored == flip::never && shift == 0 && !(noise > 0); }
};

/// Height, width and channels of an image.
struct image_size {
  std::size_t height = 1, width = 1, channels = 1;
};

namespace detail {

/// A number as a sample holds it: bytes rounded and cut to 0 .. 255.
template <class Number> Number sample_number(float value) noexcept {
  if constexpr (std::is_same_v<Number, float>)
    return value;
  else
    return !(value > 0) ? Number{0} : value >= 255 ? Number{255} : static_cast<Number>(value + 0.5F);
}

/// One image, from one place to another.
template <class Number>
void augment_image(augmentation const& how, image_size size, generator& random, Number const* from,
                   Number* to) noexcept {
  bool const mirrored = how.mirrored == flip::horizontal && (random.next_32() & 1U) != 0;
  auto const moved = [&] {
    return static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint32_t>(2 * how.shift + 1))) -
           static_cast<std::ptrdiff_t>(how.shift);
  };
  std::ptrdiff_t const down = how.shift == 0 ? 0 : moved();
  std::ptrdiff_t const right = how.shift == 0 ? 0 : moved();
  auto const height = static_cast<std::ptrdiff_t>(size.height);
  auto const width = static_cast<std::ptrdiff_t>(size.width);
  auto const channels = static_cast<std::ptrdiff_t>(size.channels);
  auto const outside = sample_number<Number>(how.padding);
  for (std::ptrdiff_t y = 0; y < height; ++y)
    for (std::ptrdiff_t x = 0; x < width; ++x, to += channels) {
      std::ptrdiff_t const row = y - down;
      std::ptrdiff_t const shifted = x - right;
      std::ptrdiff_t const column = mirrored ? width - 1 - shifted : shifted;
      bool const inside = row >= 0 && row < height && column >= 0 && column < width;
      for (std::ptrdiff_t c = 0; c < channels; ++c)
        to[c] = inside ? from[(row * width + column) * channels + c] : outside;
    }
  if (!(how.noise > 0)) return;
  to -= height * width * channels;
  for (std::ptrdiff_t i = 0; i < height * width * channels; ++i)
    to[i] = sample_number<Number>(static_cast<float>(to[i]) + how.noise * random.normal());
}

}  // namespace detail

/// A source's batches, their images augmented. What becomes of a batch depends on (seed, epoch, position)
/// alone, so that a run resumes. Samples that are not of the image's size stay as they are.
template <batch_source Source> class augmented {
 public:
  augmented(Source& source, augmentation how, image_size size, seed start)
      : source_{&source}, how_{how}, size_{size}, seed_{start} {}

  void begin(std::uint64_t epoch, std::size_t position = 0) {
    source_->begin(epoch, position);
    epoch_ = epoch;
    position_ = position;
  }
  batch next() {
    batch samples = source_->next();
    if (samples.empty() || how_.none() || samples.sample_size != size_.height * size_.width * size_.channels)
      return samples;
    generator random =
        generator::from(seed_, augment_stream + (epoch_ << 32) + static_cast<std::uint64_t>(position_++));
    change(samples.bytes, bytes_, random);
    change(samples.reals, reals_, random);
    return samples;
  }
  std::size_t per_epoch() const noexcept { return source_->per_epoch(); }
  std::size_t samples_per_epoch() const noexcept { return source_->samples_per_epoch(); }

 private:
  // Apart from those of shuffles and other purposes.
  static constexpr std::uint64_t augment_stream = std::uint64_t{1} << 62;

  template <class Number>
  void change(std::span<Number const>& samples, std::vector<Number>& room, generator& random) {
    std::size_t const size = size_.height * size_.width * size_.channels;
    if (samples.size() > room.size()) room.resize(samples.size());
    for (std::size_t at = 0; at + size <= samples.size(); at += size)
      detail::augment_image(how_, size_, random, samples.data() + at, room.data() + at);
    samples = std::span<Number const>(room.data(), samples.size() / size * size);
  }

  Source* source_;
  augmentation how_;
  image_size size_;
  seed seed_;
  std::vector<std::uint8_t> bytes_;
  std::vector<float> reals_;
  std::uint64_t epoch_ = 0;
  std::size_t position_ = 0;
};

}  // namespace dyadic
