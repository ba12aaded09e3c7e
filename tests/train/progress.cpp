#include "dyadic/train/progress.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

using namespace dyadic;

namespace {

using closing_file = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

std::string written(std::FILE* file) {
  std::rewind(file);
  std::string all;
  for (int read = std::fgetc(file); read != EOF; read = std::fgetc(file)) all += static_cast<char>(read);
  return all;
}

// Two epochs of 200 samples.
void pretend_to_train(progress& shown) {
  shown.begin(2, 200);
  for (int epoch = 0; epoch < 2; ++epoch) {
    shown.show(100, 0.5, 0.75);
    shown.end_epoch(0.25, 0.875, epoch == 1 ? 0.9 : -1);
  }
}

}  // namespace

TEST_CASE("the line of a running epoch tells how far it is and when the whole run ends") {
  progress_state const state{.epoch = 1,
                             .epochs = 5,
                             .done = 500,
                             .total = 1000,
                             .loss = 0.12344,
                             .accuracy = 0.9652,
                             .seconds = 30,
                             .elsewhere = 1000};
  CHECK(std::string(describe(state).text) ==
        "epoch 2/5  50 %  loss 0.1234  accuracy 96.52 %  50 images/s  1:10 left");
}

TEST_CASE("the line of a finished epoch tells the time taken") {
  progress_state const state{.epoch = 4,
                             .epochs = 5,
                             .done = 1000,
                             .total = 1000,
                             .loss = 0.05,
                             .accuracy = 0.99,
                             .validation_accuracy = 0.985,
                             .seconds = 3725,
                             .elsewhere = 4000};
  CHECK(std::string(describe(state).text) ==
        "epoch 5/5  loss 0.0500  accuracy 99.00 %  validation 98.50 %  1 images/s  1:02:05");
}

TEST_CASE("accuracies that are unknown are not shown, and no number breaks the line") {
  CHECK(std::string(describe({.total = 10, .loss = 1}).text) ==
        "epoch 1/1   0 %  loss 1.0000  0 images/s  0:00 left");
  CHECK(std::string(describe({.loss = 1e300, .accuracy = 1e300, .seconds = 1e300}).text).size() == 119);
}

TEST_CASE("where stderr is no terminal nothing is written, unless lines are asked for") {
  closing_file const file{std::tmpfile(), std::fclose};
  REQUIRE(file);
  progress automatic{verbosity::automatic, file.get()};
  CHECK(automatic.is_silent());
  pretend_to_train(automatic);
  progress silent{verbosity::silent, file.get()};
  pretend_to_train(silent);
  CHECK(written(file.get()).empty());
}

TEST_CASE("lines are one an epoch, without control characters") {
  closing_file const file{std::tmpfile(), std::fclose};
  REQUIRE(file);
  progress lines{verbosity::lines, file.get()};
  CHECK_FALSE(lines.is_silent());
  pretend_to_train(lines);
  std::string const text = written(file.get());
  CHECK(text.find("epoch 1/2  loss 0.2500  accuracy 87.50 %  ") == 0);
  CHECK(text.find("\nepoch 2/2  loss 0.2500  accuracy 87.50 %  validation 90.00 %  ") != std::string::npos);
  CHECK(text.find_first_of("\r\x1b") == std::string::npos);
  CHECK(text.back() == '\n');
  CHECK(lines.state().epoch == 2);
  CHECK(lines.state().samples() == 400);
}

TEST_CASE("a terminal's line rewrites itself and stays at the epoch's end") {
  int const terminal = posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
    MESSAGE("skipped: this system gives no pseudo terminal");
    if (terminal >= 0) close(terminal);
    return;
  }
  int const screen = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  REQUIRE(screen >= 0);
  {
    closing_file const file{fdopen(screen, "w"), std::fclose};
    progress shown{verbosity::automatic, file.get()};
    CHECK_FALSE(shown.is_silent());
    shown.begin(1, 200);
    shown.show(50, 0.5, 0.75);
    double const first = shown.state().seconds;
    shown.show(51, 0.5, 0.75);
    bool const soon = shown.state().seconds - first < 0.1;  // then it is not written
    shown.end_epoch(0.25, 0.875);
    std::string seen;  // a terminal hands on what it has, not all at once
    while (!seen.ends_with("\x1b[K\r\n")) {
      pollfd waiting{terminal, POLLIN, 0};
      if (poll(&waiting, 1, 10'000) <= 0) break;
      char text[1000];
      ssize_t const size = read(terminal, text, sizeof text);
      REQUIRE(size > 0);
      seen.append(text, static_cast<std::size_t>(size));
    }
    CHECK(seen.find("\repoch 1/1  25 %  loss 0.5000  accuracy 75.00 %  ") == 0);
    CHECK((seen.find("26 %") == std::string::npos) == soon);
    CHECK(seen.find(" left\x1b[K\repoch 1/1  loss 0.2500  accuracy 87.50 %  ") != std::string::npos);
    CHECK(seen.ends_with("\x1b[K\r\n"));
  }
  close(terminal);
}

TEST_CASE("a resumed run's speed counts only what it learned from itself") {
  progress shown{verbosity::silent};
  shown.begin(5, 1000, 2, 600);
  shown.show(700, 0.5);
  CHECK(shown.state().epoch == 2);
  CHECK(shown.state().samples() == 100);
  shown.end_epoch(0.5);
  CHECK(shown.state().samples() == 400);
}
