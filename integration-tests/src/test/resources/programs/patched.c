/*
 * A program with BLOCKS * 64 KB of code. Linked with -pie -Wl,-z,notext it has addresses in its code that the loader has to
 * patch (text relocations). It calls all of its code and follows the addresses, waits for the end of its standard input, and exits
 * with 7.
 */
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#define BLOCK_SIZE 65536

extern char code_blocks[];
int call_first(int), call_last(int);

int add_one(int number)
{
    return number + 1;
}

/* Two functions at both ends of the code that jump where an address within their own code says. */
#define JUMP_THROUGH_TEXT(name)                                                                                             \
    __asm__(".text\n.globl " #name "\n.type " #name ", @function\n" #name ":\n"                                            \
            "        mov 0f(%rip), %rax\n        jmp *%rax\n        .balign 8\n0:      .quad add_one\n")

JUMP_THROUGH_TEXT(call_first);
JUMP_THROUGH_TEXT(call_last);

int main(void)
{
    uint32_t sum = 0;
    for (uint32_t n = 0; n < BLOCKS; n++) {
        uint32_t (*block)(void) = (uint32_t(*)(void))(uintptr_t)(code_blocks + (size_t)n * BLOCK_SIZE);
        sum = sum * 31 + block();
    }
    printf("blocks sum up to %u, addresses lead to %d\n", sum, call_first(20) + call_last(20));
    puts("ready");
    fflush(stdout);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    return 7;
}
