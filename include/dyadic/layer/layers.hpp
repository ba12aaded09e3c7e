#pragma once

/// The layers. A new one is a file of its own and a line here.
#include <dyadic/layer/activation.hpp>
#include <dyadic/layer/average_pool.hpp>
#include <dyadic/layer/batch_norm.hpp>
#include <dyadic/layer/conv1d.hpp>
#include <dyadic/layer/conv2d.hpp>
#include <dyadic/layer/conv_transpose1d.hpp>
#include <dyadic/layer/conv_transpose2d.hpp>
#include <dyadic/layer/dense.hpp>
#include <dyadic/layer/depthwise_conv1d.hpp>
#include <dyadic/layer/depthwise_conv2d.hpp>
#include <dyadic/layer/dropout.hpp>
#include <dyadic/layer/elementwise.hpp>
#include <dyadic/layer/flatten.hpp>
#include <dyadic/layer/functions.hpp>
#include <dyadic/layer/gru.hpp>
#include <dyadic/layer/input.hpp>
#include <dyadic/layer/lstm.hpp>
#include <dyadic/layer/max_pool.hpp>
#include <dyadic/layer/separable_conv1d.hpp>
#include <dyadic/layer/separable_conv2d.hpp>
