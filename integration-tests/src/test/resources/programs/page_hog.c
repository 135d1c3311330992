/*
 * Takes 2 MB pages away: page_hog hold N, reserve N, toggle N. Prints what it has got; gives back at the end of its
 * standard input. "reserve" maps without touching: the pool still counts such pages as free, but nobody can have them.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE (2UL << 20)

static char *take(size_t pages)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | (21 << MAP_HUGE_SHIFT);
    char *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static void touch(char *memory, size_t pages)
{
    for (size_t i = 0; i < pages; i++)
        memory[i * PAGE] = 1;
}

static int input_ended(int milliseconds)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&input, 1, milliseconds) != 0;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    size_t pages = strtoul(argv[2], NULL, 10);
    if (!strcmp(argv[1], "toggle")) {
        puts("toggling");
        fflush(stdout);
        for (int round = 0; !input_ended(1 + round % 7); round++) {
            char *memory = take(pages);
            if (!memory)
                continue;
            touch(memory, pages);
            int ended = input_ended(1 + round % 5);
            munmap(memory, pages * PAGE);
            if (ended)
                break;
        }
        return 0;
    }
    char *memory = take(pages);
    if (!memory) {
        perror("mmap");
        return 1;
    }
    if (!strcmp(argv[1], "hold"))
        touch(memory, pages);
    printf("got %zu\n", pages);
    fflush(stdout);
    while (!input_ended(-1))
        ;
    return 0;
}
