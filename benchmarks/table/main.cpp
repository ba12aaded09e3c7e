// Times the contests and prints one line of JSON a contender: what benchmarks/table.py makes the table of.
//   --filter TEXT  contests whose "group name" contains it
//   --quick        fewer rounds
//   --cases DIR    writes the linear problems to DIR, for peers in other languages, and times nothing
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "../peak.hpp"
#include "problem.hpp"

namespace benched {
namespace {

struct options {
  std::string filter, cases;
  bool quick = false;
};

double nanoseconds(std::function<void()> const& run, long calls) {
  using clock = std::chrono::steady_clock;
  auto const begin = clock::now();
  for (long i = 0; i < calls; ++i) run();
  return std::chrono::duration<double, std::nano>(clock::now() - begin).count();
}

/// Calls that take about 0.3 ms together.
long calls_a_burst(std::function<void()> const& run) {
  for (long calls = 1;; calls *= 4) {
    double const taken = nanoseconds(run, calls);
    if (taken > 1e5) return std::max(1L, static_cast<long>(3e5 / taken * static_cast<double>(calls)));
  }
}

std::string list(std::vector<double> const& numbers) {
  std::string text = "[";
  char buffer[32];
  for (double const number : numbers) {
    std::snprintf(buffer, sizeof buffer, text.size() == 1 ? "%.2f" : ", %.2f", number);
    text += buffer;
  }
  return text += "]";
}

void print(entry const& about, contest const& held, contender const& who, std::vector<double> const& times,
           double peak) {
  std::printf(
      "{\"group\": \"%s\", \"contest\": \"%s\", \"name\": \"%s%s%s\", \"instruction_set\": \"%s\", "
      "\"implementation\": \"%s\", \"rescale\": \"%s\", \"multiply_adds\": %.0f, \"checked\": %s, "
      "\"limit\": %s, \"peak\": %.2f, \"nanoseconds\": %s}\n",
      about.group.c_str(), about.name.c_str(), about.name.c_str(), who.variant.empty() ? "" : " ",
      who.variant.c_str(), kernel::native::name.c_str(), who.implementation.c_str(), who.rescale.c_str(),
      held.multiply_adds, times.empty() ? "false" : "true", who.limit ? "true" : "false", peak,
      list(times).c_str());
  std::fflush(stdout);
}

/// Rounds outside, contenders inside, the peak in every round. Who is not correct is not timed.
void hold(entry const& about, int rounds) {
  contest const held = about.make();
  std::size_t const count = held.contenders.size();
  std::vector<std::vector<double>> times(count);
  std::vector<long> calls(count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    contender const& who = held.contenders[i];
    who.run();
    if (who.correct())
      calls[i] = calls_a_burst(who.run);
    else
      std::fprintf(stderr, "%s %s: %s does not give what the reference gives\n", about.group.c_str(),
                   about.name.c_str(), who.implementation.c_str());
  }
  double fastest = 1e9;
  for (int round = 0; round < rounds; ++round) {
    fastest =
        std::min(fastest, held.float_peak ? peak_nanoseconds<float_step>() : peak_nanoseconds<dot_step>());
    for (std::size_t i = 0; i < count; ++i) {
      if (calls[i] == 0) continue;
      held.contenders[i].run();  // its data comes back into the caches
      times[i].push_back(nanoseconds(held.contenders[i].run, calls[i]) / static_cast<double>(calls[i]));
    }
  }
  for (std::size_t i = 0; i < count; ++i) print(about, held, held.contenders[i], times[i], 1 / fastest);
}

int run(options const& given) {
  std::string cases;
  problem_sink const sink = [&](entry const& about, linear_problem const& problem) {
    cases += (cases.empty() ? "" : ",\n") + write_problem(problem, about, given.cases);
  };
  std::vector<entry> entries = kernel_entries(given.cases.empty() ? problem_sink{} : sink);
  if (given.cases.empty())
    for (auto const& more : {elementwise_entries(), network_entries(), training_entries()})
      entries.insert(entries.end(), more.begin(), more.end());
  for (entry const& each : entries) {
    if ((each.group + " " + each.name).find(given.filter) == std::string::npos) continue;
    if (given.cases.empty())
      hold(each, given.quick ? 15 : 40);
    else
      each.make();
  }
  if (!given.cases.empty()) std::ofstream(given.cases + "/cases.json") << "[" << cases << "]\n";
  return 0;
}

}  // namespace
}  // namespace benched

int main(int count, char** arguments) {
  benched::options given;
  for (int i = 1; i < count; ++i) {
    std::string const word = arguments[i];
    if (word == "--quick")
      given.quick = true;
    else if (word == "--filter" && i + 1 < count)
      given.filter = arguments[++i];
    else if (word == "--cases" && i + 1 < count)
      given.cases = arguments[++i];
    else
      return std::fprintf(stderr, "%s [--filter TEXT] [--quick] [--cases DIR]\n", arguments[0]), 2;
  }
  return benched::run(given);
}
