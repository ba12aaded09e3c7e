#include <dyadic/dyadic.hpp>

int second();
int second() { return 0; }
