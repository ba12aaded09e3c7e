#include "dyadic/fixed/hash.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <unordered_set>

#include "formats.hpp"

namespace {
using namespace dyadic;
template <class Format> std::size_t hash_of(Format value) { return std::hash<Format>{}(value); }
}  // namespace

TEST_CASE("equal numbers hash equal in every format") {
  formats::for_each_value<fixed<10, 3>>([](fixed<10, 3> x) {
    std::size_t const expected = hash_of(x);
    CHECK(hash_of(fixed<32, 20>{x}) == expected);
    CHECK(hash_of(fixed<10, 3, rounding::floor, overflow::wrap>{x}) == expected);
    if (x.raw() >= 0) CHECK(hash_of(to<unsigned_fixed<64, 9>>(x)) == expected);
    if (x.raw() % 32 == 0) CHECK(hash_of(to<fixed<8, -2>>(x)) == expected);
  });
}

TEST_CASE("numbers spread over the hashes, in their low bits too") {
  std::unordered_set<std::size_t> whole, low;
  formats::for_each_value<fixed<12, 5>>([&](fixed<12, 5> x) {
    whole.insert(hash_of(x));
    low.insert(hash_of(x) % 1024);
  });
  CHECK(whole.size() == 4096);
  CHECK(low.size() > 950);  // of 1024; random hashes leave e^-4 of them empty
}

TEST_CASE("a set holds fixed numbers") {
  std::unordered_set<fixed<16, 8>> set{fixed<16, 8>{1.5}, fixed<16, 8>{-1.5}, fixed<16, 8>{1.5}};
  CHECK(set.size() == 2);
  CHECK(set.contains(fixed<16, 8>{-1.5}));
}
