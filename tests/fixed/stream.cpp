#include "dyadic/fixed/stream.hpp"

#include <doctest/doctest.h>

#include <iomanip>
#include <sstream>

using namespace dyadic;

TEST_CASE("a number is printed exactly, in the stream's width") {
  std::ostringstream out;
  out << fixed<8, 4>{-2.6875} << '|' << std::setw(6) << unsigned_fixed<8, 1>{1.5} << '|'
      << std::setprecision(1) << std::left << std::setw(8) << fixed<16, 8>{0.00390625} << '|';
  CHECK(out.str() == "-2.6875|   1.5|0.00390625|");
}
