#pragma once

#include <dyadic/layer/average_pool.hpp>
#include <dyadic/layer/max_pool.hpp>
