/*
 * Prints before anything else who it is, as the kernel tells it: from its first instruction on if it is static (built with
 * -nostdlib -DSTATIC), else from its first constructor on, before main. Then it prints the variables TIEXEC, HOME, USER and
 * LOGNAME, if it can, and exits with 7.
 */
#include <fcntl.h>
#include <sys/syscall.h>

static long call(long number, long first, long second, long third)
{
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(first), "S"(second), "d"(third)
                     : "rcx", "r11", "memory");
    return result;
}

static char text[65536];

static int is_told(const char *line)
{
    static const char *const fields[] = {"Uid:", "Gid:", "Groups:", "Cap", "NoNewPrivs:"};
    for (unsigned n = 0; n < sizeof(fields) / sizeof(fields[0]); n++) {
        unsigned i = 0;
        while (fields[n][i] && fields[n][i] == line[i])
            i++;
        if (!fields[n][i])
            return 1;
    }
    return 0;
}

static void tell(void)
{
    long file = call(SYS_open, (long)"/proc/self/status", O_RDONLY, 0);
    long length = call(SYS_read, file, (long)text, sizeof(text));
    call(SYS_close, file, 0, 0);
    long start = 0;
    for (long i = 0; i < length; i++) {
        if (text[i] != '\n')
            continue;
        if (is_told(text + start))
            call(SYS_write, 1, (long)(text + start), i + 1 - start);
        start = i + 1;
    }
}

#ifdef STATIC

__attribute__((force_align_arg_pointer)) void _start(void)
{
    tell();
    call(SYS_exit_group, 7, 0, 0);
}

#else

#include <stdio.h>
#include <stdlib.h>

__attribute__((constructor(101))) static void first(void)
{
    tell();
}

int main(void)
{
    static const char *const names[] = {"TIEXEC", "HOME", "USER", "LOGNAME"};
    for (unsigned n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
        const char *value = getenv(names[n]);
        printf("%s=%s\n", names[n], value ? value : "(unset)");
    }
    return 7;
}

#endif
