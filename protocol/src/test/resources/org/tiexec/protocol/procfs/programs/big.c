/* 6 MB of code, so that there is an aligned interior */
#include <unistd.h>
__attribute__((used, aligned(4096))) void filler(void) { __asm__ volatile(".skip 6291456, 0x90"); }
int main(void) { pause(); return 0; }
