#include <dyadic/layer/lstm.hpp>

#include <doctest/doctest.h>

#include <string_view>

#include "recurrent_oracle.hpp"

using namespace dyadic;
namespace oracle = recurrent_oracle;

static_assert(lstm<8>::takes<shape<5, 3>> && !lstm<8>::takes<shape<5>> && !lstm<8>::takes<shape<5, 3, 1>>);
static_assert(std::is_same_v<lstm<8>::output<shape<5, 3>>, shape<8>>);
static_assert(std::is_same_v<lstm<8, return_sequences>::output<shape<5, 3>>, shape<5, 8>>);
static_assert(sequential<input<5, 3>, lstm<8>>::parameter_count == 4 * 8 * (3 + 8 + 1));
static_assert(std::string_view(lstm<8, backwards>::name.c_str()) == "lstm<8,backwards>");

TEST_CASE("in float an lstm and its gradients are those of its definition") {
  float_gradients::check<sequential<input<6, 5>, lstm<7>>>(
      [](auto from, auto const& x, bool) { return oracle::lstm(from, x, {7}); });
  float_gradients::check<sequential<input<6, 5>, lstm<7, return_sequences>>>(
      [](auto from, auto const& x, bool) {
        return oracle::lstm(from, x, {7, true});
      });
}

TEST_CASE("an lstm behind one that runs backwards has the gradients of both") {
  float_gradients::check<sequential<input<5, 3>, lstm<6, return_sequences, backwards>, lstm<4, backwards>>>(
      [](auto from, auto const& x, bool) {
        auto const y = oracle::lstm(from, x, {6, true, true});
        return oracle::lstm(from, y, {4, false, true});
      });
}

TEST_CASE("on integers an lstm's gradients are those of its definition, straight through all roundings") {
  oracle::check_quantized<sequential<input<6, 5>, lstm<7>>>(oracle::lstm, {7}, 1);
  oracle::check_quantized<sequential<input<9, 3>, lstm<10, return_sequences>>>(oracle::lstm, {10, true}, 2);
  oracle::check_quantized<sequential<input<9, 3>, lstm<5, return_sequences, backwards>>>(oracle::lstm,
                                                                                         {5, true, true}, 3);
}

TEST_CASE("on integers an lstm's cell stops at 16, where no gradient passes") {
  std::int16_t const open[4]{32767, 32767, 32767, 32767}, none[4]{};
  std::int16_t state = 0, hidden = 0;
  float kept[lstm_cell::kept_rows];
  lstm_cell::values(1, open, none, &state, kept);
  CHECK(kept[5] == 1);
  for (int step = 0; step < 15; ++step) lstm_cell::step(1, open, none, &state, &hidden);
  CHECK(state == 15 * 2048);
  for (int step = 0; step < 15; ++step) lstm_cell::step(1, open, none, &state, &hidden);
  CHECK(state == 32767);
  CHECK(hidden == 32767);
  lstm_cell::values(1, open, none, &state, kept);
  CHECK(kept[5] == 0);
}
