// A machine that sounds wrong. A dense autoencoder learns to repeat the spectra of a fan that runs well, and
// nothing else; what it cannot repeat is suspicious. The score is the mean squared error of the repetition,
// its quality the area under the ROC curve: how often a broken fan scores above a sound one. No label is
// needed for training, and none is known then. The sounds are made here.
//   example_13_anomaly_detection [EPOCHS]
#include <dyadic/dyadic.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <vector>

using namespace dyadic;

constexpr int frames = 3, bands = 32,
              samples = 256;  // bands of 62 Hz, frames of 64 ms at 4000 samples a second
constexpr float rate_hz = 4000, turn = 6.2831853F;

using repeater = sequential<input<frames * bands>,                      //
                            dense<64>, batch_norm, relu,                //
                            dense<64>, batch_norm, relu,                //
                            named<"core", dense<8>>, batch_norm, relu,  // all that may pass of 96 numbers
                            dense<64>, batch_norm, relu,                //
                            dense<64>, batch_norm, relu, dense<frames * bands>>;

struct int8 : scheme {};

enum state { healthy, worn_bearing, loose_blade, slipping_belt };
constexpr char const* names[] = {"healthy", "worn bearing", "loose blade", "slipping belt"};

/// The energy of one frequency under a Hann window.
float wave_energy(float const (&wave)[samples], int bin) {
  static auto const cosine_of = [] {
    std::vector<float> table(samples);
    for (std::size_t i = 0; i < samples; ++i) table[i] = std::cos(turn * static_cast<float>(i) / samples);
    return table;
  }();
  float re = 0, im = 0;
  for (int i = 0; i < samples; ++i) {
    float const windowed = wave[i] * (1 - cosine_of[static_cast<std::size_t>(i)]) / samples;
    re += windowed * cosine_of[static_cast<std::size_t>(bin * i % samples)];
    im += windowed * cosine_of[static_cast<std::size_t>((bin * i + samples / 4) % samples)];
  }
  return re * re + im * im;
}

/// Log energies of the bands of three frames, of a fan at any speed and load.
void record(state is, generator& random, std::vector<float>& to) {
  float const hertz = random.uniform(55, 70), load = random.uniform(0.5F, 1), hum = random.uniform(0, turn);
  float phase = 0, wave[samples];
  for (int frame = 0; frame < frames; ++frame) {
    for (int i = 0; i < samples; ++i) {
      float const at = static_cast<float>(frame * samples + i) / rate_hz;
      bool const slips = is == slipping_belt && std::sin(turn * 9 * at + hum) > 0.3F;
      phase += turn * hertz * (slips ? 0.97F : 1.0F) / rate_hz;
      wave[i] = 0.2F * std::sin(turn * 50 * at + hum) + 0.05F * random.normal();
      for (int blade = 1; blade <= 4; ++blade)  // five blades: harmonics of 5
        wave[i] += load * 0.5F / static_cast<float>(blade) * std::sin(5 * static_cast<float>(blade) * phase);
      if (is == loose_blade) wave[i] *= 1 + 0.1F * std::sin(phase);  // once a turn
      if (is == worn_bearing) wave[i] += 0.025F * std::sin(27.3F * phase) + 0.02F * std::sin(24.6F * phase);
    }
    for (int band = 0; band < bands; ++band) {
      float energy = 1e-4F;
      for (int bin = 4 * band; bin < 4 * band + 4; ++bin) energy += wave_energy(wave, bin);
      to.push_back(0.5F * std::log(energy) + 2);
    }
  }
}

/// Recordings whose targets are themselves.
data_set recordings(state is, std::size_t count, generator random) {
  data_set all{.sample_size = frames * bands, .target_size = frames * bands};
  for (std::size_t i = 0; i < count; ++i) record(is, random, all.reals);
  all.targets = all.reals;
  return all;
}

void repeat(repeater::in<float32> const& net, std::span<float const> heard, std::span<float> repeated) {
  net.predict(heard, repeated).value();
}

using engine = repeater::in<integer<int8>>;

void repeat(engine const& edge, std::span<float const> heard, std::span<float> repeated) {
  engine::code codes[engine::input_size];
  edge.encode(heard, codes);
  edge.decode(edge.infer(std::span<engine::code const, engine::input_size>(codes)), repeated);
}

template <class Net> std::vector<float> scores(Net const& net, data_set const& all) {
  std::vector<float> errors;
  float repeated[frames * bands];
  for (std::size_t i = 0; i < all.count(); ++i) {
    auto const heard = all.slice(i, 1).reals;
    repeat(net, heard, repeated);
    float sum = 0;
    for (std::size_t k = 0; k < heard.size(); ++k) sum += (heard[k] - repeated[k]) * (heard[k] - repeated[k]);
    errors.push_back(sum / static_cast<float>(heard.size()));
  }
  return errors;
}

/// How often one of the broken scores above one of the sound: Mann and Whitney's statistic.
double area_under_curve(std::vector<float> const& of_sound, std::vector<float> const& of_broken) {
  double above = 0;
  for (float const broken : of_broken)
    for (float const well : of_sound) above += broken > well ? 1 : broken == well ? 0.5 : 0;
  return above / static_cast<double>(of_sound.size() * of_broken.size());
}

int main(int count, char** words) {
  std::size_t const epochs = count > 1 ? std::strtoull(words[1], nullptr, 10) : 40;
  auto const train = recordings(healthy, 2000, generator::from(seed{1}));
  auto const test = recordings(healthy, 500, generator::from(seed{2}));

  repeater::in<float32> net{seed{1}};
  fit(net, train, adam{.rate = 3e-3F}, cosine{}, mean_squared_error{}, {.epochs = epochs});
  auto quantized = quantization_aware<int8>(net);
  fit(quantized, train, adam{.rate = 5e-4F}, cosine{}, mean_squared_error{}, {.epochs = 1 + epochs / 5});
  engine const edge = to_integer(quantized).value();

  auto const real = scores(net, test), coded = scores(edge, test);
  std::printf("%zu parameters, %zu bytes on int8, %zu bytes of scratch\n\n", repeater::parameter_count,
              sizeof(edge), engine::scratch_bytes);
  std::printf("                 mean score          area under the curve\n");
  std::printf("                 float32     int8    float32     int8\n");
  double worst = 1, lost = 0;
  for (state const is : {healthy, worn_bearing, loose_blade, slipping_belt}) {
    auto const recorded = is == healthy ? test : recordings(is, 500, generator::from(seed{2U + is}));
    auto const a = scores(net, recorded), b = scores(edge, recorded);
    auto const mean = [](std::vector<float> const& all) {
      return std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
    };
    std::printf("%-14s  %8.4f %8.4f", names[is], mean(a), mean(b));
    if (is != healthy) {
      double const as_float = area_under_curve(real, a), as_int8 = area_under_curve(coded, b);
      std::printf("   %8.4f %8.4f", as_float, as_int8);
      worst = std::min(worst, as_int8);
      lost = std::max(lost, as_float - as_int8);
    }
    std::printf("\n");
  }
  auto const codes = verify(quantized, edge, test).value();
  std::printf("\n%zu of %zu codes differ when deployed\n", codes.differing, codes.compared);
  return codes.differing == 0 && worst > 0.7 && lost < 0.03 ? 0 : 1;
}
