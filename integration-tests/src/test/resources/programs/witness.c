/*
 * Runs a command and writes into a file how waitpid saw it end, and which processes it left behind and how they
 * ended: witness FILE COMMAND...  Orphans come to us because we are a subreaper (prctl(2)); they are waited for, not killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void print_orphan(FILE *out, const char *label, pid_t pid)
{
    char path[64], line[512] = "gone\n";
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *in = fopen(path, "re");
    if (in) {
        if (!fgets(line, sizeof line, in))
            perror(path);
        fclose(in);
    }
    fprintf(out, "%s %s", label, line);
}

static void print_end(FILE *out, const char *whose, int status)
{
    if (WIFSIGNALED(status))
        fprintf(out, "%skilled by signal %d\n", whose, WTERMSIG(status));
    else
        fprintf(out, "%sexited with %d\n", whose, WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    FILE *out = fopen(argv[1], "we");
    if (!out)
        return 2;
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    int status;
    if (waitpid(child, &status, 0) != child)
        return 2;
    print_end(out, "", status);
    char children[64];
    snprintf(children, sizeof children, "/proc/self/task/%d/children", getpid());
    FILE *left = fopen(children, "re");
    int pid;
    while (left && fscanf(left, "%d", &pid) == 1)
        print_orphan(out, "left behind:", pid);
    fflush(out);
    while ((child = wait(&status)) > 0 || errno == EINTR)
        if (child > 0)
            print_end(out, "orphan ", status);
    fclose(out);
    return 0;
}
