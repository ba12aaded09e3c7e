#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

namespace dyadic {

/// How training tells how far it is.
enum class verbosity : std::uint8_t {
  automatic,  ///< a line that rewrites itself where stderr is a terminal, else silent
  silent,
  lines,  ///< one line an epoch, on a terminal or not
};

/// How far a run is. Accuracies are 0 to 1; below 0 they are unknown and not shown.
struct progress_state {
  std::size_t epoch = 0;  ///< counted from 0
  std::size_t epochs = 1;
  std::size_t done = 0;  ///< samples of this epoch that were learned from
  std::size_t total = 0;
  double loss = 0;  ///< mean of the epoch so far
  double accuracy = -1;
  double validation_accuracy = -1;
  double seconds = 0;    ///< since the run began
  double elsewhere = 0;  ///< samples learned from since then, those of this epoch left out

  double samples() const noexcept { return elsewhere + static_cast<double>(done); }
  double per_second() const noexcept { return seconds > 0 ? samples() / seconds : 0; }
  double seconds_left() const noexcept {
    double const epochs_left = epochs > epoch ? static_cast<double>(epochs - epoch) : 0;
    double const left = epochs_left * static_cast<double>(total) - static_cast<double>(done);
    return samples() > 0 ? seconds * left / samples() : 0;
  }
};

/// The progress line in memory: text of at most 119 characters.
struct progress_text {
  char text[120]{};
  std::size_t size = 0;

  template <class... Values> void add(char const* format, Values... values) noexcept {
    int const wanted = std::snprintf(text + size, sizeof text - size, format, values...);
    if (wanted > 0)
      size += static_cast<std::size_t>(wanted) < sizeof text - size ? static_cast<std::size_t>(wanted)
                                                                    : sizeof text - size - 1;
  }
  void add_time(double seconds) noexcept {
    unsigned long const whole = seconds > 0 && seconds < 1e9 ? static_cast<unsigned long>(seconds + 0.5) : 0;
    if (whole >= 3600)
      add("%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
    else
      add("%lu:%02lu", whole / 60, whole % 60);
  }
};

/// `epoch 2/5  47 %  loss 0.1234  accuracy 96.52 %  12345 images/s  0:42 left` while an epoch runs, and
/// `epoch 2/5  loss 0.1011  accuracy 97.03 %  validation 98.10 %  12345 images/s  0:31` at its end.
inline progress_text describe(progress_state const& state) noexcept {
  progress_text line;
  bool const running = state.done < state.total;
  line.add("epoch %zu/%zu", state.epoch + 1, state.epochs);
  if (running)
    line.add("  %2.0f %%", 100 * static_cast<double>(state.done) / static_cast<double>(state.total));
  line.add("  loss %.4f", state.loss);
  if (state.accuracy >= 0) line.add("  accuracy %.2f %%", 100 * state.accuracy);
  if (state.validation_accuracy >= 0) line.add("  validation %.2f %%", 100 * state.validation_accuracy);
  line.add("  %.0f images/s  ", state.per_second());
  line.add_time(running ? state.seconds_left() : state.seconds);
  if (running) line.add("%s", " left");
  return line;
}

/// Shows a run's progress on stderr, or on the stream that it is given: `begin` once, `show` as often as one
/// likes (it writes ten times a second at most), `end_epoch` after each epoch. Allocates nothing.
class progress {
 public:
  explicit progress(verbosity wanted = verbosity::automatic, std::FILE* to = stderr) noexcept
      : to_{to}, wanted_{wanted == verbosity::automatic && !is_terminal(to) ? verbosity::silent : wanted} {}

  bool is_silent() const noexcept { return wanted_ == verbosity::silent; }

  /// The run begins, `total` samples an epoch; time counts from here. A resumed run says which epoch it is in
  /// and how many of its samples it does not see again.
  void begin(std::size_t epochs, std::size_t total, std::size_t first_epoch = 0,
             std::size_t first_done = 0) noexcept {
    state_ = {};
    state_.epoch = first_epoch;
    state_.done = first_done;
    state_.elsewhere = -static_cast<double>(first_done);
    state_.epochs = epochs;
    state_.total = total;
    began_ = now();
    shown_ = -1;
  }

  /// `done` samples of this epoch were learned from.
  void show(std::size_t done, double loss, double accuracy = -1) noexcept {
    state_.done = done;
    state_.loss = loss;
    state_.accuracy = accuracy;
    state_.seconds = now() - began_;
    if (wanted_ != verbosity::automatic || done >= state_.total) return;
    if (shown_ >= 0 && state_.seconds - shown_ < 0.1) return;
    shown_ = state_.seconds;
    write("\r", "\x1b[K");
  }

  /// An epoch's line, which stays. `validation` is an accuracy, below 0 where there was none.
  void end_epoch(double loss, double accuracy = -1, double validation = -1) noexcept {
    state_.done = state_.total;
    state_.loss = loss;
    state_.accuracy = accuracy;
    state_.validation_accuracy = validation;
    state_.seconds = now() - began_;
    if (wanted_ == verbosity::automatic) write("\r", "\x1b[K\n");
    if (wanted_ == verbosity::lines) write("", "\n");
    state_.elsewhere += static_cast<double>(state_.total);
    state_.done = 0;
    state_.validation_accuracy = -1;
    ++state_.epoch;
    shown_ = -1;
  }

  progress_state const& state() const noexcept { return state_; }

 private:
  static bool is_terminal(std::FILE* stream) noexcept {
#if __has_include(<unistd.h>)
    return stream != nullptr && isatty(fileno(stream)) != 0;
#else
    static_cast<void>(stream);
    return false;
#endif
  }

  static double now() noexcept {
    std::timespec time{};
    std::timespec_get(&time, TIME_UTC);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }

  void write(char const* before, char const* after) noexcept {
    std::fprintf(to_, "%s%s%s", before, describe(state_).text, after);
    std::fflush(to_);
  }

  std::FILE* to_;
  verbosity wanted_;
  progress_state state_{};
  double began_ = 0;
  double shown_ = -1;
};

}  // namespace dyadic
