/*
 * Asks the kernel to take the pages of another process away: pressure PID START LENGTH ADVICE. Prints what the kernel
 * says; addresses in hexadecimal, the advice is pageout or cold.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    struct iovec range = {.iov_base = (void *)strtoul(argv[2], NULL, 16), .iov_len = strtoul(argv[3], NULL, 16)};
    int advice = strcmp(argv[4], "cold") ? MADV_PAGEOUT : MADV_COLD;
    long process = syscall(SYS_pidfd_open, atoi(argv[1]), 0);
    if (process < 0) {
        perror("pidfd_open");
        return 1;
    }
    long advised = syscall(SYS_process_madvise, process, &range, 1UL, advice, 0UL);
    printf("%s\n", advised < 0 ? strerror(errno) : "done");
    return 0;
}
