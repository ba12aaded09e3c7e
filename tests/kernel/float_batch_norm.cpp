#include "dyadic/kernel/float_batch_norm.hpp"

#include "float_oracle.hpp"

namespace {

using namespace float_oracle;
namespace kernel = dyadic::kernel;

constexpr double epsilon = 1e-3;

struct statistics {
  doubles mean, variance;
};
statistics measure(std::size_t channels, doubles const& x) {
  statistics s{doubles(channels), doubles(channels)};
  double const rows = static_cast<double>(x.size() / channels);
  for (std::size_t i = 0; i < x.size(); ++i) s.mean[i % channels] += x[i] / rows;
  for (std::size_t i = 0; i < x.size(); ++i) {
    double const d = x[i] - s.mean[i % channels];
    s.variance[i % channels] += d * d / rows;
  }
  return s;
}
doubles normalize(std::size_t channels, doubles const& x, statistics const& s, doubles const& gamma,
                  doubles const& beta) {
  doubles y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    std::size_t const c = i % channels;
    y[i] = gamma[c] * (x[i] - s.mean[c]) / std::sqrt(s.variance[c] + epsilon) + beta[c];
  }
  return y;
}

struct result {
  floats mean, variance, rstd, y, dx, dgamma, dbeta;
};
enum class source { batch, given };

template <class Arch>
result run(Arch arch, source from, std::size_t channels, floats const& x, floats const& dy,
           floats const& gamma, floats const& beta, statistics const& given) {
  auto const width = static_cast<std::ptrdiff_t>(channels);
  std::ptrdiff_t const rows = static_cast<std::ptrdiff_t>(x.size()) / width;
  result r{floats(channels),       floats(channels),      floats(channels), floats(x.size()), dy,
           floats(channels, 1.0f), floats(channels, 1.0f)};
  if (from == source::batch) {
    kernel::batch_statistics(arch, rows, width, x.data(), r.mean.data(), r.variance.data());
  } else {
    r.mean.assign(given.mean.begin(), given.mean.end());
    r.variance.assign(given.variance.begin(), given.variance.end());
  }
  kernel::reciprocal_deviation(arch, width, r.variance.data(), static_cast<float>(epsilon), r.rstd.data());
  kernel::batch_norm_forward(arch, rows, width, x.data(), r.mean.data(), r.rstd.data(), gamma.data(),
                             beta.data(), r.y.data());
  auto const backward = [&](float const* gradient) {
    r.dgamma.assign(channels, 1.0f);
    r.dbeta.assign(channels, 1.0f);
    if (from == source::batch)
      kernel::batch_norm_backward(arch, rows, width, x.data(), gradient, r.mean.data(), r.rstd.data(),
                                  gamma.data(), r.dx.data(), r.dgamma.data(), r.dbeta.data());
    else
      kernel::batch_norm_backward_frozen(arch, rows, width, x.data(), gradient, r.mean.data(), r.rstd.data(),
                                         gamma.data(), r.dx.data(), r.dgamma.data(), r.dbeta.data());
  };
  backward(dy.data());
  floats const apart = r.dx;
  r.dx = dy;
  backward(r.dx.data());
  CHECK(r.dx == apart);
  for (float& each : r.dgamma) each -= 1.0f;
  for (float& each : r.dbeta) each -= 1.0f;
  return r;
}

TEST_CASE("batch norm and its gradients are those of the formula and of central differences") {
  for (unsigned seed = 1; seed <= 24; ++seed) {
    for (source from : {source::batch, source::given}) {
      generator random(seed);
      auto const channels = static_cast<std::size_t>(random.integer(1, 37));
      auto const rows = static_cast<std::size_t>(random.integer(2, 11));
      INFO("seed ", seed, ": ", rows, " rows of ", channels, from == source::batch ? ", batch" : ", given");
      floats x = random.reals(rows * channels);
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = x[i] * 2 + static_cast<float>(i % channels);
      floats const dy = random.reals(x.size()), gamma = random.reals(channels), beta = random.reals(channels);
      statistics given = measure(channels, widened(x));
      if (from == source::given)
        for (std::size_t c = 0; c < channels; ++c) given.mean[c] += 0.25, given.variance[c] += 0.5;
      doubles const wide_gamma = widened(gamma), wide_beta = widened(beta), wide_dy = widened(dy);
      auto const f = [&](doubles const& at) {
        return normalize(channels, at, from == source::batch ? measure(channels, at) : given, wide_gamma,
                         wide_beta);
      };
      doubles const dx = central_differences(widened(x), wide_dy, f);
      doubles const dgamma = central_differences(wide_gamma, wide_dy, [&](doubles const& at) {
        return normalize(channels, widened(x), given, at, wide_beta);
      });
      doubles const dbeta = central_differences(wide_beta, wide_dy, [&](doubles const& at) {
        return normalize(channels, widened(x), given, wide_gamma, at);
      });
      for_each_instruction_set([&](auto arch) {
        result const r = run(arch, from, channels, x, dy, gamma, beta, given);
        CHECK(difference(r.mean, given.mean) < 1e-6);
        CHECK(difference(r.variance, given.variance) < 1e-6);
        CHECK(difference(r.y, f(widened(x))) < 2e-5);
        CHECK(difference(r.dx, dx) < 2e-5);
        CHECK(difference(r.dgamma, dgamma) < 2e-5);
        CHECK(difference(r.dbeta, dbeta) < 2e-5);
      });
    }
  }
}

TEST_CASE("statistics of many rows far from zero lose nothing to cancellation") {
  generator random(4);
  std::size_t const channels = 21, rows = 5000;
  floats x = random.reals(rows * channels);
  for (float& each : x) each += 1000.0f;
  statistics const expected = measure(channels, widened(x));
  for_each_instruction_set([&](auto arch) {
    floats mean(channels), variance(channels);
    kernel::batch_statistics(arch, rows, channels, x.data(), mean.data(), variance.data());
    CHECK(difference(mean, expected.mean) < 1e-6);
    CHECK(difference(variance, expected.variance) < 1e-5);
  });
}

TEST_CASE("a single row has variance 0 and gets no gradient") {
  for_each_instruction_set([&](auto arch) {
    floats const x{1, 2, 3}, one(3, 1.0f), zero(3);
    result const r = run(arch, source::batch, 3, x, one, one, zero, {});
    CHECK(r.mean == x);
    CHECK(r.variance == zero);
    CHECK(r.y == zero);
    CHECK(r.dx == zero);
    CHECK(r.dbeta == one);
  });
}

}  // namespace
