/*
 * Threads that count in one counter for each processor, without locks, by restartable sequences (rseq(2)) that glibc has
 * registered: percpu THREADS SPINS
 *
 * All of its threads count, the first as well, but one that is bound to a processor. Within the sequence a thread reads its processor's counter, spins, and commits by one store. Were it moved on in the
 * middle without being sent to the abort handler, it would overwrite what other threads have counted meanwhile. It prints
 * "ready" and counts until the end of its input; then the sum of the counters must be that of what the threads did.
 * sched_getcpu(3), which reads what the kernel keeps in the same place, must name the processor that a thread is bound to.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/rseq.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSORS 256

__attribute__((noreturn, format(printf, 1, 2))) void wrong(const char *format, ...);
void say(const char *line);
void call_block(uint32_t n);
void check_code(void);
void remember_thread(void);
void check_thread(void);

static struct {
    volatile uint64_t count;
    char padding[56];
} __attribute__((aligned(64))) counters[PROCESSORS];

static _Atomic int *go_on; /* in memory that is shared with the child */
static _Atomic uint64_t done, aborted;
static unsigned spins;

/* Whether it has counted; if not, it was moved to the abort handler and may try again. */
__attribute__((noinline)) static int count_once(struct rseq *self)
{
    __asm__ goto(
        "       .pushsection __rseq_cs, \"aw\"\n"
        "       .balign 32\n"
        "3:     .long 0, 0\n"
        "       .quad 1f, 2f - 1f, 4f\n"
        "       .popsection\n"
        "       lea 3b(%%rip), %%rax\n"
        "       mov %%rax, %c[sequence](%[self])\n"
        "1:     mov %c[processor](%[self]), %%ecx\n"
        "       shl $6, %%rcx\n"
        "       add %[counters], %%rcx\n"
        "       mov (%%rcx), %%rax\n"
        "       mov %[spins], %%edx\n"
        "5:     dec %%edx\n"
        "       jnz 5b\n"
        "       inc %%rax\n"
        "       mov %%rax, (%%rcx)\n"
        "2:\n"
        "       .pushsection .text.aborted, \"ax\"\n"
        "       .byte 0x0f, 0xb9, 0x3d\n" /* ud1 with the signature as its displacement */
        "       .long %c[signature]\n"
        "4:     jmp %l[retry]\n"
        "       .popsection\n"
        :
        : [self] "r"(self), [counters] "r"(counters), [spins] "r"(spins), [sequence] "i"(offsetof(struct rseq, rseq_cs)),
          [processor] "i"(offsetof(struct rseq, cpu_id)), [signature] "i"(RSEQ_SIG)
        : "rax", "rcx", "rdx", "cc", "memory"
        : retry);
    return 1;
retry:
    return 0;
}

static struct rseq *own_area(void)
{
    struct rseq *area = (struct rseq *)(void *)((char *)__builtin_thread_pointer() + __rseq_offset);
    if (__rseq_size == 0 || (int)area->cpu_id < 0)
        wrong("rseq is not registered");
    return area;
}

static void *count(void *number)
{
    struct rseq *self = own_area();
    uint32_t block = *(uint32_t *)number % BLOCKS;
    uint64_t here = 0, moved = 0;
    while (*go_on) {
        if (count_once(self))
            here++;
        else
            moved++;
        call_block(block);
        block = (block + 37) % BLOCKS;
    }
    done += here;
    aborted += moved;
    check_thread();
    return NULL;
}

static void *stay(void *unused)
{
    cpu_set_t here;
    (void)unused;
    int processor = sched_getcpu();
    CPU_ZERO(&here);
    CPU_SET(processor, &here);
    if (sched_setaffinity(0, sizeof here, &here))
        wrong("cannot be bound to processor %d", processor);
    while (*go_on) {
        int named = sched_getcpu();
        if (named != processor)
            wrong("sched_getcpu names processor %d, not %d", named, processor);
    }
    return NULL;
}

/* Waits for the end of the input, so that every thread of the process itself can count. */
static void start_child(void)
{
    pid_t parent = getpid();
    go_on = mmap(NULL, sizeof *go_on, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (go_on == MAP_FAILED)
        wrong("no memory that can be shared");
    *go_on = 1;
    if (fork() != 0)
        return;
    char byte;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (getppid() == parent && read(STDIN_FILENO, &byte, 1) == 1)
        ;
    *go_on = 0;
    _exit(0);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 95;
    int threads = atoi(argv[1]);
    spins = (unsigned)atoi(argv[2]);
    pthread_t thread[threads], bound;
    uint32_t numbers[threads];
    check_code();
    remember_thread();
    start_child();
    for (int i = 0; i < threads; i++)
        numbers[i] = (uint32_t)i;
    for (int i = 1; i < threads; i++) {
        if (pthread_create(&thread[i], NULL, count, &numbers[i]))
            wrong("cannot start thread %d", i);
    }
    if (pthread_create(&bound, NULL, stay, NULL))
        wrong("cannot start the bound thread");
    say("ready");
    count(&numbers[0]);
    for (int i = 1; i < threads; i++)
        pthread_join(thread[i], NULL);
    pthread_join(bound, NULL);
    wait(NULL);
    uint64_t sum = 0;
    for (int i = 0; i < PROCESSORS; i++)
        sum += counters[i].count;
    printf("counted %lu, aborted %lu\n", (unsigned long)done, (unsigned long)aborted);
    if (sum != done)
        wrong("the counters sum up to %lu", (unsigned long)sum);
    check_code();
    check_thread();
    say("as it should be");
    return 0;
}
