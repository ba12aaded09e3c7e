int device();
int device_under_fast_math();

int main() { return device() + device_under_fast_math(); }
