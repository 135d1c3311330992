/*
 * Threads that execute the code all the time, each checking its results and the longest time between two of them:
 * spinner THREADS
 *
 * It prints "ready". For each line on standard input it prints "longest gap N us of M threads in T us, I iterations" since
 * the line before; at the end of its input it compares all code with the files and exits with 0. Damage ends it with 98.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

__attribute__((noreturn, format(printf, 1, 2))) void wrong(const char *format, ...);
int64_t now(void);
void say(const char *line);
void call_block(uint32_t n);
void check_code(void);
void remember_thread(void);
void check_thread(void);

static struct spinner {
    pthread_t thread;
    uint32_t first;
    _Atomic int64_t longest;
    _Atomic uint64_t iterations;
} __attribute__((aligned(64))) * spinners;

static _Atomic int go_on = 1;

static void *spin(void *argument)
{
    struct spinner *self = argument;
    uint32_t block = self->first;
    int64_t last = now();
    while (go_on) {
        call_block(block);
        /* far from the one before, so that no page stays in use for long */
        block = (block + 37) % BLOCKS;
        int64_t time = now();
        if (time - last > self->longest)
            self->longest = time - last;
        last = time;
        self->iterations++;
    }
    check_thread();
    return NULL;
}

static void tell(int threads, int64_t since)
{
    int64_t longest = 0;
    uint64_t iterations = 0;
    for (int i = 0; i < threads; i++) {
        int64_t of_this = spinners[i].longest;
        spinners[i].longest = 0;
        longest = of_this > longest ? of_this : longest;
        iterations += spinners[i].iterations;
        spinners[i].iterations = 0;
    }
    printf("longest gap %ld us of %d threads in %ld us, %lu iterations\n", (long)longest, threads, (long)(now() - since),
           (unsigned long)iterations);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 95;
    int threads = atoi(argv[1]);
    spinners = aligned_alloc(64, (size_t)threads * sizeof *spinners);
    memset((void *)spinners, 0, (size_t)threads * sizeof *spinners);
    check_code();
    remember_thread();
    for (int i = 0; i < threads; i++) {
        spinners[i].first = (uint32_t)i % BLOCKS;
        if (pthread_create(&spinners[i].thread, NULL, spin, &spinners[i]))
            wrong("cannot start thread %d", i);
    }
    say("ready");
    char line[64];
    for (int64_t since = now(); fgets(line, sizeof line, stdin); since = now())
        tell(threads, since);
    go_on = 0;
    for (int i = 0; i < threads; i++)
        pthread_join(spinners[i].thread, NULL);
    check_code();
    check_thread();
    say("as it should be");
    return 0;
}
