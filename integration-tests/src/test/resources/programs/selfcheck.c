/*
 * Four threads that check their own work until SIGTERM: selfcheck
 *
 * Two compute everything twice, one reads from a pipe what another one writes, and that one also sends the process
 * signals, each of which must be handled once. No call may fail, not even with EINTR. The last line tells how much was
 * wrong and how much was done.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile long wrong, rounds[4];
static volatile int stop;
static int pipes[2];
static long sent, handled;

static void handle(int signal)
{
    (void)signal;
    __atomic_fetch_add(&handled, 1, __ATOMIC_SEQ_CST);
}

static void finish(int signal)
{
    (void)signal;
    stop = 1;
}

static void complain(const char *what)
{
    __atomic_fetch_add(&wrong, 1, __ATOMIC_SEQ_CST);
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
}

static unsigned long mix(unsigned long x, double *y)
{
    for (int i = 0; i < 2000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        *y = *y * 1.0000001 + 0.5;
    }
    return x;
}

static void *compute(void *number)
{
    long n = (long)number;
    unsigned long x = 88172645463325252UL + n;
    double y = 1;
    while (!stop) {
        double once = y, twice = y;
        unsigned long first = mix(x, &once), second = mix(x, &twice);
        if (first != second || memcmp(&once, &twice, sizeof once)) {
            errno = 0;
            complain("computed");
        }
        x = first;
        y = once > 1e100 ? 1 : once;
        rounds[n]++;
    }
    return 0;
}

static void *take(void *unused)
{
    unsigned char bytes[64], next = 0;
    (void)unused;
    while (!stop) {
        ssize_t n = read(pipes[0], bytes, sizeof bytes);
        if (n < 0 && !stop)
            complain("read");
        for (ssize_t i = 0; i < n; i++)
            if (bytes[i] != next++)
                complain("taken");
        rounds[2]++;
    }
    return 0;
}

static void *give(void *unused)
{
    unsigned char next = 0;
    sigset_t ours;
    (void)unused;
    /* usleep fails with EINTR when a handler runs, whoever restarts what */
    sigemptyset(&ours);
    sigaddset(&ours, SIGRTMIN);
    pthread_sigmask(SIG_BLOCK, &ours, 0);
    while (!stop) {
        if (write(pipes[1], &next, 1) != 1 && !stop)
            complain("write");
        next++;
        if (usleep(200) != 0 && !stop)
            complain("usleep");
        if (sigqueue(getpid(), SIGRTMIN, (union sigval){0}) == 0)
            sent++;
        else
            complain("sigqueue");
        rounds[3]++;
    }
    return 0;
}

int main(void)
{
    pthread_t threads[4];
    sigset_t none;
    struct sigaction handling = {.sa_handler = handle, .sa_flags = SA_RESTART};
    struct sigaction finishing = {.sa_handler = finish};
    sigaction(SIGRTMIN, &handling, 0);
    sigaction(SIGTERM, &finishing, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, 0);
    if (pipe(pipes) != 0)
        return 9;
    pthread_create(&threads[0], 0, compute, (void *)0);
    pthread_create(&threads[1], 0, compute, (void *)1);
    pthread_create(&threads[2], 0, take, 0);
    pthread_create(&threads[3], 0, give, 0);
    puts("ready");
    fflush(stdout);
    while (!stop)
        usleep(1000);
    pthread_join(threads[0], 0);
    pthread_join(threads[1], 0);
    pthread_join(threads[3], 0);
    usleep(100000);
    if (sent != handled)
        complain("signals");
    printf("wrong %ld, rounds %ld %ld %ld %ld, signals %ld of %ld\n", wrong, rounds[0], rounds[1], rounds[2], rounds[3],
           handled, sent);
    return wrong != 0;
}
