#include <doctest/doctest.h>

#include <dyadic/deploy/same_network.hpp>

#include <string>

using namespace dyadic;
using namespace dyadic::model_file;

namespace {

std::string difference(std::string_view expected, std::string_view found) {
  error const e = first_difference(expected, found, "file");
  CHECK(e.kind == fault::wrong_network);
  return e.what();
}

}  // namespace

TEST_CASE("the first field of the first stage that differs is named") {
  CHECK(difference("input | 4 codes<8>\na | dense<3> | weights symmetric<8>\nb | relu\n",
                   "input | 4 codes<8>\na | dense<3> | weights symmetric<4>\nb | relu6\n") ==
        "file: another network: stage 1 (a): \"weights symmetric<8>\" expected, \"weights symmetric<4>\" "
        "found");
}

TEST_CASE("a missing and an additional stage are differences") {
  CHECK(difference("input | 4\na | dense<3>\n", "input | 4\n") ==
        "file: another network: stage 1 (a): \"a\" expected, \"nothing\" found");
  CHECK(difference("input | 4\n", "input | 4\nc | relu\n") ==
        "file: another network: stage 1 (c): \"nothing\" expected, \"c\" found");
}

TEST_CASE("a field more or less is a difference") {
  CHECK(difference("a | x | y\n", "a | x\n") ==
        "file: another network: stage 0 (a): \"y\" expected, \"nothing\" found");
  CHECK(difference("a | x\n", "a | x | y\n") ==
        "file: another network: stage 0 (a): \"nothing\" expected, \"y\" found");
}

TEST_CASE("texts that differ in nothing but their end still end") {
  CHECK(difference("a | x\n", "a | x | \n").find("stage 0 (a)") != std::string::npos);
  CHECK(difference("a | x\n", "a | x") == "file: another network: the ends of the descriptions differ");
  CHECK(difference("", "\n\n") == "file: another network: the ends of the descriptions differ");
}
