/*
 * Blocks in one system call and tells whether that returned what it should, when it should:
 * blocker CALL MILLISECONDS TOLERANCE [alone|companion]
 * blocker list
 *
 * It prints "blocking in NUMBER", the number of the system call (-1: none), then "ready". A call with a timeout (its name
 * ends in -timed or -until) ends after MILLISECONDS; every other ends when standard input has a line or ends, by what a
 * child does. At the end it prints one line, "NAME returned ...", and is "as it should be" or "wrong: ..." with status 98.
 * With a companion there is a second thread, which waits in futex all the while and must be left waiting.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <linux/time_types.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

__attribute__((noreturn, format(printf, 1, 2))) void wrong(const char *format, ...);
int64_t now(void);
void say(const char *line);
void call_all_blocks(void);
void check_code(void);
void remember_thread(void);
void check_thread(void);
void registers_running(void);
void registers_blocked(void);
extern volatile uint64_t registers_go, registers_flags;
extern int registers_avx, registers_input;
extern uint64_t registers_after[15], registers_red_zone[16];
extern unsigned char registers_pattern[64], registers_vectors[16][32], registers_byte;

#define PERHAPS_EARLY 2000 /* microseconds between the clock that is read here and the one that ends the call */

static struct {
    _Atomic int64_t released;
    _Atomic int word;
    _Atomic int handled;
} *shared;

static int64_t timeout, tolerance;
static pid_t child;
static int ends[2], pair[2], descriptor, other_descriptor, identifier;
static char page[65536];

static void fail(const char *what)
{
    wrong("cannot prepare: %s: %s", what, strerror(errno));
}

static int worked(int result, const char *what)
{
    if (result < 0)
        fail(what);
    return result;
}

static struct timespec in_timeout(void)
{
    return (struct timespec){timeout / 1000000, timeout % 1000000 * 1000};
}

static struct timespec at_timeout(void)
{
    int64_t end = now() + timeout;
    return (struct timespec){end / 1000000, end % 1000000 * 1000};
}

static void count(int number)
{
    (void)number;
    shared->handled++;
}

/* ---- futex */

static long futex(int operation, const struct timespec *limit)
{
    return syscall(SYS_futex, &shared->word, operation, 0, limit, NULL, FUTEX_BITSET_MATCH_ANY);
}

static long futex_plain(void) { return futex(FUTEX_WAIT, NULL); }

static long futex_timed(void)
{
    struct timespec limit = in_timeout();
    return futex(FUTEX_WAIT, &limit);
}

static long futex_until(void)
{
    struct timespec limit = at_timeout();
    return futex(FUTEX_WAIT_BITSET, &limit);
}

struct waiter {
    uint64_t value, address;
    uint32_t flags, reserved;
};

static long futex_waitv(void)
{
    struct timespec limit = at_timeout();
    struct waiter waiter = {0, (uintptr_t)&shared->word, 2, 0};
    return syscall(SYS_futex_waitv, &waiter, 1, 0, &limit, CLOCK_MONOTONIC);
}

static void wake(void)
{
    shared->word = 1;
    syscall(SYS_futex, &shared->word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* ---- sleeping */

static long sleep_timed(void)
{
    struct timespec limit = in_timeout(), left;
    return syscall(SYS_nanosleep, &limit, &left);
}

static long clock_timed(void)
{
    struct timespec limit = in_timeout(), left;
    return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &limit, &left);
}

static long clock_until(void)
{
    struct timespec limit = at_timeout();
    return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &limit, NULL);
}

/* ---- pipes and what polls them */

static void make_pipe(void) { worked(pipe2(ends, O_CLOEXEC), "pipe"); }

static void write_pipe(void) { worked((int)write(ends[1], "x", 1), "write"); }

static void fill(int to)
{
    fcntl(to, F_SETFL, O_NONBLOCK);
    while (write(to, page, sizeof page) > 0)
        ;
    while (write(to, page, 1) > 0)
        ;
    fcntl(to, F_SETFL, 0);
}

static void make_full_pipe(void)
{
    make_pipe();
    fill(ends[1]);
}

static void drain_pipe(void) { worked((int)read(ends[0], page, sizeof page), "read"); }

static long read_pipe(void) { return read(ends[0], page, 1); }

static long write_full(void) { return write(ends[1], page, 1); }

static struct pollfd polled(void) { return (struct pollfd){.fd = ends[0], .events = POLLIN}; }

static long poll_plain(void)
{
    struct pollfd one = polled();
    return syscall(SYS_poll, &one, 1, -1);
}

static long poll_timed(void)
{
    struct pollfd one = polled();
    return syscall(SYS_poll, &one, 1, (int)(timeout / 1000));
}

static long ppoll_plain(void)
{
    struct pollfd one = polled();
    return syscall(SYS_ppoll, &one, 1, NULL, NULL, 8);
}

/* The kernel writes the time that is left into the limit: of no call may that be more than there was. */
static long ppoll_timed(void)
{
    struct timespec limit = in_timeout();
    uint64_t mask = 0;
    struct pollfd one = polled();
    return syscall(SYS_ppoll, &one, 1, &limit, &mask, 8);
}

static long select_with(struct timeval *limit)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    return syscall(SYS_select, ends[0] + 1, &set, NULL, NULL, limit);
}

static long select_plain(void) { return select_with(NULL); }

static long select_timed(void)
{
    struct timeval limit = {timeout / 1000000, timeout % 1000000};
    return select_with(&limit);
}

static long pselect_with(const struct timespec *limit)
{
    fd_set set;
    sigset_t mask;
    sigemptyset(&mask);
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    return pselect(ends[0] + 1, &set, NULL, NULL, limit, &mask);
}

static long pselect_plain(void) { return pselect_with(NULL); }

static long pselect_timed(void)
{
    struct timespec limit = in_timeout();
    return pselect_with(&limit);
}

static void make_epoll(void)
{
    make_pipe();
    descriptor = worked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    struct epoll_event event = {.events = EPOLLIN};
    worked(epoll_ctl(descriptor, EPOLL_CTL_ADD, ends[0], &event), "epoll_ctl");
}

static struct epoll_event event;

static long epoll_plain(void) { return syscall(SYS_epoll_wait, descriptor, &event, 1, -1); }

static long epoll_timed(void) { return syscall(SYS_epoll_wait, descriptor, &event, 1, (int)(timeout / 1000)); }

static long epoll_pwait_plain(void)
{
    uint64_t mask = 0;
    return syscall(SYS_epoll_pwait, descriptor, &event, 1, -1, &mask, 8);
}

static long epoll_pwait_timed(void)
{
    uint64_t mask = 0;
    return syscall(SYS_epoll_pwait, descriptor, &event, 1, (int)(timeout / 1000), &mask, 8);
}

static long epoll_pwait2_plain(void) { return syscall(SYS_epoll_pwait2, descriptor, &event, 1, NULL, NULL, 8); }

static long epoll_pwait2_timed(void)
{
    struct timespec limit = in_timeout();
    return syscall(SYS_epoll_pwait2, descriptor, &event, 1, &limit, NULL, 8);
}

/* ---- other descriptors that are read */

static void make_eventfd(void) { descriptor = worked(eventfd(0, EFD_CLOEXEC), "eventfd"); }

static void write_eventfd(void)
{
    uint64_t one = 1;
    worked((int)write(descriptor, &one, sizeof one), "write");
}

static long read_descriptor(void) { return read(descriptor, page, sizeof page); }

static void make_timerfd(void)
{
    descriptor = worked(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), "timerfd_create");
}

static long read_timerfd(void)
{
    struct itimerspec limit = {.it_value = in_timeout()};
    worked(timerfd_settime(descriptor, 0, &limit, NULL), "timerfd_settime");
    return read_descriptor();
}

static void block_signal(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static void make_signalfd(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    block_signal();
    descriptor = worked(signalfd(-1, &set, SFD_CLOEXEC), "signalfd");
}

static void send_signal(void) { worked(kill(getppid(), SIGUSR1), "kill"); }

static void make_terminal(void)
{
    char name[64];
    other_descriptor = worked(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "posix_openpt");
    if (grantpt(other_descriptor) || unlockpt(other_descriptor) || ptsname_r(other_descriptor, name, sizeof name))
        fail("pty");
    descriptor = worked(open(name, O_RDWR | O_NOCTTY | O_CLOEXEC), name);
}

static void type(void) { worked((int)write(other_descriptor, "text\n", 5), "write"); }

/* ---- sockets */

static void bind_to_own_name(int with_backlog)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    descriptor = worked(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    worked(bind(descriptor, (struct sockaddr *)&address, sizeof(sa_family_t)), "bind");
    worked(listen(descriptor, with_backlog), "listen");
}

static int to_ourselves(int flags)
{
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    getsockname(descriptor, (struct sockaddr *)&address, &length);
    int from = worked(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0), "socket");
    other_descriptor = from;
    return connect(from, (struct sockaddr *)&address, length);
}

static void make_listener(void) { bind_to_own_name(1); }

static void connect_to_it(void) { worked(to_ourselves(0), "connect"); }

static long accept_plain(void) { return accept(descriptor, NULL, NULL) >= 0 ? 0 : -1; }

static void make_full_listener(void)
{
    bind_to_own_name(0);
    while (to_ourselves(SOCK_NONBLOCK) == 0)
        ;
}

static long connect_plain(void) { return to_ourselves(0); }

static void accept_all(void)
{
    for (;;)
        worked(accept(descriptor, NULL, NULL), "accept");
}

static void limit_socket(int to, int option)
{
    struct timeval limit = {timeout / 1000000, timeout % 1000000};
    worked(setsockopt(to, SOL_SOCKET, option, &limit, sizeof limit), "setsockopt");
}

static void make_timed_listener(void)
{
    make_listener();
    limit_socket(descriptor, SO_RCVTIMEO);
}

static void make_pair(void) { worked(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "socketpair"); }

static void make_timed_pair(void)
{
    make_pair();
    limit_socket(pair[0], SO_RCVTIMEO);
}

static void make_full_pair(void)
{
    make_pair();
    fill(pair[0]);
    limit_socket(pair[0], SO_SNDTIMEO);
}

static long receive(void) { return recv(pair[0], page, sizeof page, 0); }

static long send_more(void) { return send(pair[0], page, sizeof page, 0); }

static void send_one(void) { worked((int)send(pair[1], page, 1, 0), "send"); }

/* An internet socket has waiting code of its own. */
static void make_internet_socket(void)
{
    struct sockaddr_in {
        sa_family_t family;
        uint16_t port;
        uint32_t address;
        char rest[8];
    } address = {.family = AF_INET, .address = 0x0100007f};
    descriptor = worked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
    worked(bind(descriptor, (struct sockaddr *)&address, sizeof address), "bind");
    limit_socket(descriptor, SO_RCVTIMEO);
}

static long receive_from_internet(void) { return recv(descriptor, page, sizeof page, 0); }

/* ---- signals */

static void catch_signal(void)
{
    struct sigaction action = {.sa_handler = count};
    block_signal();
    worked(sigaction(SIGUSR1, &action, NULL), "sigaction");
}

static long suspend(void)
{
    sigset_t none;
    sigemptyset(&none);
    return sigsuspend(&none);
}

static void catch_signal_unblocked(void)
{
    struct sigaction action = {.sa_handler = count};
    worked(sigaction(SIGUSR1, &action, NULL), "sigaction");
}

static long pause_plain(void) { return syscall(SYS_pause); }

static long await_signal(const struct timespec *limit)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    return syscall(SYS_rt_sigtimedwait, &set, NULL, limit, 8);
}

static long signal_plain(void) { return await_signal(NULL); }

static long signal_timed(void)
{
    struct timespec limit = in_timeout();
    return await_signal(&limit);
}

/* ---- children */

static long wait4_plain(void)
{
    int status;
    if (wait4(child, &status, 0, NULL) != child)
        return -1;
    child = 0;
    return WEXITSTATUS(status);
}

static long waitid_plain(void)
{
    siginfo_t info;
    if (waitid(P_PID, (id_t)child, &info, WEXITED))
        return -1;
    child = 0;
    return info.si_status;
}

static void nothing(void) {}

/* ---- System V and POSIX queues, semaphores */

static void make_semaphore(void) { identifier = worked(semget(IPC_PRIVATE, 1, 0600), "semget"); }

static void remove_semaphore(void) { semctl(identifier, 0, IPC_RMID); }

static void raise_semaphore(void)
{
    struct sembuf up = {0, 1, 0};
    worked(semop(identifier, &up, 1), "semop");
}

static struct sembuf down = {0, -1, 0};

static long semop_plain(void) { return syscall(SYS_semop, identifier, &down, 1); }

static long semtimedop_plain(void) { return syscall(SYS_semtimedop, identifier, &down, 1, NULL); }

static long semtimedop_timed(void)
{
    struct timespec limit = in_timeout();
    return syscall(SYS_semtimedop, identifier, &down, 1, &limit);
}

static struct {
    long type;
    char text[1024];
} message = {1, ""};

static void make_queue(void) { identifier = worked(msgget(IPC_PRIVATE, 0600), "msgget"); }

static void make_full_queue(void)
{
    make_queue();
    while (msgsnd(identifier, &message, sizeof message.text, IPC_NOWAIT) == 0)
        ;
}

static void remove_queue(void) { msgctl(identifier, IPC_RMID, NULL); }

static void send_message(void) { worked(msgsnd(identifier, &message, 1, 0), "msgsnd"); }

static void take_message(void) { worked((int)msgrcv(identifier, &message, sizeof message.text, 0, 0), "msgrcv"); }

static long msgrcv_plain(void) { return msgrcv(identifier, &message, sizeof message.text, 0, 0); }

static long msgsnd_plain(void) { return msgsnd(identifier, &message, sizeof message.text, 0); }

static void make_posix_queue(void)
{
    char name[64];
    struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 16};
    snprintf(name, sizeof name, "/blocker-%d", getpid());
    descriptor = worked(mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attributes), "mq_open");
    mq_unlink(name);
}

static void send_posix(void) { worked(mq_send(descriptor, "text", 4, 0), "mq_send"); }

static long receive_posix(void) { return mq_receive(descriptor, page, sizeof page, NULL); }

static long receive_posix_until(void)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    int64_t nanos = limit.tv_nsec + timeout * 1000;
    limit.tv_sec += nanos / 1000000000;
    limit.tv_nsec = nanos % 1000000000;
    return mq_timedreceive(descriptor, page, sizeof page, NULL, &limit);
}

/* ---- locks, named pipes */

static void make_file(void)
{
    char name[64];
    descriptor = worked(memfd_create("locked", MFD_CLOEXEC), "memfd_create");
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    other_descriptor = worked(open(name, O_RDWR | O_CLOEXEC), name);
}

static void make_locked_file(void)
{
    make_file();
    worked(flock(other_descriptor, LOCK_EX), "flock");
}

static void unlock(void) { worked(flock(other_descriptor, LOCK_UN), "flock"); }

static long flock_plain(void) { return flock(descriptor, LOCK_EX); }

static struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

static void make_file_with_open_lock(void)
{
    make_file();
    worked(fcntl(other_descriptor, F_OFD_SETLK, &whole), "F_OFD_SETLK");
}

static void unlock_open(void)
{
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    worked(fcntl(other_descriptor, F_OFD_SETLK, &lock), "F_OFD_SETLK");
}

static long lock_process(void) { return fcntl(descriptor, F_SETLKW, &whole); }

static long lock_open(void) { return fcntl(descriptor, F_OFD_SETLKW, &whole); }

static char fifo[64];

static void make_fifo(void)
{
    snprintf(fifo, sizeof fifo, "blocker-%d", getpid());
    worked(mkfifo(fifo, 0600), "mkfifo");
}

static void remove_fifo(void) { unlink(fifo); }

static void open_other_end(void) { worked(open(fifo, O_WRONLY | O_CLOEXEC), fifo); }

static long open_plain(void)
{
    int opened = open(fifo, O_RDONLY | O_CLOEXEC);
    return opened >= 0 ? 0 : -1;
}

/* ---- asynchronous input and output */

static aio_context_t context;
static struct io_event io_event;

static void make_context(void)
{
    static struct iocb request, *requests[1] = {&request};
    make_pipe();
    worked((int)syscall(SYS_io_setup, 1, &context), "io_setup");
    request.aio_lio_opcode = IOCB_CMD_POLL;
    request.aio_fildes = (unsigned)ends[0];
    request.aio_buf = POLLIN;
    worked((int)syscall(SYS_io_submit, context, 1, requests), "io_submit");
}

static long getevents_plain(void) { return syscall(SYS_io_getevents, context, 1, 1, &io_event, NULL); }

static long getevents_timed(void)
{
    struct timespec limit = in_timeout();
    return syscall(SYS_io_getevents, context, 1, 1, &io_event, &limit);
}

static struct {
    unsigned *submission_tail, *submission_array, *completion_head, *completion_tail;
    struct io_uring_sqe *entries;
} ring;

static void make_ring(void)
{
    struct io_uring_params parameters = {0};
    make_pipe();
    descriptor = worked((int)syscall(SYS_io_uring_setup, 4, &parameters), "io_uring_setup");
    char *queues = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, IORING_OFF_SQ_RING);
    ring.entries = mmap(NULL, 4 * sizeof *ring.entries, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, IORING_OFF_SQES);
    if (queues == MAP_FAILED || ring.entries == MAP_FAILED || !(parameters.features & IORING_FEAT_SINGLE_MMAP))
        fail("io_uring");
    ring.submission_tail = (unsigned *)(void *)(queues + parameters.sq_off.tail);
    ring.submission_array = (unsigned *)(void *)(queues + parameters.sq_off.array);
    ring.completion_head = (unsigned *)(void *)(queues + parameters.cq_off.head);
    ring.completion_tail = (unsigned *)(void *)(queues + parameters.cq_off.tail);
    ring.entries[0] = (struct io_uring_sqe){
        .opcode = IORING_OP_READ, .fd = ends[0], .addr = (uintptr_t)page, .len = 1, .off = (uint64_t)-1};
    ring.submission_array[0] = 0;
    __atomic_store_n(ring.submission_tail, *ring.submission_tail + 1, __ATOMIC_RELEASE);
}

static void make_submitted_ring(void)
{
    make_ring();
    worked((int)syscall(SYS_io_uring_enter, descriptor, 1, 0, 0, NULL, 0), "io_uring_enter");
}

/* A call that returns before there is a completion has been interrupted, whatever it returns. */
static long completed(long result)
{
    return *ring.completion_head == __atomic_load_n(ring.completion_tail, __ATOMIC_ACQUIRE) && result >= 0 ? 1000 : result;
}

static long enter_plain(void)
{
    return completed(syscall(SYS_io_uring_enter, descriptor, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0));
}

static long enter_submitting(void)
{
    return completed(syscall(SYS_io_uring_enter, descriptor, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0));
}

static long enter_timed(void)
{
    struct __kernel_timespec limit = {timeout / 1000000, timeout % 1000000 * 1000};
    struct {
        uint64_t mask;
        uint32_t mask_size, least;
        uint64_t limit;
    } argument = {0, 8, 0, (uintptr_t)&limit};
    return syscall(SYS_io_uring_enter, descriptor, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &argument,
                   sizeof argument);
}

/* ---- no call at all, and what the registers hold */

static long run_freely(void)
{
    while (shared->word == 0)
        call_all_blocks();
    return 0;
}

static void stop_running(void) { shared->word = 1; }

static void compare_registers(int blocked)
{
    static const char *const names[] = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8",
                                        "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    for (unsigned i = 0; i < 15; i++) {
        uint64_t value = 0x1111111111111111 + i * 0x0101010101010101;
        int its_own = i == 2 || (blocked && (i == 0 || i == 3 || i == 4 || i == 5 || i == 10));
        if (!its_own && registers_after[i] != value)
            wrong("%s holds %lx, not %lx", names[i], registers_after[i], value);
    }
    if (!blocked && registers_flags != 0xad7)
        wrong("the flags are %lx", registers_flags);
    for (unsigned i = 0; i < 16; i++) {
        if (registers_red_zone[i] != 0x5a5a0000 + 8 * (i + 1))
            wrong("the red zone at -%u holds %lx", 8 * (i + 1), registers_red_zone[i]);
        if (memcmp(registers_vectors[i], registers_pattern + i, registers_avx ? 32 : 16) != 0)
            wrong("vector register %u has changed", i);
    }
}

/* Another thread of the process would have to tell it to go on; the child does, through memory that both share. */
static long hold_registers_running(void)
{
    registers_running();
    compare_registers(0);
    return 0;
}

static void make_shared_variable(void)
{
    uintptr_t variable_page = (uintptr_t)&registers_go & ~4095UL;
    char copy[4096];
    memcpy(copy, (void *)variable_page, sizeof copy);
    if (mmap((void *)variable_page, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
        fail("mmap");
    memcpy((void *)variable_page, copy, sizeof copy);
}

static void let_registers_go(void) { registers_go = 1; }

static long hold_registers_blocked(void)
{
    registers_input = ends[0];
    registers_blocked();
    compare_registers(1);
    return (long)registers_after[0];
}

/* ---- all of them */

static const struct call {
    const char *name;
    long number;
    void (*prepare)(void);
    long (*block)(void);
    void (*release)(void); /* NULL: it ends by its timeout */
    long expected;
    int error;
    void (*clean_up)(void);
} calls[] = {
    {"running", -1, nothing, run_freely, stop_running, 0, 0, nothing},
    {"registers-running", -1, make_shared_variable, hold_registers_running, let_registers_go, 0, 0, nothing},
    {"registers-blocked", SYS_read, make_pipe, hold_registers_blocked, write_pipe, 1, 0, nothing},
    {"futex", SYS_futex, nothing, futex_plain, wake, 0, 0, nothing},
    {"futex-timed", SYS_futex, nothing, futex_timed, NULL, -1, ETIMEDOUT, nothing},
    {"futex-until", SYS_futex, nothing, futex_until, NULL, -1, ETIMEDOUT, nothing},
    {"futex_waitv-until", SYS_futex_waitv, nothing, futex_waitv, NULL, -1, ETIMEDOUT, nothing},
    {"nanosleep-timed", SYS_nanosleep, nothing, sleep_timed, NULL, 0, 0, nothing},
    {"clock_nanosleep-timed", SYS_clock_nanosleep, nothing, clock_timed, NULL, 0, 0, nothing},
    {"clock_nanosleep-until", SYS_clock_nanosleep, nothing, clock_until, NULL, 0, 0, nothing},
    {"poll", SYS_poll, make_pipe, poll_plain, write_pipe, 1, 0, nothing},
    {"poll-timed", SYS_poll, make_pipe, poll_timed, NULL, 0, 0, nothing},
    {"ppoll", SYS_ppoll, make_pipe, ppoll_plain, write_pipe, 1, 0, nothing},
    {"ppoll-timed", SYS_ppoll, make_pipe, ppoll_timed, NULL, 0, 0, nothing},
    {"select", SYS_select, make_pipe, select_plain, write_pipe, 1, 0, nothing},
    {"select-timed", SYS_select, make_pipe, select_timed, NULL, 0, 0, nothing},
    {"pselect", SYS_pselect6, make_pipe, pselect_plain, write_pipe, 1, 0, nothing},
    {"pselect-timed", SYS_pselect6, make_pipe, pselect_timed, NULL, 0, 0, nothing},
    {"epoll_wait", SYS_epoll_wait, make_epoll, epoll_plain, write_pipe, 1, 0, nothing},
    {"epoll_wait-timed", SYS_epoll_wait, make_epoll, epoll_timed, NULL, 0, 0, nothing},
    {"epoll_pwait", SYS_epoll_pwait, make_epoll, epoll_pwait_plain, write_pipe, 1, 0, nothing},
    {"epoll_pwait-timed", SYS_epoll_pwait, make_epoll, epoll_pwait_timed, NULL, 0, 0, nothing},
    {"epoll_pwait2", SYS_epoll_pwait2, make_epoll, epoll_pwait2_plain, write_pipe, 1, 0, nothing},
    {"epoll_pwait2-timed", SYS_epoll_pwait2, make_epoll, epoll_pwait2_timed, NULL, 0, 0, nothing},
    {"read-pipe", SYS_read, make_pipe, read_pipe, write_pipe, 1, 0, nothing},
    {"write-full-pipe", SYS_write, make_full_pipe, write_full, drain_pipe, 1, 0, nothing},
    {"read-eventfd", SYS_read, make_eventfd, read_descriptor, write_eventfd, 8, 0, nothing},
    {"read-timerfd-timed", SYS_read, make_timerfd, read_timerfd, NULL, 8, 0, nothing},
    {"read-signalfd", SYS_read, make_signalfd, read_descriptor, send_signal, sizeof(struct signalfd_siginfo), 0, nothing},
    {"read-terminal", SYS_read, make_terminal, read_descriptor, type, 5, 0, nothing},
    {"accept", SYS_accept, make_listener, accept_plain, connect_to_it, 0, 0, nothing},
    {"accept-timed", SYS_accept, make_timed_listener, accept_plain, NULL, -1, EAGAIN, nothing},
    {"connect", SYS_connect, make_full_listener, connect_plain, accept_all, 0, 0, nothing},
    {"recv", SYS_recvfrom, make_pair, receive, send_one, 1, 0, nothing},
    {"recv-timed", SYS_recvfrom, make_timed_pair, receive, NULL, -1, EAGAIN, nothing},
    {"recv-internet-timed", SYS_recvfrom, make_internet_socket, receive_from_internet, NULL, -1, EAGAIN, nothing},
    {"send-timed", SYS_sendto, make_full_pair, send_more, NULL, -1, EAGAIN, nothing},
    {"sigsuspend", SYS_rt_sigsuspend, catch_signal, suspend, send_signal, -1, EINTR, nothing},
    {"pause", SYS_pause, catch_signal_unblocked, pause_plain, send_signal, -1, EINTR, nothing},
    {"sigwaitinfo", SYS_rt_sigtimedwait, block_signal, signal_plain, send_signal, SIGUSR1, 0, nothing},
    {"sigtimedwait-timed", SYS_rt_sigtimedwait, block_signal, signal_timed, NULL, -1, EAGAIN, nothing},
    {"wait4", SYS_wait4, nothing, wait4_plain, nothing, 7, 0, nothing},
    {"waitid", SYS_waitid, nothing, waitid_plain, nothing, 7, 0, nothing},
    {"semop", SYS_semop, make_semaphore, semop_plain, raise_semaphore, 0, 0, remove_semaphore},
    {"semtimedop", SYS_semtimedop, make_semaphore, semtimedop_plain, raise_semaphore, 0, 0, remove_semaphore},
    {"semtimedop-timed", SYS_semtimedop, make_semaphore, semtimedop_timed, NULL, -1, EAGAIN, remove_semaphore},
    {"msgrcv", SYS_msgrcv, make_queue, msgrcv_plain, send_message, 1, 0, remove_queue},
    {"msgsnd-full-queue", SYS_msgsnd, make_full_queue, msgsnd_plain, take_message, 0, 0, remove_queue},
    {"mq_receive", SYS_mq_timedreceive, make_posix_queue, receive_posix, send_posix, 4, 0, nothing},
    {"mq_timedreceive-until", SYS_mq_timedreceive, make_posix_queue, receive_posix_until, NULL, -1, ETIMEDOUT, nothing},
    {"flock", SYS_flock, make_locked_file, flock_plain, unlock, 0, 0, nothing},
    {"fcntl-F_SETLKW", SYS_fcntl, make_file_with_open_lock, lock_process, unlock_open, 0, 0, nothing},
    {"fcntl-F_OFD_SETLKW", SYS_fcntl, make_file_with_open_lock, lock_open, unlock_open, 0, 0, nothing},
    {"openat-fifo", SYS_openat, make_fifo, open_plain, open_other_end, 0, 0, remove_fifo},
    {"io_getevents", SYS_io_getevents, make_context, getevents_plain, write_pipe, 1, 0, nothing},
    {"io_getevents-timed", SYS_io_getevents, make_context, getevents_timed, NULL, 0, 0, nothing},
    {"io_uring_enter", SYS_io_uring_enter, make_submitted_ring, enter_plain, write_pipe, 0, 0, nothing},
    {"io_uring_enter-submitting", SYS_io_uring_enter, make_ring, enter_submitting, write_pipe, 1, 0, nothing},
    {"io_uring_enter-timed", SYS_io_uring_enter, make_submitted_ring, enter_timed, NULL, -1, ETIME, nothing},
};

static const struct call *find(const char *name)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (!strcmp(calls[i].name, name))
            return &calls[i];
    printf("%s: no such call\n", name);
    exit(95);
}

/* ---- the companion */

static int companions_word;
static _Atomic int companion_returned;

static void *accompany(void *unused)
{
    (void)unused;
    long result = syscall(SYS_futex, &companions_word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    companion_returned = 1;
    if (result)
        wrong("the companion's futex returned %s", strerrorname_np(errno));
    return NULL;
}

static void dismiss(pthread_t companion)
{
    if (companion_returned)
        wrong("the companion's futex returned early");
    companions_word = 1;
    syscall(SYS_futex, &companions_word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    pthread_join(companion, NULL);
}

/* ---- */

/* Does not become the one that blocks: waits for a line or the end of standard input, and lets the call return. */
static void start_child(const struct call *call)
{
    pid_t parent = getpid();
    child = worked(fork(), "fork");
    if (child)
        return;
    char line;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    while (read(STDIN_FILENO, &line, 1) == 1 && line != '\n')
        ;
    shared->released = now();
    call->release();
    _exit(7);
}

static void judge(const struct call *call, long result, int error, int64_t start, int64_t end)
{
    int64_t due = call->release ? shared->released : start + timeout;
    printf("%s returned %ld %s after %ld us, %ld us after it was due\n", call->name, result,
           result < 0 ? strerrorname_np(error) : "", (long)(end - start), (long)(end - due));
    if (result < 0 && error == EINTR && call->error != EINTR)
        wrong("EINTR that nobody caused");
    if (result != call->expected || (result < 0 && error != call->error))
        wrong("it should return %ld %s", call->expected, call->error ? strerrorname_np(call->error) : "");
    if (call->error == EINTR && shared->handled != 1)
        wrong("the handler has run %d times", shared->handled);
    if (due == 0 || end + PERHAPS_EARLY < due)
        wrong("it returned too early");
    if (end > due + tolerance)
        wrong("it returned too late");
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "list")) {
        for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
            puts(calls[i].name);
        return 0;
    }
    if (argc < 4)
        return 95;
    const struct call *call = find(argv[1]);
    pthread_t companion;
    int accompanied = argc > 4 && !strcmp(argv[4], "companion");
    timeout = atol(argv[2]) * 1000;
    tolerance = atol(argv[3]) * 1000;
    __builtin_cpu_init();
    registers_avx = __builtin_cpu_supports("avx") != 0;
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        fail("mmap");
    check_code();
    call->prepare();
    remember_thread();
    if (call->release)
        start_child(call);
    if (accompanied && (errno = pthread_create(&companion, NULL, accompany, NULL)))
        fail("pthread_create");

    printf("blocking in %ld\n", call->number);
    say("ready");
    int64_t start = now();
    long result = call->block();
    int error = errno;
    int64_t end = now();

    call->clean_up();
    judge(call, result, error, start, end);
    if (accompanied)
        dismiss(companion);
    if (child) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    check_code();
    check_thread();
    say("as it should be");
    return 0;
}
