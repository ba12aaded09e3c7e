#include <doctest/doctest.h>

#include <dyadic/deploy/model_file.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <new>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "engines.hpp"
#include "repair.hpp"

using namespace dyadic;

namespace {

/// The largest block that was asked for since it was set to 0.
std::size_t largest_allocation = 0;

}  // namespace

#if !defined(__SANITIZE_ADDRESS__)
[[gnu::noinline]] void* operator new(std::size_t size) {
  largest_allocation = std::max(largest_allocation, size);
  if (void* const block = std::malloc(size)) return block;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { std::free(block); }
#endif

namespace {

using file = std::vector<std::byte>;

constexpr std::uint64_t extremes[] = {0,          1,          2,          0x7F,       0x80,
                                      0xFF,       0x7FFF,     0x8000,     0xFFFF,     0x7FFFFFFF,
                                      0x80000000, 0xFFFFFFFF, 0x7F800000, 0x7FC00000, 0x3F800000,
                                      UINT64_MAX, INT64_MAX,  1ULL << 63, 1ULL << 62, (1ULL << 62) - 1};

/// Changes files as chance and malice do.
class mutator {
 public:
  explicit mutator(std::uint64_t start) : random_{generator::from({start})} {}

  std::size_t below(std::size_t count) {
    return random_.below(static_cast<std::uint32_t>(count == 0 ? 1 : count));
  }

  file mutate(file bytes) {
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) change(bytes);
    if (below(2) == 0) {
      repair(bytes);
      if (!bytes.empty() && below(50) == 0) bytes.back() ^= std::byte{1};
    }
    return bytes;
  }

 private:
  struct piece {
    std::size_t first, size;
  };

  void change(file& bytes) {
    if (bytes.size() < 64) return;
    switch (below(14)) {
      case 0:
        bytes[below(bytes.size())] ^= static_cast<std::byte>(1U << below(8));
        return;
      case 1:
        bytes[below(bytes.size())] = static_cast<std::byte>(below(256));
        return;
      case 2:
        bytes.resize(below(2) == 0 ? below(bytes.size()) : bytes.size() - below(8));
        return;
      case 3:
        bytes.insert(bytes.end(), 1 + below(40), std::byte{0});
        return;
      case 4:
        bytes[below(32)] = static_cast<std::byte>(below(256));
        return;  // the header
      case 5:
        set_integer_at(bytes, below(32), std::size_t{1} << below(4), extreme());
        return;
      case 6:
        change_section_header(bytes, any_section(bytes));
        return;
      case 7:
        change_tensor_head(bytes, any_section(bytes));
        return;
      case 8:
        change_numbers(bytes, any_section(bytes));
        return;
      case 9:
        remove(bytes, any_section(bytes));
        return;
      case 10:
        repeat(bytes, any_section(bytes));
        return;
      case 11:
        change_description(bytes);
        return;
      case 12:
        reshape(bytes, any_section(bytes));
        return;
      default:
        change_engine(bytes);
        return;
    }
  }

  std::uint64_t extreme() { return extremes[below(std::size(extremes))]; }

  piece any_section(file const& bytes) {
    auto const headers = section_headers(bytes);
    if (headers.empty()) return {32, 0};
    return whole_section(bytes, headers[below(headers.size())]);
  }
  static piece whole_section(file const& bytes, std::size_t at) {
    std::uint64_t const length = integer_at(bytes, at + 8, 8);
    std::size_t const left = bytes.size() - at - 24;
    return {at, 24 + static_cast<std::size_t>(length < left ? length : left)};
  }

  void change_section_header(file& bytes, piece s) {
    if (s.size < 24) return;
    constexpr char const* kinds[] = {"net ", "tnsr", "test", "xtra", "odd "};
    switch (below(4)) {
      case 0:
        for (std::size_t i = 0, which = below(5); i < 4; ++i)
          bytes[s.first + i] = static_cast<std::byte>(kinds[which][i]);
        return;
      case 1:
        bytes[s.first + 4] = static_cast<std::byte>("sufthz"[below(6)]);
        return;
      case 2:
        bytes[s.first + 5 + below(3)] = static_cast<std::byte>(extreme());
        return;
      default:
        set_integer_at(bytes, s.first + 8, 8, below(2) == 0 ? extreme() : below(2 * s.size));
        return;
    }
  }
  void change_tensor_head(file& bytes, piece s) {
    std::size_t const head = std::min<std::size_t>(s.size - std::min<std::size_t>(s.size, 24), 48);
    if (head == 0) return;
    std::size_t const at = s.first + 24 + below(head);
    if (below(2) == 0)
      set_integer_at(bytes, at, 4, extreme());
    else
      bytes[at] = static_cast<std::byte>(below(256));
  }
  void change_numbers(file& bytes, piece s) {
    if (s.size <= 24 + 16) return;
    std::size_t const size = std::size_t{1} << below(4);
    std::size_t const end = s.first + s.size, back = size * (1 + below((s.size - 24) / size / 2 + 1));
    if (back + s.first + 24 > end) return;
    set_integer_at(bytes, end - back, size, below(2) == 0 ? extreme() : random_.next_32());
  }
  void remove(file& bytes, piece s) {
    auto const first = bytes.begin() + static_cast<std::ptrdiff_t>(s.first);
    bytes.erase(first, first + static_cast<std::ptrdiff_t>(s.size));
    if (below(2) == 0) set_integer_at(bytes, 24, 4, integer_at(bytes, 24, 4) - 1);
  }
  void repeat(file& bytes, piece s) {
    file const copy(bytes.begin() + static_cast<std::ptrdiff_t>(s.first),
                    bytes.begin() + static_cast<std::ptrdiff_t>(s.first + s.size));
    std::size_t const at = below(2) == 0 ? s.first : 32;
    bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), copy.begin(), copy.end());
    if (below(4) != 0) set_integer_at(bytes, 24, 4, integer_at(bytes, 24, 4) + 1);
  }
  void change_description(file& bytes) {
    piece const s = whole_section(bytes, 32);
    if (s.size <= 25) return;
    if (below(2) == 0) {
      bytes[s.first + 24 + below(s.size - 24)] =
          static_cast<std::byte>(below(2) == 0 ? '\n' : 32 + below(95));
      return;
    }
    std::size_t const cut = 1 + (below(2) == 0 ? 0 : below(s.size - 25));
    auto const end = bytes.begin() + static_cast<std::ptrdiff_t>(s.first + s.size);
    bytes.erase(end - static_cast<std::ptrdiff_t>(cut), end);
    set_integer_at(bytes, s.first + 8, 8, s.size - 24 - cut);
  }

  /// One more extent of 1: the same numbers under another rank.
  void reshape(file& bytes, piece s) {
    std::size_t const rank = s.first + 24 + 2 + integer_at(bytes, s.first + 24, 2);
    if (rank + 1 > s.first + s.size) return;
    bytes[rank] = static_cast<std::byte>(static_cast<unsigned>(bytes[rank]) + 1);
    bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(rank + 1), {std::byte{1}, {}, {}, {}});
    set_integer_at(bytes, s.first + 8, 8, s.size - 24 + 4);
  }
  void change_engine(file& bytes) {
    constexpr char const* engines[] = {"real", "qat ", "int ", "mix "};
    for (std::size_t i = 0, which = below(4); i < 4; ++i)
      bytes[12 + i] = static_cast<std::byte>(engines[which][i]);
  }

  generator random_;
};

/// The fixed parts of an error's sentence, the longest of which tells it from the others.
std::string longest_part(std::string const& format) {
  std::regex const conversion("%[-+ #0-9.]*(ll|z)?[a-z]");
  std::string longest;
  for (std::sregex_token_iterator part(format.begin(), format.end(), conversion, -1), end; part != end;
       ++part)
    if (part->length() > static_cast<std::ptrdiff_t>(longest.size())) longest = part->str();
  return longest;
}

/// All errors that the loader's source can make: kind and telling part.
std::set<std::string> errors_in_source() {
  std::set<std::string> all;
  for (char const* name : {"section_reader", "same_network", "tensors", "replay", "model_file"}) {
    std::ifstream source(std::string(DYADIC_EXAMPLE_DATA) + "/../../include/dyadic/deploy/" + name + ".hpp");
    std::string const text((std::istreambuf_iterator<char>(source)), {});
    std::regex const made("make_error\\(\\s*fault::\\w+,\\s*((\"(\\\\.|[^\"\\\\])*\"\\s*)+)");
    for (std::sregex_iterator found(text.begin(), text.end(), made), end; found != end; ++found) {
      std::string literal = (*found)[1].str();
      literal = std::regex_replace(literal, std::regex("\"\\s*\""), "");
      literal = std::regex_replace(literal, std::regex("^\"|\"\\s*$"), "");
      all.insert(longest_part(std::regex_replace(literal, std::regex("\\\\\""), "\"")));
    }
  }
  return all;
}

struct tally {
  std::map<std::string, std::size_t> reached;
  std::map<fault, std::size_t> kinds;
  std::size_t loaded = 0;
};

/// Loads mutants of one file. Whatever comes of it, the target is the network or untouched.
template <class Engine>
void attack(Engine const& original, std::size_t mutants, mutator& change, std::set<std::string> const& errors,
            tally& seen) {
  std::uint64_t words[3] = {1, 2, 3};
  extra const extras[] = {{"words", std::span<std::uint64_t>(words)}};
  file const whole = to_bytes(original, extras);
  for (std::size_t i = 0; i < mutants; ++i) {
    file const bytes = change.mutate(whole);
    std::uint64_t read[3] = {7, 7, 7};
    extra_target const targets[] = {{"words", std::span<std::uint64_t>(read)}};
    largest_allocation = 0;
    auto const loaded = from_bytes<Engine>(bytes, targets);
    CHECK(largest_allocation < 64 * (whole.size() + bytes.size()));
    if (loaded) {
      ++seen.loaded;
      CHECK(from_bytes<Engine>(to_bytes(*loaded)));
      continue;
    }
    CHECK(read[0] == 7);
    ++seen.kinds[loaded.error().kind];
    std::string const message = loaded.error().what();
    bool known = false;
    for (std::string const& error : errors)
      if (message.find(error) != std::string::npos) {
        ++seen.reached[error];
        known = true;
      }
    CHECK_MESSAGE(known, message);
  }
}

std::uint64_t setting(char const* name, std::uint64_t usual) {
  char const* const text = std::getenv(name);
  return text == nullptr ? usual : std::strtoull(text, nullptr, 10);
}

}  // namespace

/// DYADIC_FUZZ_MUTANTS=100000 makes it a long run, DYADIC_FUZZ_SEED another one.
TEST_CASE("damaged and hostile files are errors, and every error of the loader is reached") {
  std::uint64_t const start = setting("DYADIC_FUZZ_SEED", 1);
  std::size_t const mutants = setting("DYADIC_FUZZ_MUTANTS", 20000);
  INFO("seed ", start);
  auto const errors = errors_in_source();
  CHECK(errors.size() > 25);
  mutator change{start};
  tally seen;
  attack(to_integer(engines::trained<engines::tiny, engines::int8>()).value(), mutants / 2, change, errors,
         seen);
  attack(to_integer(engines::trained<networks::operations, engines::as_tflite>()).value(), mutants / 4,
         change, errors, seen);
  attack(engines::trained<engines::tiny, engines::four_bits>(), mutants / 4, change, errors, seen);
  for (std::string const& error : errors) CHECK_MESSAGE(seen.reached[error] > 0, "never reached: " << error);
  for (fault const kind : {fault::truncated, fault::malformed, fault::bad_checksum, fault::wrong_version,
                           fault::wrong_network, fault::replay_differs, fault::not_supported})
    CHECK_MESSAGE(seen.kinds[kind] > 0, "never reached: fault " << static_cast<int>(kind));
  MESSAGE(mutants << " mutants, " << seen.loaded << " harmless");
}
