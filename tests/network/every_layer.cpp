#include "every_layer.hpp"
#include "parity.hpp"
#include "schemes.hpp"

#include <cstring>
#include <fstream>
#include <sstream>

using namespace dyadic;
using namespace schemes;

/// Every layer under every family of schemes: float's gradients are in tests/layer, int8, W4A4 and ternary
/// here, fixed point and 16-bit activations in every_layer_widths.cpp, binary and powers of two in
/// every_layer_grids.cpp. A layer of layer/layers.hpp that none of these networks holds fails the last test.

namespace {

/// The kinds of all layers in a description, those of branches too.
template <class Layer> struct kinds_in {
  static void put(std::set<std::string>& into) { into.insert(Layer::kind.c_str()); }
};
template <class... Layers> struct kinds_in<list<Layers...>> {
  static void put(std::set<std::string>& into) { (kinds_in<Layers>::put(into), ...); }
};
template <class Input, class... Layers>
struct kinds_in<sequential<Input, Layers...>> : kinds_in<list<Layers...>> {};
template <fixed_string Name, class Layer> struct kinds_in<named<Name, Layer>> : kinds_in<Layer> {};
template <class... Layers> struct kinds_in<layers<Layers...>> : kinds_in<list<Layers...>> {};
template <class... Layers> struct kinds_in<branch<Layers...>> : kinds_in<list<Layers...>> {};
template <class Layer>
  requires requires { typename Layer::branches; }
struct kinds_in<Layer> {
  static void put(std::set<std::string>& into) {
    into.insert(Layer::kind.c_str());
    kinds_in<typename Layer::branches>::put(into);
  }
};
template <class... Layers> struct kinds_in<residual<Layers...>> {
  static void put(std::set<std::string>& into) {
    into.insert("residual");
    kinds_in<list<Layers...>>::put(into);
  }
};

/// The kinds of the layers that a header holds, where it is not the one of its name.
struct header {
  char const* name;
  char const* kinds;
};
constexpr header headers[] = {
    {"activation", "relu relu6 relu_up_to"},
    {"average_pool", "average_pool global_average_pool"},
    {"elementwise", "gelu"},
    {"functions", "sigmoid tanh swish gelu hard_sigmoid hard_swish elu leaky_relu"},
    {"input", ""},
    {"separable_conv1d", "depthwise_conv1d conv1d"},
    {"separable_conv2d", "depthwise_conv2d conv2d"},
    {"softmax", "softmax log_softmax"},
};
std::string kinds_of(std::string const& name) {
  for (header const& h : headers)
    if (name == h.name) return h.kinds;
  return name;
}

}  // namespace

TEST_CASE_TEMPLATE("every layer is deployed as it was trained", Scheme, int8, four_bits, ternary4) {
  parity::check<every_layer::in_space, Scheme>(9);
  parity::check<every_layer::branching, Scheme>(8);
  parity::check<every_layer::in_time, Scheme>(3);
}

TEST_CASE("these networks hold every layer that there is") {
  std::set<std::string> held;
  kinds_in<every_layer::in_space>::put(held);
  kinds_in<every_layer::branching>::put(held);
  kinds_in<every_layer::in_time>::put(held);
  for (char const* meeting : {"add", "bidirectional", "concat", "multiply", "residual"})
    CHECK_MESSAGE(held.contains(meeting), meeting);

  std::ifstream headers_file(DYADIC_EXAMPLE_DATA "/../../include/dyadic/layer/layers.hpp");
  std::string const before = "#include <dyadic/layer/";
  int found = 0;
  for (std::string line; std::getline(headers_file, line);) {
    if (line.compare(0, before.size(), before) != 0) continue;
    ++found;
    std::istringstream kinds(kinds_of(line.substr(before.size(), line.find('.') - before.size())));
    for (std::string kind; kinds >> kind;)
      CHECK_MESSAGE(held.contains(kind), kind, " is in no network of every_layer.hpp");
  }
  CHECK(found > 20);
}
