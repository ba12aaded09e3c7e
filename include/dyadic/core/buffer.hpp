#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace dyadic {

/// One block of zero-initialised numbers on the heap, aligned to 64 bytes, with value semantics: the storage
/// of the float and trainable engines and of their work space. The integer engine never uses it.
template <class Element> class buffer {
  static_assert(std::is_trivially_copyable_v<Element>);
  static constexpr std::align_val_t alignment{64};

 public:
  buffer() = default;
  explicit buffer(std::size_t count) : data_{allocate(count)}, size_{count} {
    if (count != 0) std::memset(static_cast<void*>(data_), 0, count * sizeof(Element));
  }
  buffer(buffer const& other) : data_{allocate(other.size_)}, size_{other.size_} {
    if (size_ != 0) std::memcpy(static_cast<void*>(data_), other.data_, size_ * sizeof(Element));
  }
  buffer(buffer&& other) noexcept
      : data_{std::exchange(other.data_, nullptr)}, size_{std::exchange(other.size_, 0)} {}
  buffer& operator=(buffer other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~buffer() { ::operator delete(static_cast<void*>(data_), alignment); }

  Element* data() noexcept { return data_; }
  Element const* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  Element& operator[](std::size_t i) noexcept { return data_[i]; }
  Element const& operator[](std::size_t i) const noexcept { return data_[i]; }
  Element* begin() noexcept { return data_; }
  Element* end() noexcept { return data_ + size_; }
  Element const* begin() const noexcept { return data_; }
  Element const* end() const noexcept { return data_ + size_; }

 private:
  static Element* allocate(std::size_t count) {
    return count == 0 ? nullptr : static_cast<Element*>(::operator new(count * sizeof(Element), alignment));
  }

  Element* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace dyadic
