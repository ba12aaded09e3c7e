int device();

int main() { return device(); }
