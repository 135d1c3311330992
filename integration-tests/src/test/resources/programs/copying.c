/*
 * copying MEGABYTES: how many milliseconds memcpy takes for so much,
 *   first into memory that has been written to before, then into 2 MB pages that the kernel has yet to clear.
 * The pages are reserved ones, or transparent ones if there are not enough.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define HUGE_PAGE ((size_t)2 << 20)

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static char *map(size_t bytes, int flags)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static char *large_pages(size_t bytes)
{
    char *memory = map(bytes, MAP_HUGETLB);
    if (memory == NULL) {
        memory = map(bytes + HUGE_PAGE, 0);
        if (memory == NULL) {
            perror("mmap");
            exit(1);
        }
        memory += HUGE_PAGE - (size_t)memory % HUGE_PAGE;
        madvise(memory, bytes, MADV_HUGEPAGE);
    }
    return memory;
}

static double copy(char *to, const char *from, size_t bytes)
{
    double start = now();
    memcpy(to, from, bytes);
    double took = now() - start;
    if (memcmp(to, from, bytes) != 0) {
        fprintf(stderr, "the copy differs\n");
        exit(1);
    }
    return took;
}

int main(int argc, char **argv)
{
    size_t bytes = (argc > 1 ? strtoul(argv[1], NULL, 10) : 1) << 20;
    bytes = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    char *from = map(bytes, 0);
    if (from == NULL) {
        perror("mmap");
        return 1;
    }
    for (size_t at = 0; at < bytes; at++)
        from[at] = (char)(at * 31 >> 3);
    char *to = large_pages(bytes);
    double clear = copy(to, from, bytes);
    double plain = copy(to, from, bytes);
    printf("%.3f\n%.3f\n", plain, clear);
    return 0;
}
