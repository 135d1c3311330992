/*
 * A library whose constructor does what the first argument of the program says, before the program's entry point. The program
 * is late.c, which looks at what has become of it.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAYLOAD 42

volatile int early_signals;
volatile int early_traps;
pid_t early_child = -1;
static volatile long rounds;

static void count(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (number == SIGTRAP)
        early_traps++;
    else if (info->si_value.sival_int == PAYLOAD && info->si_pid == getpid())
        early_signals++;
}

static void sleep_milliseconds(long milliseconds)
{
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    if (nanosleep(&time, NULL) != 0)
        _exit(90);
    clock_gettime(CLOCK_MONOTONIC, &after);
    if ((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 < milliseconds - 1)
        _exit(91);
}

/* Signals of all kinds, those included by which debuggers stop programs. */
static void get_signals(void)
{
    struct sigaction action = {0};
    union sigval value = {.sival_int = PAYLOAD};
    action.sa_sigaction = count;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGTRAP, &action, NULL);
    sigqueue(getpid(), SIGUSR1, value);
    raise(SIGTRAP);
    __asm__ volatile("int3");
}

/* Is continued by a child, which looks out for that. */
static void stop(void)
{
    pid_t self = getpid();
    struct timespec before, after;
    pid_t child = fork();
    if (child == 0) {
        sleep_milliseconds(200);
        kill(self, SIGCONT);
        _exit(0);
    }
    clock_gettime(CLOCK_MONOTONIC, &before);
    kill(self, SIGSTOP);
    clock_gettime(CLOCK_MONOTONIC, &after);
    if ((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 < 100)
        _exit(96);
    waitpid(child, NULL, 0);
}

static void spawn_and_wait(void)
{
    char *arguments[] = {"true", NULL};
    pid_t child;
    int status;
    if (posix_spawnp(&child, "true", NULL, NULL, arguments, arguments + 1) != 0 || waitpid(child, &status, 0) != child
        || status != 0)
        _exit(92);
}

static void *run(void *unused)
{
    for (;;)
        rounds++;
    return unused;
}

int early_thread_runs(void)
{
    long before = rounds;
    sleep_milliseconds(50);
    return rounds > before;
}

__attribute__((constructor)) static void early(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    pthread_t thread;
    char byte;
    if (strcmp(what, "signals") == 0)
        get_signals();
    else if (strcmp(what, "fork") == 0)
        early_child = fork();
    else if (strcmp(what, "spawn") == 0)
        spawn_and_wait();
    else if (strcmp(what, "stop") == 0)
        stop();
    else if (strcmp(what, "threads") == 0 && pthread_create(&thread, NULL, run, NULL) != 0)
        _exit(93);
    else if (strcmp(what, "sleep") == 0)
        sleep_milliseconds(2000);
    else if (strcmp(what, "byte") == 0 && read(STDIN_FILENO, &byte, 1) != 1)
        _exit(97);
    else if (strcmp(what, "exec") == 0)
        execl("/proc/self/exe", argv[0], "executed", NULL);
    else if (strcmp(what, "exit") == 0)
        _exit(3);
    else if (strcmp(what, "abort") == 0)
        abort();
}
