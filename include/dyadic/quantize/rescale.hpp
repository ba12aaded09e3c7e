#pragma once

#include <dyadic/quantize/rescale/in_registers.hpp>
#include <dyadic/quantize/rescale/line.hpp>
#include <dyadic/quantize/rescale/multiplier.hpp>
#include <dyadic/quantize/rescale/power_of_two.hpp>
#include <dyadic/quantize/rescale/tflite_reference.hpp>
#include <dyadic/quantize/rescale/tflite_reference_16x8.hpp>
#include <dyadic/quantize/rescale/xnnpack_fp32.hpp>
