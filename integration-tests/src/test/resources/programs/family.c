/*
 * Watches over children in every way that wait(2) and signal(7) know, and tells what it has seen. Whoever traces the family
 * must not change a line.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
    perror(what);
    exit(99);
}

static void print_status(const char *who, int status)
{
    if (WIFEXITED(status))
        printf("%s exited %d\n", who, WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("%s killed %d\n", who, WTERMSIG(status));
    else if (WIFSTOPPED(status))
        printf("%s stopped %d\n", who, WSTOPSIG(status));
    else if (WIFCONTINUED(status))
        printf("%s continued\n", who);
    fflush(stdout);
}

static void await(const char *who, pid_t child, int options)
{
    int status;
    pid_t found;
    do
        found = waitpid(child, &status, options);
    while (found == -1 && errno == EINTR);
    if (found != child)
        fail("waitpid");
    print_status(who, status);
}

static void await_told(const sigset_t *set)
{
    siginfo_t info;
    if (sigwaitinfo(set, &info) != SIGCHLD)
        fail("sigwaitinfo");
    printf("told code %d status %d\n", info.si_code, info.si_status);
}

static pid_t born(void)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == -1)
        fail("fork");
    return child;
}

/* A child that stops itself, is continued, is stopped and killed. */
static void stops(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int words[2];
    if (pipe(words))
        fail("pipe");
    pid_t child = born();
    if (!child) {
        raise(SIGSTOP);
        if (write(words[1], "", 1) != 1)
            _exit(94);
        for (;;)
            pause();
    }
    await_told(&set);
    await("stopping child", child, WUNTRACED);
    struct pollfd word = { .fd = words[0], .events = POLLIN };
    puts(poll(&word, 1, 50) ? "it goes on though it is stopped" : "it stays stopped");
    kill(child, SIGCONT);
    char byte;
    if (read(words[0], &byte, 1) != 1)
        fail("read");
    await_told(&set);
    await("stopping child", child, WCONTINUED);
    kill(child, SIGSTOP);
    await_told(&set);
    await("stopping child", child, WUNTRACED);
    kill(child, SIGKILL);
    await_told(&set);
    await("stopping child", child, 0);
    struct timespec moment = { 0, 20000000 };
    if (sigtimedwait(&set, NULL, &moment) != -1)
        puts("told once more");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* Each of many children ends its own way; some are gone before anyone looks. */
static void storm(int count)
{
    pid_t children[count];
    for (int i = 0; i < count; i++) {
        children[i] = born();
        if (!children[i]) {
            if (i % 5 == 0)
                raise(i % 2 ? SIGTERM : SIGKILL);
            if (i % 5 == 1) {
                execl("/bin/sh", "sh", "-c", i % 2 ? "exit 3" : "kill -TERM $$", NULL);
                _exit(98);
            }
            if (i % 5 == 2) {
                pid_t vforked = vfork();
                if (!vforked) {
                    execl("/bin/false", "false", NULL);
                    _exit(97);
                }
                int status;
                waitpid(vforked, &status, 0);
                _exit(WEXITSTATUS(status) + 10);
            }
            _exit(i % 100);
        }
    }
    for (int i = 0; i < count; i++) {
        char who[32];
        snprintf(who, sizeof who, "child %d", i);
        await(who, children[i], 0);
    }
}

static void *spawner(void *number)
{
    for (int i = 0; i < 10; i++) {
        char text[32];
        snprintf(text, sizeof text, "exit %d", (int)(long)number);
        char *arguments[] = { "sh", "-c", text, NULL };
        char *none[] = { NULL };
        pid_t child;
        int status;
        if (posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, none) || waitpid(child, &status, 0) != child
            || !WIFEXITED(status) || WEXITSTATUS(status) != (int)(long)number)
            return "a lost child";
    }
    return NULL;
}

/* Threads that start commands at the same time. */
static void threads(void)
{
    pthread_t all[8];
    for (long i = 0; i < 8; i++)
        if (pthread_create(&all[i], NULL, spawner, (void *)(i + 1)))
            fail("pthread_create");
    for (int i = 0; i < 8; i++) {
        void *complaint;
        pthread_join(all[i], &complaint);
        if (complaint)
            printf("thread %d: %s\n", i, (char *)complaint);
    }
    puts("threads done");
}

static void *executor(void *unused)
{
    (void)unused;
    execl("/bin/sh", "sh", "-c", "exit 21", NULL);
    return NULL;
}

/* An execve that is not made by the first thread. */
static void execution_by_a_thread(void)
{
    pid_t child = born();
    if (!child) {
        pthread_t thread;
        pthread_create(&thread, NULL, executor, NULL);
        for (;;)
            pause();
    }
    await("child with threads", child, 0);
}

/* Signals with and without a payload, to a whole group. */
static void group(void)
{
    int ready[2];
    if (pipe(ready))
        fail("pipe");
    pid_t leader = 0;
    pid_t members[3];
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    for (int i = 0; i < 3; i++) {
        members[i] = born();
        if (!members[i]) {
            setpgid(0, leader);
            sigprocmask(SIG_BLOCK, &set, NULL);
            if (write(ready[1], "", 1) != 1)
                _exit(96);
            siginfo_t info;
            sigwaitinfo(&set, &info);
            struct timespec moment = { 0, 20000000 };
            _exit(info.si_pid == getppid() && sigtimedwait(&set, &info, &moment) == -1 ? 30 + i : 95);
        }
        setpgid(members[i], leader ? leader : members[i]);
        if (!leader)
            leader = members[i];
    }
    char byte;
    for (int i = 0; i < 3; i++)
        if (read(ready[0], &byte, 1) != 1)
            fail("read");
    kill(-leader, SIGUSR1);
    for (int i = 0; i < 3; i++)
        await("member", members[i], 0);
}

int main(int argc, char **argv)
{
    stops();
    storm(argc > 1 ? atoi(argv[1]) : 40);
    threads();
    execution_by_a_thread();
    group();
    return 17;
}
