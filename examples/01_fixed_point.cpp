// Fixed point: results are exact and wider; only to<> narrows, and the destination's policies decide how.
// Quotients and functions are rounded into the format that is named.
#include <cstdio>
#include <dyadic/fixed/divide.hpp>
#include <dyadic/fixed/fixed.hpp>
#include <dyadic/fixed/literals.hpp>
#include <dyadic/fixed/math.hpp>
#include <dyadic/fixed/text.hpp>

using namespace dyadic;

constexpr double ties[] = {-2.5, -1.75, -1.5, -0.5, 0.5, 1.5, 1.75, 2.5};
constexpr double far[] = {7.9375, 8.0, 20.0, -8.0, -9.0};

template <class Rounding> void row() {
  using whole = fixed<8, 0, Rounding>;
  std::printf("  %-13s", Rounding::name.c_str());
  for (double x : ties) std::printf("%7d", to<whole>(x).raw());
  std::printf("\n");
}

template <class Overflow> void ends() {
  using small = fixed<8, 4, rounding::half_even, Overflow>;
  std::printf("  %-22s", Overflow::name.c_str());
  for (double x : far) std::printf("%9.4f", to<double>(to<small>(x)));
  std::printf("\n");
}

int main() {
  using sample = fixed<8, 4>;  // 8 bits, the sign counted; 4 of them after the point
  static_assert(sizeof(sample) == 1);

  constexpr sample gain{1.3125}, level{-2.6875};
  constexpr auto product = gain * level;
  static_assert(product.bits == 16 && product.fraction == 8);
  std::printf("%s: %.4f x %.4f = %.8f, exactly, as %s\n", sample::name.c_str(), to<double>(gain),
              to<double>(level), to<double>(product), product.name.c_str());

  std::printf("\nBack in 8 bits, as the destination says:\n");
  std::printf("  half_even  %8.4f\n", to<double>(to<sample>(product)));
  std::printf("  floor      %8.4f\n", to<double>(to<fixed<8, 4, rounding::floor>>(product)));
  std::printf("  ceil       %8.4f\n", to<double>(to<fixed<8, 4, rounding::ceil>>(product)));

  std::printf("\nTo whole:      ");
  for (double x : ties) std::printf("%7.2f", x);
  std::printf("\n");
  row<rounding::half_even>();
  row<rounding::half_odd>();
  row<rounding::half_away>();
  row<rounding::half_up>();
  row<rounding::half_down>();
  row<rounding::half_to_zero>();
  row<rounding::floor>();
  row<rounding::ceil>();
  row<rounding::toward_zero>();

  std::printf("\n8 bits hold -8 to 7.9375; beyond:\n  %-22s", "");
  for (double x : far) std::printf("%9.4f", x);
  std::printf("\n");
  ends<overflow::saturate>();
  ends<overflow::saturate_symmetric>();
  ends<overflow::saturate_to_zero>();
  ends<overflow::wrap>();
  ends<overflow::wrap_saturating<3>>();
  ends<overflow::wrap_sign_magnitude<>>();

  std::printf("\nRounded once, into the format that is named:\n");
  using fine = fixed<32, 28>;
  constexpr auto third = divide<fine>(1, 3);
  std::printf("  1 / 3        %s\n", to_text(third).c_str());
  std::printf("  exp(0.75)    %s\n", to_text(math::exp<fine>(0.75_fixed)).c_str());
  std::printf("  sin(1000)    %s\n", to_text(math::sin<fine>(1000)).c_str());
  static_assert(math::sqrt<fixed<16, 12>>(2.25_fixed) == 1.5_fixed);

  auto const typed = from_text<sample>("1.3e0");  // the nearest sample
  auto const large = from_text<sample>("31.5");
  std::printf("  \"1.3e0\"      %s\n  \"31.5\"       %s\n", to_text(typed.value()).c_str(),
              large.error().what());

  unsigned long long state = 1;
  auto source = [&state]() -> std::uint64_t {  // any callable that gives 64 random bits
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state ^ state >> 29) * 0x9E3779B97F4A7C15u;
  };
  int sum = 0;
  for (int i = 0; i < 1000000; ++i) sum += to<fixed<8, 0, rounding::stochastic>>(level, source).raw();
  std::printf("\n%.4f rounded at random to whole numbers 1000000 times: mean %.4f\n", to<double>(level),
              sum / 1e6);
}
