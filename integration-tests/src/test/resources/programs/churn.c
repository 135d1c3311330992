/*
 * Does not stay as it is: churn threads|forks|execs|leaderless|vforked|exits ...
 *
 *   threads       threads begin, execute the code, and end, all the time
 *   forks         children, of fork and of vfork, do the same and are waited for
 *   execs         executes itself anew all the time, with threads that die by it, and counts how often
 *   leaderless    its first thread has ended; others go on
 *   vforked       its one thread waits for a child of vfork, so that it cannot be stopped
 *   exits US      with threads that execute the code, exits with 7 after so many microseconds
 *
 * It prints "ready", goes on until the end of its input, and ends with "as it should be" and 0, or "wrong: ..." and 98.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 4 };

__attribute__((noreturn, format(printf, 1, 2))) void wrong(const char *format, ...);
void say(const char *line);
void call_all_blocks(void);
void check_code(void);
void remember_thread(void);
void check_thread(void);

static _Atomic int go_on = 1;
static _Atomic uint64_t begun, ended;

static void start(pthread_t *thread, void *(*routine)(void *), void *argument)
{
    if ((errno = pthread_create(thread, NULL, routine, argument)))
        wrong("cannot start a thread: %s", strerror(errno));
}

static int input_has_ended(int milliseconds)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&input, 1, milliseconds) != 0;
}

static void await_end_of_input(void)
{
    while (getchar() != EOF)
        ;
}

static void *live_briefly(void *unused)
{
    (void)unused;
    begun++;
    call_all_blocks();
    check_thread();
    ended++;
    return NULL;
}

static void *start_others(void *unused)
{
    (void)unused;
    while (go_on) {
        pthread_t thread;
        start(&thread, live_briefly, NULL);
        pthread_join(thread, NULL);
    }
    return NULL;
}

static void run_threads(void)
{
    pthread_t starters[THREADS];
    for (int i = 0; i < THREADS; i++)
        start(&starters[i], start_others, NULL);
    say("ready");
    await_end_of_input();
    go_on = 0;
    for (int i = 0; i < THREADS; i++)
        pthread_join(starters[i], NULL);
    printf("%lu threads\n", (unsigned long)begun);
    if (begun != ended)
        wrong("%lu of them came to their end", (unsigned long)ended);
}

static void expect(pid_t child, int expected)
{
    int status = 0;
    pid_t found = waitpid(child, &status, 0);
    if (found != child || !WIFEXITED(status) || WEXITSTATUS(status) != expected)
        wrong("child %d: waitpid returned %d, status %x", child, found, (unsigned)status);
}

__attribute__((noinline)) static pid_t vforked(void)
{
    pid_t child = vfork();
    if (child == 0) {
        execl("/proc/self/exe", "churn", "end", (char *)NULL);
        _exit(99);
    }
    return child;
}

static void run_forks(void)
{
    uint64_t children = 0;
    say("ready");
    while (!input_has_ended(0)) {
        pid_t child = fork();
        if (child < 0)
            wrong("fork: %s", strerror(errno));
        if (child == 0) {
            check_code();
            _exit(7);
        }
        expect(child, 7);
        expect(vforked(), 8);
        children += 2;
    }
    printf("%lu children\n", (unsigned long)children);
}

static void *execute(void *unused)
{
    (void)unused;
    while (go_on)
        call_all_blocks();
    return NULL;
}

/* The counter lies in the arguments. */
__attribute__((noreturn)) static void run_execs(uint64_t count)
{
    char next[32];
    pthread_t threads[THREADS];
    call_all_blocks();
    for (int i = 0; i < THREADS; i++)
        start(&threads[i], execute, NULL);
    if (count == 0)
        say("ready");
    if (!input_has_ended(5)) {
        snprintf(next, sizeof next, "%lu", (unsigned long)(count + 1));
        execl("/proc/self/exe", "churn", "execs", next, (char *)NULL);
        wrong("execl: %s", strerror(errno));
    }
    go_on = 0;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    check_code();
    printf("%lu executions\n", (unsigned long)count);
    say("as it should be");
    exit(0);
}

static void *outlive_the_first(void *first)
{
    pthread_t threads[THREADS];
    pthread_join(*(pthread_t *)first, NULL);
    for (int i = 0; i < THREADS; i++)
        start(&threads[i], execute, NULL);
    say("ready");
    await_end_of_input();
    go_on = 0;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    check_code();
    say("as it should be");
    exit(0);
}

__attribute__((noreturn)) static void run_leaderless(void)
{
    static pthread_t first;
    pthread_t other;
    first = pthread_self();
    start(&other, outlive_the_first, &first);
    pthread_exit(NULL);
}

static void run_vforked(void)
{
    say("ready");
    pid_t child = vfork();
    if (child == 0) {
        char byte;
        while (read(STDIN_FILENO, &byte, 1) == 1)
            ;
        _exit(7);
    }
    expect(child, 7);
}

__attribute__((noreturn)) static void run_to_exit(useconds_t microseconds)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        start(&threads[i], execute, NULL);
    say("ready");
    /* from the moment on when it is told to */
    getchar();
    usleep(microseconds);
    exit(7);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 95;
    remember_thread();
    if (!strcmp(argv[1], "end")) {
        call_all_blocks();
        return 8;
    }
    if (!strcmp(argv[1], "execs"))
        run_execs(argc > 2 ? strtoul(argv[2], NULL, 10) : 0);
    check_code();
    if (!strcmp(argv[1], "exits") && argc > 2)
        run_to_exit((useconds_t)atoi(argv[2]));
    if (!strcmp(argv[1], "leaderless"))
        run_leaderless();
    if (!strcmp(argv[1], "threads"))
        run_threads();
    else if (!strcmp(argv[1], "forks"))
        run_forks();
    else if (!strcmp(argv[1], "vforked"))
        run_vforked();
    else
        return 95;
    check_code();
    check_thread();
    say("as it should be");
    return 0;
}
