#pragma once

#include <iosfwd>

#include <dyadic/fixed/text.hpp>

namespace dyadic {

/// Prints the number in decimal, exactly; the stream's width, fill and adjustment apply, its precision does
/// not.
template <class Traits, fixed_number Format>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& stream, Format value) {
  return stream << to_text(value).c_str();
}

}  // namespace dyadic
