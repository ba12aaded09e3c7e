#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/core/name.hpp>
#include <dyadic/core/parameter.hpp>
#include <dyadic/core/random.hpp>
#include <dyadic/core/shape.hpp>
#include <dyadic/core/workers.hpp>
#include <dyadic/kernel/bounds.hpp>
#include <dyadic/quantize/grid.hpp>
#include <dyadic/quantize/range.hpp>
#include <dyadic/quantize/scheme.hpp>

/// What fused layers (stages) and the engines say to each other. A stage description is bound to an
/// arithmetic and to the format of its input; the bound stage holds static functions for training and for
/// integer inference.
namespace dyadic {

/// A tensor of integer codes low .. high; its scale and zero point are numbers of the engine.
template <int Bits, int Low, int High> struct coded {
  static constexpr auto name = "codes<" + decimal<Bits>() + ">";
  static constexpr bool is_real = false;
  static constexpr int bits = Bits;
  static constexpr int low = Low;
  static constexpr int high = High;
  using element = std::conditional_t<(Low < -128 || High > 127), std::int16_t, std::int8_t>;

  /// The code itself; the grid's end for a number beyond it, which an element has room for.
  static constexpr int held(int x) noexcept { return x < Low ? Low : x > High ? High : x; }
};
template <class Grid> using coded_by = coded<Grid::bits, Grid::low, Grid::high>;

/// A tensor of float32.
struct real {
  static constexpr auto name = fixed_string("float32");
  static constexpr bool is_real = true;
  static constexpr int bits = 32;
  using element = float;
};

/// A run of an engine's float block: `count` numbers of one name. What the optimizer trains has a kind; the
/// rest (running statistics, ranges) is `state`.
struct segment {
  char const* name = nullptr;
  std::size_t count = 0;
  bool trained = false;
  parameter_kind kind = parameter_kind::weight;
  char const* stage = nullptr;  ///< set where the segments of stages are joined
};

/// How one forward or backward pass is to run. Everything off is evaluation.
struct pass {
  std::size_t images = 1;
  bool batch_statistics = false;  ///< batch norm uses and updates the batch's statistics
  bool observe = false;           ///< range rules see this batch and place the grids anew
  bool drop = false;              ///< dropout drops, and weights that are rounded by chance are drawn
  bool keep = false;              ///< a backward pass will follow
  generator* random = nullptr;    ///< for what drops or is drawn
  float statistics_share = 0;     ///< the batch's in running statistics; 0: by each batch norm's momentum
  workers* shared = nullptr;      ///< who does it; null: the caller alone

  std::size_t threads() const noexcept { return shared == nullptr ? 1 : shared->count(); }
  /// Calls `call(part)` for parts of so many elements, each by one thread.
  template <class Call> void split(std::size_t total, Call const& call, std::size_t step = 1) const noexcept {
    for_each_part(shared, total, step, call);
  }
  /// Within a part: calls `call` when the worker before this one has done the same turn.
  template <class Call> void in_turn(std::size_t worker, std::size_t turn, Call const& call) const noexcept {
    if (worker != 0) shared->await_turns(worker - 1, turn + 1);
    call();
    if (shared != nullptr) shared->pass_turn(worker);
  }
  /// Calls `call(pass, first image)` for passes of some images each.
  template <class Call> void split_images(Call const& call) const noexcept {
    split(images, [&](work_part part) {
      pass some = *this;
      some.images = part.count;
      some.shared = nullptr;
      call(some, part.first);
    });
  }
};

/// What a batch of reals shows; threads share it.
inline observation seen_in(pass const& p, float const* values, std::size_t count) noexcept {
  constexpr std::size_t parts = 16;
  finite_bounds bounds[parts];
  std::size_t const size = count / parts + 1;
  p.split(parts, [&](work_part part) {
    for (std::size_t i = part.first; i < part.first + part.count; ++i) {
      std::size_t const first = i * size < count ? i * size : count, left = count - first;
      observation const seen = kernel::bounds(kernel::native{}, values + first, left < size ? left : size);
      bounds[i] = {seen.low, seen.high};
    }
  });
  for (finite_bounds const& part : bounds) {
    bounds[0].add(part.low);
    bounds[0].add(part.high);
  }
  return {bounds[0].low, bounds[0].high, values, count};
}

/// A batch of tensors of one format: `images` times the shape's size elements, and where their codes lie.
struct tensor {
  void* data = nullptr;
  code_grid where{};

  template <class Element> Element* as() const noexcept { return static_cast<Element*>(data); }
};

/// Hands out aligned pieces of a block; over a null block it only counts. Every stage lays out what it needs
/// by one function that takes a carver, so that sizes and addresses cannot disagree.
class carver {
 public:
  constexpr carver() noexcept = default;
  explicit carver(std::byte* block) noexcept : block_{block} {}

  template <class Element> Element* take(std::size_t count) noexcept {
    std::byte* const at = block_ == nullptr ? nullptr : block_ + used_;
    used_ += (count * sizeof(Element) + 127) / 64 * 64;  // 64 bytes or more of slack: kernels may read on
    return reinterpret_cast<Element*>(at);
  }
  std::size_t used() const noexcept { return used_; }

 private:
  std::byte* block_ = nullptr;
  std::size_t used_ = 0;
};

/// An engine's memory as one stage sees it. `gradients` has the layout of `parameters`.
template <class Slot> struct stage_memory {
  float* parameters = nullptr;
  float* gradients = nullptr;
  Slot* slot = nullptr;
  std::byte* saved = nullptr;    ///< lives from the forward to the backward pass
  std::byte* scratch = nullptr;  ///< lives within one call
};

/// Is each image of a bound stage passed by itself, without memory? Then threads share the images.
template <class Bound> inline constexpr bool is_by_image = false;
template <class Bound>
  requires requires { Bound::by_image; }
inline constexpr bool is_by_image<Bound> = Bound::by_image;

/// Bytes of a bound stage's scratch: some need it for each thread.
template <class Bound> std::size_t scratch_of(pass const& p) noexcept {
  if constexpr (requires { Bound::scratch_bytes(p); })
    return Bound::scratch_bytes(p);
  else
    return Bound::scratch_bytes(p.images);
}

/// For a stage that has no integers of its own.
struct no_slot {};

/// What is not known before the first data: why a network cannot be evaluated yet. Null where all is known.
using unready = char const*;

}  // namespace dyadic
