#include "round_trip.hpp"

TEST_CASE_TEMPLATE("networks of every rescale policy come back from a file", Scheme, engines::int8,
                   engines::as_tflite, engines::as_xnnpack, engines::shifts) {
  round_trip<networks::operations, Scheme>();
}
