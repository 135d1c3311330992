/* A 32-bit program without a library: exits with 5. */
void _start(void)
{
    __asm__ volatile("int $0x80" : : "a"(1), "b"(5));
}
