#include <dyadic/dyadic.hpp>

int second();

int main() { return second(); }
