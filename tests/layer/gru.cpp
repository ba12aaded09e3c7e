#include <dyadic/layer/gru.hpp>

#include <doctest/doctest.h>

#include <string_view>

#include "recurrent_oracle.hpp"

using namespace dyadic;
namespace oracle = recurrent_oracle;

static_assert(gru<8>::takes<shape<5, 3>> && !gru<8>::takes<shape<5>> && !gru<8>::takes<shape<5, 3, 1>>);
static_assert(std::is_same_v<gru<8>::output<shape<5, 3>>, shape<8>>);
static_assert(std::is_same_v<gru<8, return_sequences>::output<shape<5, 3>>, shape<5, 8>>);
static_assert(sequential<input<5, 3>, gru<8>>::parameter_count == 3 * 8 * (3 + 8 + 2));
static_assert(std::string_view(gru<8, backwards>::name.c_str()) == "gru<8,backwards>");

TEST_CASE("in float a gru and its gradients are those of its definition") {
  float_gradients::check<sequential<input<6, 5>, gru<7>>>(
      [](auto from, auto const& x, bool) { return oracle::gru(from, x, {7}); });
  float_gradients::check<sequential<input<6, 5>, gru<7, return_sequences>>>(
      [](auto from, auto const& x, bool) {
        return oracle::gru(from, x, {7, true});
      });
}

TEST_CASE("a gru behind one that runs backwards has the gradients of both") {
  float_gradients::check<sequential<input<5, 3>, gru<6, return_sequences, backwards>, gru<4, backwards>>>(
      [](auto from, auto const& x, bool) {
        auto const y = oracle::gru(from, x, {6, true, true});
        return oracle::gru(from, y, {4, false, true});
      });
}

TEST_CASE("on integers a gru's gradients are those of its definition, straight through all roundings") {
  oracle::check_quantized<sequential<input<6, 5>, gru<7>>>(oracle::gru, {7}, 1);
  oracle::check_quantized<sequential<input<9, 3>, gru<10, return_sequences>>>(oracle::gru, {10, true}, 2);
  oracle::check_quantized<sequential<input<9, 3>, gru<5, return_sequences, backwards>>>(oracle::gru,
                                                                                        {5, true, true}, 3);
}
