#include <dyadic/dyadic.hpp>

static_assert(dyadic::fixed_string{"dya"} + "dic" == dyadic::fixed_string{"dyadic"});

int main() { return 0; }
