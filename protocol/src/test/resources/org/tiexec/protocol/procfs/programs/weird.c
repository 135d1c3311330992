#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <stdlib.h>
static void map(const char *name, int drop) {
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0) { perror(name); exit(1); }
    if (ftruncate(fd, 4096)) exit(1);
    if (mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED) exit(1);
    close(fd);
    if (drop) unlink(name);
}
int main(void) {
    map("name with  spaces ", 0);
    map("gone", 1);
    map("only pretends (deleted)", 0);
    map("line\nbreak", 0);
    map("back\\slash \\012", 0);
    map("latin1 \xe9\xff", 0);
    map("utf8 \xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8c", 0);
    map("7f0000000000-7f0000001000 r-xp 00000000 08:01 5 x", 0);
    char deep[201];
    memset(deep, 'd', 200); deep[200] = 0;
    char top[4096]; getcwd(top, sizeof top);
    for (size_t n = strlen(top); n + 201 < 4000; n += 201) { mkdir(deep, 0700); if (chdir(deep)) return 2; }
    map("bottom", 0);
    mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    mmap(0, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    puts("ready"); fflush(stdout);
    pause();
    return 0;
}
