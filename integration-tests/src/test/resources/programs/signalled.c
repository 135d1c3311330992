/*
 * Gets signals of many kinds all the time and accounts for every one: signalled alone|threads
 *
 * Its one thread (alone), or one of several (threads), gets from a child queued signals with consecutive numbers, which
 * must come once each and in order, on the alternate stack, with the sender's id; ordinary signals that are answered one by
 * one; the signals of a periodic timer, whose expirations must be as many as the time allows. Between them it reads from
 * a pipe with handlers that restart calls, so that it must never see EINTR. With threads, others get a signal whose handler
 * does not restart, and must see EINTR only when that has run; others get faults by instructions of their own.
 * It prints "ready", and at the end of its input what it has counted and "as it should be", or "wrong: ..." with status 98.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define QUEUED (SIGRTMIN + 1)
#define TIMED (SIGRTMIN + 2)
#define ANSWERED SIGUSR1
#define INTERRUPTING SIGUSR2
#define PERIOD 1000 /* microseconds */
#define STACK 65536
#define PATIENCE 10000000 /* microseconds */

enum { WAITING = 3, FAULTING = 2 };

__attribute__((noreturn, format(printf, 1, 2))) void wrong(const char *format, ...);
int64_t now(void);
void say(const char *line);
void call_block(uint32_t n);
void check_code(void);
void remember_thread(void);
void check_thread(void);

static struct {
    _Atomic int go_on;
    _Atomic uint64_t queued, ordinary, answered, bytes;
    _Atomic int all_sent;
} *shared;

static pid_t sender, own;
static char alternate[STACK];
static volatile uint64_t got_queued, got_answered, expirations;
static _Atomic uint64_t faults;
static timer_t timer;

static void check_stack(void)
{
    char here;
    if (&here < alternate || &here >= alternate + STACK)
        wrong("a handler runs outside the alternate stack");
}

static void on_queued(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    int saved = errno;
    check_stack();
    if (info->si_code != SI_QUEUE || info->si_pid != sender)
        wrong("a queued signal came with code %d of process %d", info->si_code, info->si_pid);
    if ((uint64_t)(unsigned)info->si_value.sival_int != (got_queued & 0x7fffffff))
        wrong("queued signal %d came when %lu was due", info->si_value.sival_int, (unsigned long)got_queued);
    call_block((uint32_t)(got_queued++ % BLOCKS));
    errno = saved;
}

static void on_answered(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    check_stack();
    if (info->si_code != SI_USER || info->si_pid != sender)
        wrong("an ordinary signal came with code %d of process %d", info->si_code, info->si_pid);
    got_answered++;
    shared->answered++;
}

static void on_timed(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    int saved = errno;
    check_stack();
    if (info->si_code != SI_TIMER)
        wrong("a timer's signal came with code %d", info->si_code);
    expirations += 1 + (uint64_t)info->si_overrun;
    errno = saved;
}

static void handle(int number, void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    if (sigaction(number, &action, NULL))
        wrong("sigaction %d: %s", number, strerror(errno));
}

/* ---- the child that sends */

static void send(int to_pipe)
{
    uint64_t next = 0, ordinary = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (shared->go_on) {
        for (int i = 0; i < 5; i++) {
            union sigval value = {.sival_int = (int)(next & 0x7fffffff)};
            if (sigqueue(own, QUEUED, value) == 0)
                next++;
            else if (errno != EAGAIN)
                _exit(1);
        }
        if (shared->answered == ordinary && kill(own, ANSWERED) == 0)
            ordinary++;
        if (write(to_pipe, "x", 1) == 1)
            shared->bytes++;
        usleep(200);
    }
    shared->queued = next;
    shared->ordinary = ordinary;
    shared->all_sent = 1;
    /* the last byte, so that the reader sees the end */
    close(to_pipe);
    for (;;)
        pause();
}

/* ---- threads with other handlers */

static _Thread_local volatile uint64_t interruptions;
static _Thread_local volatile uint64_t skipped;

static void on_interrupting(int number, siginfo_t *info, void *context)
{
    (void)number, (void)info, (void)context;
    interruptions++;
}

static pthread_t waiting[WAITING], faulting[FAULTING], interrupter;
static _Atomic int still_waiting;

static void *interrupt(void *unused)
{
    (void)unused;
    while (still_waiting) {
        usleep(1000);
        for (int i = 0; i < WAITING; i++)
            pthread_kill(waiting[i], INTERRUPTING);
    }
    return NULL;
}

/* Blocks in poll and in read, which the handler interrupts. */
static void *be_interrupted(void *unused)
{
    int quiet[2];
    uint64_t seen = 0;
    (void)unused;
    if (pipe(quiet))
        wrong("pipe: %s", strerror(errno));
    while (shared->go_on) {
        char byte;
        struct pollfd input = {.fd = quiet[0], .events = POLLIN};
        uint64_t before = interruptions;
        long result = seen % 2 ? poll(&input, 1, 60000) : read(quiet[0], &byte, 1);
        if (result != -1 || errno != EINTR)
            wrong("a call on a quiet pipe returned %ld: %s", result, strerror(errno));
        if (interruptions == before)
            wrong("EINTR without a signal");
        seen++;
    }
    close(quiet[0]);
    close(quiet[1]);
    still_waiting--;
    while (still_waiting)
        usleep(1000); /* may be signalled as long as it is known */
    return NULL;
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)info;
    ucontext_t *thread = context;
    if (number != SIGILL)
        wrong("signal %d instead of SIGILL", number);
    thread->uc_mcontext.gregs[REG_RIP] += 2;
    skipped++;
}

static void *fault(void *unused)
{
    uint64_t made = 0;
    (void)unused;
    while (shared->go_on) {
        __asm__ volatile("ud2");
        if (skipped != ++made)
            wrong("%lu faults, %lu of them seen", (unsigned long)made, (unsigned long)skipped);
        if (made % 64 == 0)
            usleep(100);
    }
    faults += made;
    return NULL;
}

/* ---- the thread that gets the child's signals */

static void read_all(int from)
{
    char bytes[64];
    uint64_t got = 0;
    for (uint32_t block = 0;; block = (block + 37) % BLOCKS) {
        ssize_t length = read(from, bytes, sizeof bytes);
        if (length < 0)
            wrong("read returned %s", strerror(errno));
        if (length == 0)
            break;
        got += (uint64_t)length;
        call_block(block);
    }
    if (got != shared->bytes)
        wrong("%lu bytes of %lu were read", (unsigned long)got, (unsigned long)shared->bytes);
}

static void start_timer(int thread_id)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = TIMED};
    struct itimerspec period = {{0, PERIOD * 1000}, {0, PERIOD * 1000}};
    event._sigev_un._tid = thread_id;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &period, NULL))
        wrong("timer: %s", strerror(errno));
}

static void stop_timer(int64_t since)
{
    struct itimerspec none = {{0, 0}, {0, 0}};
    int64_t before = now();
    if (timer_settime(timer, 0, &none, NULL))
        wrong("timer: %s", strerror(errno));
    int64_t after = now();
    uint64_t counted = expirations;
    /* one may be due now, and one before the clock was read */
    int64_t least = (before - since) / PERIOD - 2, most = (after - since) / PERIOD + 1;
    if ((int64_t)counted < least || (int64_t)counted > most)
        wrong("the timer has expired %lu times, not %ld", (unsigned long)counted, (long)least);
    timer_delete(timer);
}

/* The last ones may still be on their way. */
static void await_all(void)
{
    int64_t deadline = now() + PATIENCE;
    while ((!shared->all_sent || got_queued != shared->queued || got_answered != shared->ordinary) && now() < deadline)
        ;
}

static void start(pthread_t *thread, void *(*routine)(void *))
{
    if (pthread_create(thread, NULL, routine, NULL))
        wrong("cannot start a thread");
}

static void start_threads(void)
{
    still_waiting = WAITING;
    for (int i = 0; i < WAITING; i++)
        start(&waiting[i], be_interrupted);
    for (int i = 0; i < FAULTING; i++)
        start(&faulting[i], fault);
    start(&interrupter, interrupt);
}

static void join_threads(void)
{
    pthread_join(interrupter, NULL);
    for (int i = 0; i < WAITING; i++)
        pthread_join(waiting[i], NULL);
    for (int i = 0; i < FAULTING; i++)
        pthread_join(faulting[i], NULL);
}

/* Tells the child when the input ends, so that the thread that is to be disturbed does nothing else. */
static void start_watcher(void)
{
    if (fork() != 0)
        return;
    char byte;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (read(STDIN_FILENO, &byte, 1) == 1)
        ;
    shared->go_on = 0;
    _exit(0);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 95;
    int with_threads = !strcmp(argv[1], "threads");
    int ends[2];
    stack_t stack = {.ss_sp = alternate, .ss_size = STACK};
    own = getpid();
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || pipe(ends))
        wrong("cannot begin: %s", strerror(errno));
    shared->go_on = 1;
    check_code();
    sigaltstack(&stack, NULL);
    handle(QUEUED, on_queued, SA_RESTART | SA_ONSTACK);
    handle(ANSWERED, on_answered, SA_RESTART | SA_ONSTACK);
    handle(TIMED, on_timed, SA_RESTART | SA_ONSTACK);
    handle(INTERRUPTING, on_interrupting, 0);
    handle(SIGILL, on_fault, 0);
    remember_thread();

    start_watcher();
    sigset_t childs;
    sigemptyset(&childs);
    sigaddset(&childs, QUEUED);
    sigaddset(&childs, ANSWERED);
    sigprocmask(SIG_BLOCK, &childs, NULL);
    if (with_threads)
        start_threads();
    fflush(stdout);
    sender = fork();
    if (sender == 0) {
        close(ends[0]);
        send(ends[1]);
    }
    close(ends[1]);
    sigprocmask(SIG_UNBLOCK, &childs, NULL);
    int64_t since = now();
    start_timer((int)syscall(SYS_gettid));
    say("ready");

    read_all(ends[0]);

    stop_timer(since);
    await_all();
    if (with_threads)
        join_threads();
    printf("queued %lu, ordinary %lu, timer %lu, faults %lu\n", (unsigned long)got_queued, (unsigned long)got_answered,
           (unsigned long)expirations, (unsigned long)faults);
    if (got_queued != shared->queued)
        wrong("%lu queued signals were sent", (unsigned long)shared->queued);
    if (got_answered != shared->ordinary)
        wrong("%lu ordinary signals were sent", (unsigned long)shared->ordinary);
    kill(sender, SIGKILL);
    waitpid(sender, NULL, 0);
    check_code();
    check_thread();
    say("as it should be");
    return 0;
}
