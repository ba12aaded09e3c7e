// Deploy from a header: a trained network is written as C++ source, a constant with everything in it, that
// compiles with <dyadic/integer.hpp> alone. device/main.cpp is the program that is built with it.
#include "device/reader.hpp"

#include <dyadic/dyadic.hpp>
#include <dyadic/interop/gzip.hpp>

#include <cstdio>
#include <string>

using namespace dyadic;

// A small program's own affair: the first image of a seven, so that the device has something to read.
std::span<std::uint8_t const> first_seven(data_view digits) {
  std::size_t at = 0;
  while (digits.labels[at] != 7) ++at;
  return digits.slice(at, 1).bytes;
}

int main(int count, char** words) {
  auto const digits = load_mnist(count > 1 ? words[1] : DYADIC_EXAMPLE_DATA "/mnist");
  if (!digits) return std::puts(digits.error().what()), 1;
  std::string const path = count > 2 ? words[2] : std::string(words[0]) + ".network.hpp";

  reader::in<trainable<four_bits>> net{seed{1}};
  fit(net, digits->train, adam{.rate = 3e-3F}, cosine{}, {.epochs = 4});
  reader_engine const engine = to_integer(net).value();

  // The header says which type it needs and where that is defined, and holds the codes of every stage for one
  // image.
  auto const written = emit_header(engine, path,
                                   {.type = "reader_engine",
                                    .name = "network",
                                    .include = "\"reader.hpp\"",
                                    .image = first_seven(digits->test)});
  if (!written) return std::puts(written.error().what()), 1;

  double const accuracy = evaluate(engine, digits->test).value().accuracy;
  std::printf("%.2f %% of the test digits, %zu bytes of network, %zu bytes of scratch\n", 100 * accuracy,
              sizeof(engine), reader_engine::scratch_bytes);
  auto const bytes = read_file(path.c_str()).value();
  std::string_view const text{reinterpret_cast<char const*>(bytes.data()), bytes.size()};
  std::printf("%zu bytes of C++ in %s, which begins:\n\n%s", text.size(), path.c_str(),
              std::string(text.substr(0, text.find("  .input"))).c_str());
  return accuracy > 0.93 ? 0 : 1;
}
