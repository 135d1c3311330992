/* A library that appends the name of each program that loads it to the file that LOADED_BY names. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void loaded(void)
{
    char name[PATH_MAX + 1];
    const char *file = getenv("LOADED_BY");
    ssize_t length = readlink("/proc/self/exe", name, PATH_MAX);
    int out = file ? open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666) : -1;
    if (out < 0 || length < 0)
        return;
    name[length++] = '\n';
    if (write(out, name, (size_t)length) != length)
        _exit(94);
    close(out);
}
