/*
 * The program that early.c is a library of. Exits with 7 if what its first argument says has come about before main; with
 * "hold" as the last one it first says "ready" and waits for the end of its input. With "again" it says "ready", waits for a
 * line and executes itself, to hold.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern volatile int early_signals, early_traps;
extern pid_t early_child;
int early_thread_runs(void);

static int is_as_expected(const char *what)
{
    int status;
    if (strcmp(what, "signals") == 0)
        return early_signals == 1 && early_traps == 2;
    if (strcmp(what, "fork") == 0)
        return waitpid(early_child, &status, 0) == early_child && WIFEXITED(status) && WEXITSTATUS(status) == 5;
    if (strcmp(what, "threads") == 0)
        return early_thread_runs();
    return 1;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    char byte;
    if (early_child == 0)
        return 5;
    if (strcmp(what, "executed") == 0)
        return 9;
    if (strcmp(what, "again") == 0) {
        puts("ready");
        fflush(stdout);
        if (read(STDIN_FILENO, &byte, 1) == 1)
            execl("/proc/self/exe", argv[0], "anew", "hold", NULL);
        return 95;
    }
    if (strcmp(argv[argc - 1], "hold") == 0) {
        puts(strcmp(what, "anew") == 0 ? "ready again" : "ready");
        fflush(stdout);
        while (read(STDIN_FILENO, &byte, 1) > 0) {
        }
    }
    return is_as_expected(what) ? 7 : 94;
}
