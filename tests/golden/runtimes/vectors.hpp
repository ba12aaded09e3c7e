#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dyadic/kernel/shape.hpp"

/// What runtimes computed: vectors.inc as make_vectors.py wrote it. Codes are hexadecimal bytes, two's
/// complement.
namespace golden {

using dyadic::kernel::window_shape;

enum class operation { convolution, depthwise, dense };

/// Bits of a set.
enum runtime : unsigned { xnnpack = 1, reference_kernels = 2, builtin = 4, micro = 8, onnx = 16 };
constexpr unsigned operator|(runtime a, runtime b) { return unsigned{a} | unsigned{b}; }

struct grid {
  float scale;
  int zero;
};

struct difference {
  std::size_t index;
  int code;
};

/// Runtimes that agree with each other, and where they do not with the first group.
struct group {
  unsigned runtimes;
  std::vector<difference> differences;
};

struct hash {
  unsigned runtimes;
  std::uint64_t value;
};

struct results {
  std::string_view codes;
  std::vector<group> groups;
};

struct linear_vector {
  std::string name;
  operation kind;
  std::size_t images;
  window_shape shape;
  grid input, output;
  std::vector<float> weight_scales;  // one for each output, or one
  std::vector<std::int32_t> bias;
  std::string_view inputs, weights;
  results expected;
};

/// The hashes are of the sums of all pairs of codes, the first code the slower.
struct add_vector {
  std::string name;
  grid a, b, output;
  std::vector<hash> hashes;
  std::string_view codes_a, codes_b;
  results expected;
};

struct average_vector {
  std::string name;
  window_shape shape;
  grid codes;
  std::string_view inputs;
  results expected;
};

/// All codes from -128 on.
struct requantize_vector {
  std::string name;
  grid input, output;
  results expected;
};

using codes = std::vector<std::int8_t>;

#include "vectors.inc"

inline int digit(char letter) { return letter <= '9' ? letter - '0' : letter - 'a' + 10; }

inline codes decoded(std::string_view text) {
  codes result(text.size() / 2);
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = static_cast<std::int8_t>(digit(text[2 * i]) * 16 + digit(text[2 * i + 1]));
  return result;
}

inline bool ran(results const& of, runtime which) {
  for (group const& some : of.groups)
    if ((some.runtimes & which) != 0) return true;
  return false;
}

inline codes of_runtime(results const& of, runtime which) {
  codes result = decoded(of.codes);
  for (group const& some : of.groups)
    if ((some.runtimes & which) != 0)
      for (difference const& other : some.differences)
        result.at(other.index) = static_cast<std::int8_t>(other.code);
  return result;
}

}  // namespace golden
