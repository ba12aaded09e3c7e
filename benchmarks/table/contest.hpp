#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benched {

/// One who takes part: Dyadic under one rescale policy, a peer, or a limit of the machine.
struct contender {
  std::string implementation;     ///< "dyadic", or a peer's name
  std::string rescale;            ///< Dyadic's requantization policy
  std::string variant;            ///< what the row's name says more than the contest's
  std::function<void()> run;      ///< one call
  std::function<bool()> correct;  ///< did the last call give what the reference gives?
  bool limit = false;             ///< what the machine can do, not a peer
};

/// Contenders that do the same work and are timed in turns.
struct contest {
  double multiply_adds = 0;  ///< of a call; 0: none to speak of
  std::vector<contender> contenders;
  bool float_peak = false;  ///< the peak is that of float32's multiply-add instruction
};

/// A contest to come: its data is made when its turn has come.
struct entry {
  std::string group, name;
  std::function<contest()> make;
};

/// Takes a linear problem that has been made, for programs in other languages to solve too.
struct linear_problem;
using problem_sink = std::function<void(entry const&, linear_problem const&)>;

/// The groups, a file each.
std::vector<entry> kernel_entries(problem_sink const&);
std::vector<entry> elementwise_entries();
std::vector<entry> network_entries();
std::vector<entry> training_entries();

}  // namespace benched
