#include <doctest/doctest.h>

#include <dyadic/core/name.hpp>

#include <climits>
#include <string>

using namespace dyadic;

namespace {

template <long long Value> void check_decimal() {
  std::string const written = decimal<Value>().c_str();
  CHECK(written == std::to_string(Value));
}

}  // namespace

TEST_CASE("texts are equal when every character and the length are") {
  CHECK(fixed_string("head") == fixed_string("head"));
  CHECK_FALSE(fixed_string("head") == fixed_string("heap"));
  CHECK_FALSE(fixed_string("head") == fixed_string("heads"));
  CHECK_FALSE(fixed_string("head") == fixed_string(""));
}

TEST_CASE("a pattern means the name that equals it, or those that begin as it does") {
  CHECK(is_meant<"head", "head">);
  CHECK_FALSE(is_meant<"head", "header">);
  CHECK_FALSE(is_meant<"head", "">);
  CHECK(is_meant<"block/*", "block/dense_1">);
  CHECK(is_meant<"block/*", "block/inner/x">);
  CHECK_FALSE(is_meant<"block/*", "block">);
  CHECK_FALSE(is_meant<"block/*", "blocks/dense_1">);
  CHECK_FALSE(is_meant<"block/*", "a/block/dense_1">);
  CHECK_FALSE(is_meant<"block*", "block/dense_1">);
  CHECK(is_meant<"*", "*">);
}

TEST_CASE("texts and literals are joined on either side") {
  constexpr auto joined = "dense<" + decimal<10>() + "," + fixed_string("x") + ">";
  static_assert(joined.size() == 11);
  CHECK(std::string(joined.c_str()) == "dense<10,x>");
  CHECK(std::string((fixed_string("") + "").c_str()).empty());
}

TEST_CASE("decimal writes what the standard library writes") {
  check_decimal<0>();
  check_decimal<7>();
  check_decimal<-7>();
  check_decimal<10>();
  check_decimal<-1000000>();
  check_decimal<LLONG_MAX>();
  check_decimal<LLONG_MIN>();
}
