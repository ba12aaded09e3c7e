// A network that listens all the time. It learns two words of whistled tones from short clips and then hears
// them in a long recording, which comes in blocks of any length. The stream keeps what the layers remember;
// nothing is computed twice, nothing is allocated, and its codes are those of the whole sequence at once.
#include <dyadic/dyadic.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace dyadic;

constexpr int step_samples = 16, clip_steps = 128,
              tone_steps = 20;  // at 4000 samples a second a step is 4 ms
constexpr float rate_hz = 4000, low_hz = 400, high_hz = 700;
enum word { nothing, up, down };
constexpr char const* names[] = {"nothing", "up", "down"};

using listener = sequential<input<clip_steps, step_samples>,                            //
                            conv1d<16, window{.size = 3, .padding = padding::causal}>,  //
                            batch_norm, relu, max_pool<2>, named<"memory", gru<24>>, dense<3>>;

struct int8 : scheme {};

struct sounds {
  generator random;

  std::vector<float> noise(int steps) {
    std::vector<float> sound(static_cast<std::size_t>(steps * step_samples));
    for (float& s : sound) s = 0.1F * random.normal();
    return sound;
  }
  /// A tone whose pitch is a little off, from a step on; what would lie outside is cut.
  void whistle(std::vector<float>& into, int from, float hertz, float loudness) {
    float const turn = 6.2831853F * hertz * random.uniform(0.96F, 1.04F) / rate_hz;
    float phase = random.uniform(0, 6.2831853F);
    for (int i = from * step_samples; i < (from + tone_steps) * step_samples; ++i, phase += turn)
      if (i >= 0 && i < static_cast<int>(into.size()))
        into[static_cast<std::size_t>(i)] += loudness * std::sin(phase);
  }
  void two_tones(std::vector<float>& into, int end, float first, float second) {
    float const loudness = random.uniform(0.3F, 0.9F);
    whistle(into, end - 2 * tone_steps, first, loudness);
    whistle(into, end - tone_steps, second, loudness);
  }
  void say(std::vector<float>& into, int end, int what) {
    two_tones(into, end, what == up ? low_hz : high_hz, what == up ? high_hz : low_hz);
  }
  int below(int limit) { return static_cast<int>(random.below(static_cast<std::uint32_t>(limit))); }

  /// A clip that ends shortly after a word; or with none, a word long past or unfinished, or one tone twice.
  data_set clips(int count) {
    data_set all{.sample_size = static_cast<std::size_t>(clip_steps * step_samples)};
    for (int i = 0; i < count; ++i) {
      auto sound = noise(clip_steps);
      int const label = below(2) == 0 ? nothing : 1 + below(2);
      int const end = clip_steps - 2 - below(11);
      if (label != nothing) {
        say(sound, end, label);
        if (below(2) == 0) say(sound, end - 2 * tone_steps - 6 - below(40), 1 + below(2));
      } else {
        int const kind = below(4);
        float const one = below(2) == 0 ? low_hz : high_hz;
        if (kind == 1) say(sound, clip_steps - 24 - below(80), 1 + below(2));
        if (kind == 2) say(sound, clip_steps + 6 + below(30), 1 + below(2));
        if (kind == 3) two_tones(sound, end, one, one);
      }
      all.reals.insert(all.reals.end(), sound.begin(), sound.end());
      all.labels.push_back(label);
    }
    return all;
  }
};

using engine = listener::in<integer<int8>>;
using live = stream<engine>;

/// Codes of the last step that differ between clips taken whole and in blocks of random length.
std::size_t compare(engine const& edge, data_view clips, generator random) {
  live ear{edge};
  live::scratch room;
  std::size_t differing = 0;
  std::vector<engine::code> codes(engine::input_size);
  std::vector<engine::output_code> said(clip_steps / 2 * live::output_step_size);
  for (std::size_t clip = 0; clip < clips.count(); ++clip) {
    edge.encode(clips.slice(clip, 1).reals, codes);
    auto const whole = edge.infer(std::span<engine::code const, engine::input_size>(codes));
    ear.restart();
    std::size_t given = 0;
    for (std::size_t at = 0; at < codes.size();) {
      std::size_t const steps = std::size_t{1} + random.below(40);
      std::size_t const block = std::min(steps * live::step_size, codes.size() - at);
      auto const outputs = std::span(said).subspan(given * live::output_step_size);
      given += ear.push(std::span(codes).subspan(at, block), outputs, room).given;
      at += block;
    }
    for (std::size_t i = 0; i < whole.size(); ++i)
      differing += whole[i] != said[(given - 1) * live::output_step_size + i] ? 1 : 0;
  }
  return differing;
}

/// What was said in a recording, and what of it was heard.
struct minutes {
  std::vector<int> ends{}, words{};
  std::size_t next = 0, right = 0, wrong = 0;

  /// The network is sure of a word at that step.
  void heard(int word, int step) {
    if (next < ends.size() && word == words[next] && step > ends[next] - 12) {
      std::printf("   %-10s %5d ms   %5d ms\n", names[word], 4 * ends[next], 4 * step);
      ++next;
      ++right;
    } else {
      std::printf("   %-10s            %5d ms\n", "-", 4 * step);
      ++wrong;
    }
  }
  void time_goes_on(int step) {
    for (; next < ends.size() && step > ends[next] + 40; ++next)
      std::printf("   %-10s %5d ms   missed\n", names[words[next]], 4 * ends[next]);
  }
};

/// Six seconds with a word each 600 ms or so, in blocks of 100 ms.
minutes listen(engine const& edge, sounds& made) {
  constexpr int steps = 1500;
  auto recording = made.noise(steps);
  minutes all;
  for (int end = 100; end < steps - 20; end += 110 + made.below(80)) {
    all.ends.push_back(end);
    all.words.push_back(1 + made.below(2));
    made.say(recording, end, all.words.back());
  }
  live ear{edge};
  live::scratch room;
  constexpr std::size_t block_steps = 25;
  engine::code codes[block_steps * live::step_size];
  engine::output_code said[block_steps * live::output_step_size];
  int before = nothing, times = 0, step = 0;
  for (std::size_t at = 0; at < recording.size(); at += std::size(codes)) {
    edge.encode(std::span<float const>(recording).subspan(at, std::size(codes)), codes);
    auto const done = ear.push(codes, said, room);
    for (std::size_t i = 0; i < done.given; ++i) {
      int const now = static_cast<int>(index_of_largest(said + live::output_step_size * i, 3));
      times = now == before ? times + 1 : 1;
      before = now;
      step += 2;
      all.time_goes_on(step);
      if (now != nothing && times == 3) all.heard(now, step);
    }
  }
  return all;
}

int main() {
  sounds made{generator::from(seed{1})};
  data_set const train = made.clips(6000), test = made.clips(1000);

  listener::in<float32> net{seed{1}};
  fit(net, train, adam{.rate = 4e-3F}, cosine{}, {.epochs = 8});
  auto quantized = quantization_aware<int8>(net);
  fit(quantized, train, adam{.rate = 5e-4F}, cosine{}, {.epochs = 2});
  auto const edge = to_integer(quantized).value();
  double const accuracy = evaluate(edge, test).value().accuracy;
  std::printf("clips heard rightly: %.1f %% in float32, %.1f %% on int8\n",
              100 * evaluate(net, test).value().accuracy, 100 * accuracy);
  std::printf("engine %zu bytes, stream %zu, room for a step %zu (a whole clip at once needs %zu)\n\n",
              sizeof(engine), sizeof(live), sizeof(live::scratch), engine::scratch_bytes);

  std::size_t const differing = compare(edge, test.first(200), generator::from(seed{2}));
  std::printf("200 clips in blocks of random length: %zu codes differ from those of the whole clip\n\n",
              differing);

  std::printf("   said        ended   heard\n");
  minutes const all = listen(edge, made);
  std::printf("\n%zu of %zu words heard, %zu false alarms\n", all.right, all.ends.size(), all.wrong);
  return differing == 0 && accuracy > 0.95 && all.right + 2 >= all.ends.size() && all.wrong <= 2 ? 0 : 1;
}
