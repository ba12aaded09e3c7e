// The second half of example 08: what runs on a device. It includes the header that the first half wrote, is
// compiled without exceptions and run-time type information, and uses neither heap nor float. The network is
// a constant that can stay in flash; what it needs beside that is the scratch, here on the stack.
#include "network.hpp"  // written by 08_deploy_header; includes reader.hpp and <dyadic/integer.hpp>

#include <cstdio>

// A compiler for the device can check the network before there is a device: this runs all of it.
static_assert(!dyadic::self_check(network, network_reference));

int main() {
  std::printf("%zu bytes of network, %zu bytes of scratch\n", sizeof(network), reader_engine::scratch_bytes);

  // The same check with the instructions of this processor. It names the first stage that differs.
  auto const difference = dyadic::self_check(network, network_reference);
  if (difference) {
    std::printf("stage %s, element %zu: expected code %d, found %d\n", difference.stage, difference.element,
                difference.expected, difference.found);
    return 1;
  }
  std::printf("self check: all %zu codes as they were trained\n",
              std::size(network_reference.narrow) + std::size(network_reference.wide));

  int const digit = network.classify(network_reference.image);
  std::printf("the image in the header is read as %d\n", digit);
  return digit == 7 ? 0 : 1;
}
