/* hugetlb and transparent huge pages in every state that smaps tells apart */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <errno.h>
#define MB2 (2UL << 20)
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
static char *aligned(size_t n) {
    char *p = mmap(0, n + 2 * MB2, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *a = (char *)(((unsigned long)p + 2 * MB2 - 1) & ~(MB2 - 1));
    munmap(p, n + 2 * MB2);
    return mmap(a, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
}
static char *check(const char *what, char *p) { if (p == MAP_FAILED) { perror(what); exit(1); } return p; }
int main(void) {
    char *h = check("hugetlb", mmap((void *)0x10000000, 2 * MB2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | (21 << 26) | MAP_FIXED_NOREPLACE, -1, 0));
    memset(h, 0x90, 2 * MB2);
    mprotect(h, 2 * MB2, PROT_READ | PROT_EXEC);
    /* 0x20000000: whole */
    char *t = check("thp", mmap((void *)0x20000000, 3 * MB2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
    madvise(t, 3 * MB2, MADV_HUGEPAGE); memset(t, 0x90, 3 * MB2);
    if (madvise(t, 3 * MB2, MADV_COLLAPSE)) perror("collapse");
    mprotect(t, 3 * MB2, PROT_READ | PROT_EXEC);
    /* 0x30000000: two of three */
    char *q = check("part", mmap((void *)0x30000000, 3 * MB2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
    madvise(q, 3 * MB2, MADV_HUGEPAGE); memset(q, 0x90, 2 * MB2);
    madvise(q, 3 * MB2, MADV_NOHUGEPAGE); memset(q + 2 * MB2, 0x90, MB2); madvise(q, 3 * MB2, MADV_HUGEPAGE);
    /* 0x40000000: none */
    char *s = check("small", mmap((void *)0x40000000, 3 * MB2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
    madvise(s, 3 * MB2, MADV_NOHUGEPAGE); memset(s, 0x90, 3 * MB2);
    puts("ready"); fflush(stdout);
    pause();
    return 0;
}
