// Prints the instruction sets that dyadic::kernels was built with, best first, and which of them this
// processor runs; the one in use is marked.
#include <cstdio>

#include <dyadic/kernel/kernel_table.hpp>

int main() {
  using namespace dyadic::kernel;
  auto const built = built_kernels();
  for (std::size_t i = 0; i < built.count; ++i) {
    kernel_table const& table = *built.first[i];
    std::printf("%c %-12s %s\n", &table == &chosen_kernels() ? '*' : ' ', table.instruction_set,
                runs(table) ? "runs on this processor" : "needs another processor");
  }
}
