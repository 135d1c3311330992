/*
 * Tells all that a program can see of the world that it was started in: world FILE [ARGUMENT...] appends it to FILE, a line
 * for each thing. What is compared is everything between "world" and "end of world"; "text" tells on which pages the code
 * stands.
 *
 * Left out, because it differs from run to run or because it has to differ where a tracer is the parent:
 *   process ids       the program's, its parent's and its thread's; groups and sessions are told as numbers that the reader
 *                     replaces, since the one who starts a session is the process that was started
 *   addresses         random, and therefore told only where randomisation is off
 *   times             start, processor time and resource usage; the remaining time of a timer is told in hundreds of seconds
 *   memory sizes      the swapped code counts as another kind of memory, which is the purpose
 *   offset of stderr  who tells a reason there moves it
 *   FDSize            how many descriptors the kernel has room for before it has to enlarge its table
 *   SigQ              how many signals are queued for all processes of the user
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define BLOCK_SIZE 65536
#define HUGE_PAGE (2UL << 20)
#define SIGNALS 64
#define LIMITS 16
#define DESCRIPTORS 4096

extern char code_blocks[];
extern char **environ;

static FILE *out;

static void print_bytes(const char *label, const char *bytes, size_t length)
{
    fprintf(out, "%s ", label);
    for (size_t i = 0; i < length; i++)
        fprintf(out, "%02x", (unsigned char)bytes[i]);
    fprintf(out, " |");
    for (size_t i = 0; i < length; i++)
        fputc(bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : '.', out);
    fprintf(out, "|\n");
}

static void print_string(const char *label, const char *string)
{
    print_bytes(label, string, strlen(string));
}

static void print_result(const char *label, long result)
{
    if (result < 0)
        fprintf(out, "%s: %s\n", label, strerrorname_np(errno));
    else
        fprintf(out, "%s: %ld\n", label, result);
}

/* ---- descriptors, before any is opened here */

static void print_descriptors(void)
{
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        char link[64], target[PATH_MAX + 1];
        struct stat file;
        int flags = fcntl(fd, F_GETFD);
        if (flags < 0)
            continue;
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(link, target, sizeof target - 1);
        target[length < 0 ? 0 : length] = 0;
        memset(&file, 0, sizeof file);
        if (fstat(fd, &file))
            fprintf(out, "descriptor %d fstat: %s\n", fd, strerrorname_np(errno));
        fprintf(out, "descriptor %d: fd flags %d, status flags %o, offset %ld, %s, type %o, file %lx:%lu, tty %d, owner %d signal %d\n",
                fd, flags, fcntl(fd, F_GETFL), fd == STDERR_FILENO ? 0 : (long)lseek(fd, 0, SEEK_CUR), target, file.st_mode & S_IFMT,
                file.st_dev, file.st_ino, isatty(fd), fcntl(fd, F_GETOWN), fcntl(fd, F_GETSIG));
    }
}

/* ---- signals, by system calls: the C library hides two of them */

struct kernel_sigaction {
    uintptr_t handler;
    unsigned long flags;
    uintptr_t restorer;
    uint64_t mask;
};

static void print_signals(void)
{
    uint64_t blocked = 0, pending = 0;
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &blocked, sizeof blocked);
    syscall(SYS_rt_sigpending, &pending, sizeof pending);
    fprintf(out, "blocked signals: %016lx\npending signals: %016lx\n", blocked, pending);
    for (int number = 1; number <= SIGNALS; number++) {
        struct kernel_sigaction action = {0};
        if (syscall(SYS_rt_sigaction, number, NULL, &action, sizeof action.mask))
            fprintf(out, "signal %d: %s\n", number, strerrorname_np(errno));
        else
            fprintf(out, "signal %d: %s, flags %lx, mask %lx\n", number,
                    action.handler == (uintptr_t)SIG_DFL   ? "default"
                    : action.handler == (uintptr_t)SIG_IGN ? "ignored"
                                                           : "handled",
                    action.flags, action.mask);
    }
    stack_t stack;
    sigaltstack(NULL, &stack);
    fprintf(out, "alternate stack: flags %d, %zu bytes\n", stack.ss_flags, stack.ss_size);
}

/* Fetches what is pending: how it was sent, not by whom. */
static void print_pending(void)
{
    uint64_t pending = 0;
    struct timespec now = {0, 0};
    siginfo_t info;
    syscall(SYS_rt_sigpending, &pending, sizeof pending);
    while (syscall(SYS_rt_sigtimedwait, &pending, &info, &now, sizeof pending) > 0)
        fprintf(out, "pending: signal %d, code %d, value %d\n", info.si_signo, info.si_code,
                info.si_code == SI_QUEUE ? info.si_value.sival_int : 0);
}

/* ---- what /proc tells */

static const char *const left_out_of_status[] = {
    "Tgid:", "Pid:", "PPid:", "Ngid:", "NStgid:", "NSpid:", "NSpgid:", "NSsid:", "FDSize:", "SigQ:", "State:",
    "Vm", "Rss", "HugetlbPages:", "voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:", NULL};

static void print_status(void)
{
    char line[4096];
    FILE *in = fopen("/proc/self/status", "re");
    while (in && fgets(line, sizeof line, in)) {
        const char *const *left_out = left_out_of_status;
        while (*left_out && strncmp(line, *left_out, strlen(*left_out)))
            left_out++;
        if (!*left_out)
            fprintf(out, "status %s", line);
    }
    if (in)
        fclose(in);
    else
        print_result("status", -1);
}

static void print_file(const char *name)
{
    static char text[1 << 16];
    char label[300];
    int in = open(name, O_RDONLY | O_CLOEXEC);
    ssize_t length = in < 0 ? -1 : read(in, text, sizeof text);
    snprintf(label, sizeof label, "file %s", name);
    if (length < 0)
        print_result(label, -1);
    else
        print_bytes(label, text, (size_t)length);
    if (in >= 0)
        close(in);
}

static void print_link(const char *name)
{
    char target[PATH_MAX + 1];
    struct stat file;
    ssize_t length = readlink(name, target, sizeof target - 1);
    target[length < 0 ? 0 : length] = 0;
    if (stat(name, &file))
        memset(&file, 0, sizeof file);
    fprintf(out, "link %s: %s, file %lx:%lu\n", name, target, file.st_dev, file.st_ino);
}

static int compare_names(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

static void print_namespaces(void)
{
    char *names[64];
    int count = 0;
    DIR *directory = opendir("/proc/self/ns");
    for (struct dirent *entry; directory && count < 64 && (entry = readdir(directory));)
        if (entry->d_name[0] != '.')
            names[count++] = strdup(entry->d_name);
    if (directory)
        closedir(directory);
    qsort(names, (size_t)count, sizeof *names, compare_names);
    for (int i = 0; i < count; i++) {
        char path[300];
        snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
        print_link(path);
    }
}

static void print_children(void)
{
    char children[64], listed[256] = "";
    snprintf(children, sizeof children, "/proc/self/task/%d/children", getpid());
    FILE *in = fopen(children, "re");
    if (in && fgets(listed, sizeof listed, in))
        fprintf(out, "children: %s\n", listed);
    if (in)
        fclose(in);
}

/* ---- the auxiliary vector */

static int is_address(unsigned long type)
{
    return type == AT_PHDR || type == AT_BASE || type == AT_ENTRY || type == AT_SYSINFO_EHDR || type == AT_RANDOM ||
           type == AT_EXECFN || type == AT_PLATFORM || type == AT_BASE_PLATFORM;
}

static void print_auxiliary_vector(char **environment, int not_random)
{
    while (*environment)
        environment++;
    for (const Elf64_auxv_t *entry = (const Elf64_auxv_t *)(environment + 1); entry->a_type != AT_NULL; entry++) {
        if (!is_address(entry->a_type) || not_random)
            fprintf(out, "auxiliary %lu: %lx\n", entry->a_type, entry->a_un.a_val);
        else
            fprintf(out, "auxiliary %lu: an address\n", entry->a_type);
    }
    print_string("executed as", (const char *)getauxval(AT_EXECFN));
    print_string("platform", (const char *)getauxval(AT_PLATFORM));
    if (not_random)
        fprintf(out, "addresses: stack %p, code %p\n", (void *)environment, (void *)code_blocks);
}

/* ---- attributes */

static void print_prctl(const char *label, int option, unsigned long argument)
{
    print_result(label, prctl(option, argument, 0, 0, 0));
}

static void print_attributes(void)
{
    int number = -1;
    prctl(PR_GET_PDEATHSIG, &number);
    fprintf(out, "parent death signal: %d\n", number);
    number = -1;
    prctl(PR_GET_CHILD_SUBREAPER, &number);
    fprintf(out, "child subreaper: %d\n", number);
    number = -1;
    prctl(PR_GET_TSC, &number);
    fprintf(out, "time stamp counter: %d\n", number);
    print_prctl("dumpable", PR_GET_DUMPABLE, 0);
    print_prctl("no new privileges", PR_GET_NO_NEW_PRIVS, 0);
    print_prctl("keep capabilities", PR_GET_KEEPCAPS, 0);
    print_prctl("secure bits", PR_GET_SECUREBITS, 0);
    print_prctl("timer slack", PR_GET_TIMERSLACK, 0);
    print_prctl("thp disabled", PR_GET_THP_DISABLE, 0);
    print_prctl("memory deny write execute", 66 /* PR_GET_MDWE, linux/prctl.h of 6.3 */, 0);
    print_prctl("io flusher", PR_GET_IO_FLUSHER, 0);
    print_prctl("machine check", PR_MCE_KILL_GET, 0);
    print_prctl("seccomp", PR_GET_SECCOMP, 0);
    print_prctl("memory merge", 68 /* PR_GET_MEMORY_MERGE, linux/prctl.h of 6.4 */, 0);
    for (unsigned long which = 0; which < 3; which++) {
        char label[64];
        snprintf(label, sizeof label, "speculation %lu", which);
        print_prctl(label, PR_GET_SPECULATION_CTRL, which);
    }
    print_result("cpuid", syscall(SYS_arch_prctl, 0x1011 /* ARCH_GET_CPUID, asm/prctl.h */, 0));
    fprintf(out, "personality: %x\n", personality(0xffffffff));
}

static void print_scheduling(void)
{
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
        uint32_t util_min, util_max;
    } attributes = {0};
    errno = 0;
    fprintf(out, "nice: %d\n", getpriority(PRIO_PROCESS, 0));
    print_result("scheduling", syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0));
    fprintf(out, "scheduling: policy %u, flags %lx, nice %d, priority %u, runtime %lu, deadline %lu, period %lu, clamp %u %u\n",
            attributes.policy, attributes.flags, attributes.nice, attributes.priority, attributes.runtime,
            attributes.deadline, attributes.period, attributes.util_min, attributes.util_max);
    print_result("io priority", syscall(SYS_ioprio_get, 1, 0));
    unsigned long cpus[16] = {0};
    print_result("affinity", syscall(SYS_sched_getaffinity, 0, sizeof cpus, cpus));
    print_bytes("cpus", (const char *)cpus, sizeof cpus);
    unsigned long nodes[16] = {0};
    int policy = -1;
    print_result("memory policy", syscall(SYS_get_mempolicy, &policy, nodes, sizeof nodes * 8, NULL, 0));
    fprintf(out, "memory policy: %d\n", policy);
    print_bytes("nodes", (const char *)nodes, sizeof nodes);
}

static void print_limits(void)
{
    for (int resource = 0; resource < LIMITS; resource++) {
        struct rlimit limit = {0, 0};
        syscall(SYS_prlimit64, 0, resource, NULL, &limit);
        fprintf(out, "limit %d: %lx %lx\n", resource, limit.rlim_cur, limit.rlim_max);
    }
}

static void print_timers(void)
{
    for (int which = 0; which < 3; which++) {
        struct itimerval timer = {0};
        getitimer((__itimer_which_t)which, &timer);
        fprintf(out, "timer %d: in hundreds of seconds %ld, interval %ld.%06ld\n", which,
                (long)(timer.it_value.tv_sec + 99) / 100, (long)timer.it_interval.tv_sec, (long)timer.it_interval.tv_usec);
    }
}

static void print_ids(void)
{
    uid_t real, effective, saved;
    gid_t group, effective_group, saved_group;
    gid_t groups[1024];
    getresuid(&real, &effective, &saved);
    getresgid(&group, &effective_group, &saved_group);
    fprintf(out, "users: %u %u %u\ngroups: %u %u %u\n", real, effective, saved, group, effective_group, saved_group);
    int count = getgroups(1024, groups);
    fprintf(out, "supplementary groups:");
    for (int i = 0; i < count; i++)
        fprintf(out, " %u", groups[i]);
    fputc('\n', out);
}

static void print_session(void)
{
    int terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
    fprintf(out, "session: process %d\nprocess group: process %d\n", getsid(0), getpgrp());
    print_result("controlling terminal", terminal < 0 ? -1 : 0);
    if (terminal >= 0) {
        struct winsize size;
        memset(&size, 0, sizeof size);
        ioctl(terminal, TIOCGWINSZ, &size);
        fprintf(out, "foreground group: process %d\nwindow: %d x %d\n", tcgetpgrp(terminal), size.ws_row, size.ws_col);
        close(terminal);
    }
    /* the sixth and seventh: controlling terminal and its foreground group, also where /dev/tty cannot be opened */
    char stat[1024];
    FILE *in = fopen("/proc/self/stat", "re");
    if (in && fgets(stat, sizeof stat, in)) {
        int device, foreground;
        if (sscanf(strrchr(stat, ')') + 2, "%*c %*d %*d %*d %d %d", &device, &foreground) == 2)
            fprintf(out, "terminal device: %x, foreground group: process %d\n", device, foreground);
    }
    if (in)
        fclose(in);
}

static void print_umask(void)
{
    mode_t mask = umask(0);
    umask(mask);
    fprintf(out, "umask: %o\n", mask);
}

/* ---- the code */

static void check_code(void)
{
    for (uint32_t n = 0; n < BLOCKS; n++) {
        uint32_t (*block)(void) = (uint32_t(*)(void))(uintptr_t)(code_blocks + (size_t)n * BLOCK_SIZE);
        if (block() != ((n * 2654435761U) ^ n))
            fprintf(out, "code: block %u is broken\n", n);
    }
}

/* How much of the code in whole 2 MB blocks there is, and how much of that stands on huge pages of which kind. */
static void print_text(void)
{
    unsigned long start = ((uintptr_t)code_blocks + HUGE_PAGE - 1) & -HUGE_PAGE;
    unsigned long end = ((uintptr_t)code_blocks + (size_t)BLOCKS * BLOCK_SIZE) & -HUGE_PAGE;
    unsigned long hugetlb = 0, transparent = 0, from = 0, to = 0, number;
    char line[4096];
    FILE *in = fopen("/proc/self/smaps", "re");
    while (in && fgets(line, sizeof line, in)) {
        unsigned long mapping_start, mapping_end;
        if (sscanf(line, "%lx-%lx r-xp", &mapping_start, &mapping_end) == 2 && strstr(line, " r-xp ")) {
            from = mapping_start > start ? mapping_start : start;
            to = mapping_end < end ? mapping_end : end;
        } else if (sscanf(line, "%lx-%lx ", &mapping_start, &mapping_end) == 2) {
            from = to = 0;
        } else if (sscanf(line, "KernelPageSize: %lu kB", &number) == 1 && from < to && number == HUGE_PAGE >> 10) {
            hugetlb += (to - from) >> 10;
        } else if (sscanf(line, "AnonHugePages: %lu kB", &number) == 1 && from < to) {
            /* The mapping may hold a block with other code, as the load address has it. */
            transparent += number < (to - from) >> 10 ? number : (to - from) >> 10;
        }
    }
    if (in)
        fclose(in);
    fprintf(out, "text: %lu kB in whole blocks, %lu kB hugetlb, %lu kB thp\n", end > start ? (end - start) >> 10 : 0,
            hugetlb, transparent);
}

int main(int argc, char **argv)
{
    static const char *const files[] = {
        "/proc/self/coredump_filter", "/proc/self/oom_score_adj", "/proc/self/timerslack_ns", "/proc/self/comm",
        "/proc/self/cmdline", "/proc/self/environ", "/proc/self/cgroup", "/proc/self/loginuid", "/proc/self/sessionid",
        "/proc/self/attr/current", "/proc/self/uid_map", "/proc/self/gid_map", "/proc/self/setgroups",
        "/proc/self/cpuset", "/proc/self/personality", "/proc/self/timers", NULL};
    char *text;
    size_t length;
    if (argc < 2)
        return 2;
    int not_random = (personality(0xffffffff) & ADDR_NO_RANDOMIZE) != 0;
    out = open_memstream(&text, &length);
    if (!out)
        return 3;
    fprintf(out, "world\n");
    print_descriptors();
    print_signals();
    fprintf(out, "arguments: %d\n", argc);
    for (int i = 0; i < argc; i++)
        print_string("argument", argv[i]);
    for (char **variable = environ; *variable; variable++)
        print_string("variable", *variable);
    print_auxiliary_vector(environ, not_random);
    print_status();
    for (const char *const *file = files; *file; file++)
        print_file(*file);
    print_link("/proc/self/exe");
    print_link("/proc/self/cwd");
    print_link("/proc/self/root");
    print_link(".");
    print_namespaces();
    print_children();
    print_umask();
    print_limits();
    print_attributes();
    print_scheduling();
    print_timers();
    print_ids();
    print_session();
    print_pending();
    check_code();
    fprintf(out, "end of world\n");
    print_text();
    fclose(out);

    int file = open(argv[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return 4;
    for (size_t at = 0; at < length;) {
        ssize_t written = write(file, text + at, length - at);
        if (written <= 0)
            return 5;
        at += (size_t)written;
    }
    return 0;
}
