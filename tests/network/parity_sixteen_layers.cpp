#include "joins.hpp"
#include "networks.hpp"
#include "parity.hpp"
#include "sequences.hpp"

using namespace dyadic;

namespace {

/// Every number in the type.
struct fixed : scheme {
  using weights = fixed_point<16, 14>;
  using activations = fixed_point<16, 10>;
  using outputs = fixed_point<16, 10>;
  using rescale = power_of_two<>;
};
struct narrow_codes : scheme {
  using weights = symmetric<16>;
};

using in_turn = sequential<input<7, 3>, gru<5, return_sequences>, lstm<4, return_sequences>,
                           bidirectional<gru<3>>, dense<4>>;

}  // namespace

TEST_CASE("every layer and meeting of branches deploys what it trained with 16-bit numbers") {
  parity::check<networks::keyword, fixed>(81);
  parity::check<networks::apart, fixed>(82);
  parity::check<networks::operations, fixed>(83);
  parity::check<joins::inception, fixed>(84);
  parity::check<joins::squeeze_and_excitation, fixed>(85);
}

TEST_CASE_TEMPLATE("recurrent layers deploy what they trained with weights of 16 bits", Scheme, fixed,
                   narrow_codes) {
  parity::check<in_turn, Scheme>(86);
}
