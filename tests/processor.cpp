// Linked into tests that are compiled for one instruction set. On a processor that lacks it the program says
// so and leaves before any other code runs, even that of static objects; CTest shows the exit code as a
// skipped test.
#include <unistd.h>
#include <cstdio>

namespace {

[[gnu::constructor(101)]] void leave_without_the_instruction_set() {
  __builtin_cpu_init();
  if (DYADIC_TEST_PROCESSOR) return;
  std::puts("skipped: this processor lacks " DYADIC_TEST_INSTRUCTION_SET);
  std::fflush(stdout);
  _exit(77);
}

}  // namespace
