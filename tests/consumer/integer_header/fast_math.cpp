// The same device, compiled with -ffast-math: integers do not care.
#define device device_under_fast_math
#include "device.cpp"
