/*
 * A program with BLOCKS * 64 KB of code that tells what it observes. Its arguments are commands, done in order:
 *
 *   check            calls every block of code and compares the whole text in memory with the file
 *   hold             prints "ready" and waits for the end of its standard input
 *   threads N        N threads, each calling every block at the same time
 *   fork N           N children, each doing what check does
 *   forked           has a child do the rest and exits as it does
 *   signals          prints the name of each signal that arrives until the end of its standard input, then the counts
 *   mute             prints nothing from here on
 *   say WORD         prints WORD
 *   touch FILE       creates FILE
 *   state            prints what it inherited
 *   ids              prints what it may do
 *   mask             prints which signals are blocked
 *   tell-parent N    sends its parent signal N
 *   seal             seals its own code against every change (mseal)
 *   names            prints the name that its mappings give the code, and whether it is the program's file
 *   exit N, raise N  ends
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK_SIZE 65536

extern char code_blocks[];

static void fail(const char *what)
{
    printf("%s: %s\n", what, strerror(errno));
    exit(99);
}

/* ---- the code */

static uint32_t call_blocks(void)
{
    uint32_t sum = 0;
    for (uint32_t n = 0; n < BLOCKS; n++) {
        uint32_t (*block)(void) = (uint32_t(*)(void))(uintptr_t)(code_blocks + (size_t)n * BLOCK_SIZE);
        uint32_t result = block();
        if (result != ((n * 2654435761U) ^ n)) {
            printf("block %u returned %u\n", n, result);
            exit(98);
        }
        sum = sum * 31 + result;
    }
    return sum;
}

/* Compares the executable segments of the main program, which dl_iterate_phdr lists first, with its file. */
static int compare_text(struct dl_phdr_info *info, size_t size, void *bytes)
{
    (void)size;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        fail("/proc/self/exe");
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X))
            continue;
        const char *memory = (const char *)(info->dlpi_addr + segment->p_vaddr);
        static char chunk[1 << 16];
        for (size_t at = 0; at < segment->p_filesz;) {
            size_t wanted = segment->p_filesz - at < sizeof chunk ? segment->p_filesz - at : sizeof chunk;
            ssize_t got = pread(file, chunk, wanted, (off_t)(segment->p_offset + at));
            if (got <= 0)
                fail("read");
            if (memcmp(chunk, memory + at, (size_t)got) != 0) {
                printf("text differs from the file at %zu\n", at);
                exit(97);
            }
            at += (size_t)got;
        }
        *(size_t *)bytes += segment->p_filesz;
    }
    close(file);
    return 1;
}

static void check(void)
{
    size_t bytes = 0;
    uint32_t sum = call_blocks();
    dl_iterate_phdr(compare_text, &bytes);
    printf("%zu bytes of text as in the file, calls sum up to %u\n", bytes, sum);
}

/* ---- threads, children */

static pthread_barrier_t barrier;

static void *call_in_thread(void *sum)
{
    pthread_barrier_wait(&barrier);
    for (int round = 0; round < 20; round++)
        *(uint32_t *)sum += call_blocks();
    return NULL;
}

static void threads(int count)
{
    pthread_t thread[count];
    uint32_t sum[count];
    uint32_t all = 0;
    pthread_barrier_init(&barrier, NULL, (unsigned)count);
    for (int i = 0; i < count; i++) {
        sum[i] = 0;
        if ((errno = pthread_create(&thread[i], NULL, call_in_thread, &sum[i])))
            fail("pthread_create");
    }
    for (int i = 0; i < count; i++) {
        pthread_join(thread[i], NULL);
        all += sum[i];
    }
    printf("%d threads sum up to %u\n", count, all);
}

static void children(int count)
{
    fflush(stdout);
    for (int i = 0; i < count; i++) {
        pid_t child = fork();
        if (child < 0)
            fail("fork");
        if (child == 0) {
            check();
            exit(10 + i);
        }
        int status;
        waitpid(child, &status, 0);
        printf("child %d exited with %d\n", i, WEXITSTATUS(status));
        fflush(stdout);
    }
}

/* Returns in the child only. */
static void leave_the_rest_to_a_child(void)
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0)
        return;
    waitpid(child, &status, 0);
    exit(WEXITSTATUS(status));
}

/* ---- waiting, signals */

static void say_ready(void)
{
    puts("ready");
    fflush(stdout);
}

static void hold(void)
{
    char byte;
    say_ready();
    while (read(STDIN_FILENO, &byte, 1) > 0 || errno == EINTR)
        errno = 0;
}

static int arrivals[2];

static void arrived(int number)
{
    char byte = (char)number;
    if (write(arrivals[1], &byte, 1) != 1)
        _exit(96);
}

static void signals(void)
{
    static const int watched[] = {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGCONT, SIGWINCH};
    int counts[_NSIG] = {0};
    if (pipe2(arrivals, O_CLOEXEC))
        fail("pipe");
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        struct sigaction action = {.sa_handler = arrived, .sa_flags = SA_RESTART};
        sigaction(watched[i], &action, NULL);
    }
    say_ready();
    struct pollfd inputs[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = arrivals[0], .events = POLLIN}};
    for (;;) {
        char byte;
        if (poll(inputs, 2, -1) < 0)
            continue;
        if (inputs[1].revents) {
            if (read(arrivals[0], &byte, 1) == 1) {
                counts[(int)byte]++;
                printf("%s\n", sigabbrev_np(byte));
                fflush(stdout);
            }
        } else if (inputs[0].revents && read(STDIN_FILENO, &byte, 1) <= 0) {
            break;
        }
    }
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++)
        if (counts[watched[i]])
            printf("%s %d times\n", sigabbrev_np(watched[i]), counts[watched[i]]);
}

/* ---- what was inherited */

static void print_lines(const char *file, const char *const *keys)
{
    char line[4096];
    FILE *in = fopen(file, "re");
    if (!in)
        fail(file);
    while (fgets(line, sizeof line, in))
        for (const char *const *key = keys; *key; key++)
            if (strncmp(line, *key, strlen(*key)) == 0)
                printf("%s", line);
    fclose(in);
}

static void print_whole(const char *file)
{
    char text[4096];
    int in = open(file, O_RDONLY | O_CLOEXEC);
    ssize_t length = in < 0 ? -1 : read(in, text, sizeof text);
    printf("%s: ", file);
    for (ssize_t i = 0; i < length; i++)
        printf(text[i] >= ' ' && text[i] <= '~' ? "%c" : "\\x%02x", (unsigned char)text[i]);
    putchar('\n');
    close(in);
}

static void print_bytes(const char *label, const char *bytes)
{
    printf("%s ", label);
    for (; *bytes; bytes++)
        printf(*bytes >= ' ' && *bytes <= '~' && *bytes != '\\' ? "%c" : "\\x%02x", (unsigned char)*bytes);
    putchar('\n');
}

static void print_descriptors(void)
{
    for (int fd = 0; fd < 1024; fd++) {
        struct stat file;
        if (fstat(fd, &file))
            continue;
        printf("descriptor %d type %o flags %o fd flags %d", fd, file.st_mode & S_IFMT, fcntl(fd, F_GETFL),
               fcntl(fd, F_GETFD));
        if (fd > 2)
            printf(" file %lu:%lu offset %ld", file.st_dev, file.st_ino, (long)lseek(fd, 0, SEEK_CUR));
        putchar('\n');
    }
}

static void state(char **argv, char **environment)
{
    static const char *const status[] = {
        "Name:",   "Umask:",  "TracerPid:", "Uid:",    "Gid:",    "Groups:", "Threads:", "SigPnd:",     "ShdPnd:",
        "SigBlk:", "SigCgt:",    "CapInh:", "CapPrm:", "CapEff:", "CapBnd:",  "CapAmb:",     "NoNewPrivs:",
        "Seccomp:", "Seccomp_filters:", "Cpus_allowed:", "Mems_allowed:", "THP_enabled:", "Speculation_Store_Bypass:", NULL};
    char directory[PATH_MAX];
    print_descriptors();
    for (int i = 0; argv[i]; i++)
        print_bytes("argument", argv[i]);
    for (int i = 0; environment[i]; i++)
        print_bytes("variable", environment[i]);
    print_lines("/proc/self/status", status);
    print_whole("/proc/self/coredump_filter");
    print_whole("/proc/self/oom_score_adj");
    print_whole("/proc/self/timerslack_ns");
    print_whole("/proc/self/comm");
    print_whole("/proc/self/cmdline");
    print_whole("/proc/self/cgroup");
    for (int limit = 0; limit < RLIM_NLIMITS; limit++) {
        struct rlimit value;
        getrlimit((__rlimit_resource_t)limit, &value);
        printf("limit %d: %lx %lx\n", limit, value.rlim_cur, value.rlim_max);
    }
    for (int number = 1; number < _NSIG; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
            printf("signal %d ignored\n", number);
    }
    printf("directory %s\n", getcwd(directory, sizeof directory));
    printf("executed as %s\n", (char *)getauxval(AT_EXECFN));
    printf("secure %lu\n", getauxval(AT_SECURE));
    printf("nice %d, personality %x\n", getpriority(PRIO_PROCESS, 0), personality(0xffffffff));
    printf("group %d, session %d\n", getpgrp(), getsid(0));
    int death_signal = -1;
    prctl(PR_GET_PDEATHSIG, &death_signal);
    printf("dumpable %d, parent death signal %d\n", prctl(PR_GET_DUMPABLE), death_signal);
}

static void ids(void)
{
    static const char *const status[] = {"CapEff:", "CapPrm:", "TracerPid:", NULL};
    uid_t real, effective, saved;
    gid_t group, effective_group, saved_group;
    getresuid(&real, &effective, &saved);
    getresgid(&group, &effective_group, &saved_group);
    printf("users %u %u %u groups %u %u %u secure %lu\n", real, effective, saved, group, effective_group, saved_group,
           getauxval(AT_SECURE));
    print_lines("/proc/self/status", status);
}

static void mask(void)
{
    static const char *const status[] = {"SigBlk:", NULL};
    print_lines("/proc/self/status", status);
}

/* ---- its own mappings */

#ifndef SYS_mseal
#define SYS_mseal 462
#endif

static void seal(void)
{
    if (syscall(SYS_mseal, code_blocks, (size_t)BLOCKS * BLOCK_SIZE, 0))
        fail("mseal");
    puts("sealed");
}

/* The mapping in the middle of the code, which is surely part of a whole 2 MB block. */
static void names(void)
{
    uintptr_t address = (uintptr_t)code_blocks + (size_t)BLOCKS / 2 * BLOCK_SIZE;
    char line[4096], own[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    FILE *in = fopen("/proc/self/maps", "re");
    if (!in || length < 0)
        fail("/proc/self");
    own[length] = 0;
    while (fgets(line, sizeof line, in)) {
        unsigned long start, end;
        int name = 0;
        if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %n", &start, &end, &name) < 2 || address < start || address >= end)
            continue;
        line[strcspn(line, "\n")] = 0;
        const char *text = name ? line + name : "";
        puts(!strcmp(text, own) ? "code of its file" : !strncmp(text, "/anon_hugepage", 14) ? "code of the pool" : "code of nobody");
    }
    fclose(in);
}

/* Grandchildren whose parents end first; tells whether anybody has waited for them when they have ended, too. */
static void orphans(int count)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        fail("pipe2");
    for (int i = 0; i < count; i++) {
        pid_t child = fork();
        if (child < 0)
            fail("fork");
        if (child == 0) {
            pid_t orphan = fork();
            if (orphan == 0)
                _exit(0);
            _exit(write(ends[1], &orphan, sizeof orphan) != sizeof orphan);
        }
        if (waitpid(child, NULL, 0) != child)
            fail("waitpid");
        pid_t orphan;
        if (read(ends[0], &orphan, sizeof orphan) != sizeof orphan || orphan < 0)
            fail("fork");
        for (int tries = 0; kill(orphan, 0) == 0; tries++) {
            if (tries == 5000) {
                puts("an orphan is left");
                return;
            }
            usleep(1000);
        }
    }
    close(ends[0]);
    close(ends[1]);
    puts("no orphan is left");
}

static void mute(void)
{
    if (!freopen("/dev/null", "w", stdout))
        exit(99);
}

int main(int argc, char **argv, char **environment)
{
    (void)argc;
    for (int i = 1; argv[i]; i++) {
        const char *command = argv[i];
        if (!strcmp(command, "check"))
            check();
        else if (!strcmp(command, "hold"))
            hold();
        else if (!strcmp(command, "forked"))
            leave_the_rest_to_a_child();
        else if (!strcmp(command, "signals"))
            signals();
        else if (!strcmp(command, "ids"))
            ids();
        else if (!strcmp(command, "mask"))
            mask();
        else if (!strcmp(command, "mute"))
            mute();
        else if (!strcmp(command, "seal"))
            seal();
        else if (!strcmp(command, "names"))
            names();
        else if (!strcmp(command, "state")) {
            state(argv, environment);
            break;
        } else if (!argv[i + 1]) {
            printf("%s: an argument is missing\n", command);
            return 95;
        } else if (!strcmp(command, "threads"))
            threads(atoi(argv[++i]));
        else if (!strcmp(command, "fork"))
            children(atoi(argv[++i]));
        else if (!strcmp(command, "orphans"))
            orphans(atoi(argv[++i]));
        else if (!strcmp(command, "say"))
            puts(argv[++i]);
        else if (!strcmp(command, "touch"))
            close(open(argv[++i], O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        else if (!strcmp(command, "tell-parent"))
            kill(getppid(), atoi(argv[++i]));
        else if (!strcmp(command, "exit"))
            return atoi(argv[++i]);
        else if (!strcmp(command, "raise")) {
            fflush(stdout);
            raise(atoi(argv[++i]));
        } else {
            printf("%s: no such command\n", command);
            return 95;
        }
    }
    return 0;
}
