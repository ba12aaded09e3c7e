#include "joins.hpp"
#include "parity.hpp"

using namespace dyadic;

namespace {

using joins::one, joins::three;

/// Howard et al. 2019: an inverted residual whose expansion is gated.
using gates = branch<global_average_pool, dense<6>, relu, dense<8>, hard_sigmoid>;
using mobile_v3 =
    sequential<input<8, 8, 3>, conv2d<4, window{.size = 3, .stride = 2, .padding = padding::same}>,
               batch_norm, hard_swish,
               residual<conv2d<8, one>, batch_norm, hard_swish, depthwise_conv2d<three>, batch_norm,
                        multiply<identity, gates>, hard_swish, conv2d<4, one>, batch_norm>,
               global_average_pool, dense<5>>;

/// Ronneberger et al. 2015: down, and up again beside what was there before.
using inner = branch<max_pool<2>, conv2d<6, three>, batch_norm, relu, upsampling<2>, conv2d<4, three>, relu>;
using u_net = sequential<input<8, 8, 2>, conv2d<4, three>, batch_norm, relu, concat<identity, inner>,
                         conv2d<4, three>, batch_norm, relu, conv2d<2, one>>;

/// Huang et al. 2017: every convolution is put beside its input.
using dense_net = sequential<input<6, 6, 3>, conv2d<4, three>, relu,
                             concat<identity, branch<batch_norm, relu, conv2d<3, three>>>,
                             concat<identity, branch<batch_norm, relu, conv2d<3, three>>>, batch_norm, relu,
                             average_pool<2>, flatten, dense<4>>;

/// He et al. 2015, with padding and a shortcut that are layers of their own.
using res_net =
    sequential<input<8, 8, 3>, zero_pad<all_around(1)>, conv2d<4, window{.size = 3}>, batch_norm, relu,
               residual<conv2d<4, three>, batch_norm, relu, conv2d<4, three>, batch_norm>, relu,
               residual<zero_pad<margins{.bottom = 1, .right = 1}>, conv2d<6, window{.size = 3, .stride = 2}>,
                        batch_norm, relu, conv2d<6, three>, batch_norm,
                        shortcut<conv2d<6, window{.size = 1, .stride = 2}>, batch_norm>>,
               relu, global_average_pool, dense<5>>;

struct int8 : scheme {};
struct four_bits : scheme {
  using weights = symmetric<4, per_channel, range::lsq>;
  using activations = affine<4>;
};

}  // namespace

TEST_CASE_TEMPLATE("networks of known kinds are deployed as they were trained", Scheme, int8, four_bits) {
  parity::check<mobile_v3, Scheme>(61, 104);
  parity::check<u_net, Scheme>(62, 104);
  parity::check<dense_net, Scheme>(63, 104);
  parity::check<res_net, Scheme>(64, 104);
}
