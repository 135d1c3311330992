/*
 * Starts several commands, one after the other, from one and the same state:
 *
 *   start FILE [SETTING [VALUE...]]... :: COMMAND... [:: COMMAND...]...
 *
 * The descriptors that the settings open are opened once, so that each command inherits the very same ones; everything
 * else is set anew in the process that becomes the command. FILE gets a line "started PID" before each command and a line
 * "ended exited|killed NUMBER" after it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIGNALS 64
#define MOST 512

extern char **environ;

static char *more_arguments[MOST];
static int more_arguments_count;
static const char *terminal;

static void fail(const char *what)
{
    perror(what);
    _exit(111);
}

static void must(const char *what, long result)
{
    if (result < 0)
        fail(what);
}

static long number(const char *text)
{
    return strtol(text, NULL, 0);
}

/* Bytes in hexadecimal digits. */
static char *bytes(const char *hex)
{
    size_t length = strlen(hex) / 2;
    char *result = calloc(1, length + 1);
    for (size_t i = 0; i < length; i++) {
        char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};
        result[i] = (char)strtol(digits, NULL, 16);
    }
    return result;
}

/* ---- settings of what all commands share */

static void move(int from, int to)
{
    if (from == to)
        return;
    must("dup2", dup2(from, to));
    close(from);
}

static void open_file(char **values)
{
    int fd = open(values[1], (int)number(values[2]), 0600);
    must(values[1], fd);
    move(fd, (int)number(values[0]));
}

static void seek(char **values)
{
    must("lseek", lseek((int)number(values[0]), number(values[1]), SEEK_SET));
}

static void open_pipe(char **values)
{
    int ends[2];
    must("pipe", pipe(ends));
    int writing = fcntl(ends[1], F_DUPFD, 500);
    close(ends[1]);
    move(ends[0], (int)number(values[0]));
    move(writing, (int)number(values[1]));
}

static void open_sockets(char **values)
{
    int ends[2];
    must("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    int other = fcntl(ends[1], F_DUPFD, 500);
    close(ends[1]);
    move(ends[0], (int)number(values[0]));
    move(other, (int)number(values[1]));
}

static void close_descriptor(char **values)
{
    must("close", close((int)number(values[0])));
}

static void change_directory(char **values)
{
    must(values[0], chdir(values[0]));
}

static void lose_directory(char **values)
{
    must(values[0], mkdir(values[0], 0700));
    must(values[0], chdir(values[0]));
    must(values[0], rmdir(values[0]));
}

/* The other end stays open here and is never read: what is written to it has to be short. */
static void make_terminal(char **values)
{
    (void)values;
    int other = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    must("posix_openpt", other);
    must("grantpt", grantpt(other));
    must("unlockpt", unlockpt(other));
    struct winsize size = {.ws_row = 33, .ws_col = 99};
    must("TIOCSWINSZ", ioctl(other, TIOCSWINSZ, &size));
    terminal = strdup(ptsname(other));
    must("dup", fcntl(other, F_DUPFD_CLOEXEC, 700));
    close(other);
}

/* ---- settings of each command's own */

static void use_terminal(void)
{
    must("setsid", setsid());
    int fd = open(terminal, O_RDWR);
    must(terminal, fd);
    must("TIOCSCTTY", ioctl(fd, TIOCSCTTY, 0));
    for (int standard = 0; standard < 3; standard++)
        must("dup2", dup2(fd, standard));
    if (fd > 2)
        close(fd);
}

static void new_session(char **values)
{
    (void)values;
    must("setsid", setsid());
}

static void new_group(char **values)
{
    (void)values;
    must("setpgid", setpgid(0, 0));
}

static void set_umask(char **values)
{
    umask((mode_t)strtol(values[0], NULL, 8));
}

/* Signal 0 stands for all. By system calls, because the C library protects two of them. */
static void for_signals(const char *which, void (*action)(int))
{
    int wanted = (int)number(which);
    for (int signal = 1; signal <= SIGNALS; signal++)
        if (wanted == signal || (wanted == 0 && signal != SIGKILL && signal != SIGSTOP))
            action(signal);
}

static void block_one(int signal)
{
    uint64_t mask = 1UL << (signal - 1);
    must("rt_sigprocmask", syscall(SYS_rt_sigprocmask, SIG_BLOCK, &mask, NULL, sizeof mask));
}

static void block(char **values)
{
    for_signals(values[0], block_one);
}

static void ignore_one(int signal)
{
    struct {
        uintptr_t handler;
        unsigned long flags;
        uintptr_t restorer;
        uint64_t mask;
    } action = {(uintptr_t)SIG_IGN, 0, 0, 0};
    must("rt_sigaction", syscall(SYS_rt_sigaction, signal, &action, NULL, sizeof action.mask));
}

static void ignore(char **values)
{
    for_signals(values[0], ignore_one);
}

static void send_signal(char **values)
{
    must("kill", kill(getpid(), (int)number(values[0])));
}

static void queue(char **values)
{
    union sigval value = {.sival_int = (int)number(values[1])};
    must("sigqueue", sigqueue(getpid(), (int)number(values[0]), value));
}

static void set_limit(char **values)
{
    struct rlimit limit = {(rlim_t)number(values[1]), (rlim_t)number(values[2])};
    must("setrlimit", setrlimit((__rlimit_resource_t)number(values[0]), &limit));
}

static void set_timer(char **values)
{
    struct itimerval timer = {{number(values[2]), 0}, {number(values[1]), 0}};
    must("setitimer", setitimer((__itimer_which_t)number(values[0]), &timer, NULL));
}

static void set_by_prctl(char **values)
{
    must("prctl", prctl((int)number(values[0]), number(values[1]), 0, 0, 0));
}

static void set_personality(char **values)
{
    must("personality", personality((unsigned long)number(values[0])));
}

static void set_memory_policy(char **values)
{
    unsigned long nodes = 1;
    must("set_mempolicy", syscall(SYS_set_mempolicy, number(values[0]), &nodes, sizeof nodes * 8));
}

static void set_io_priority(char **values)
{
    must("ioprio_set", syscall(SYS_ioprio_set, 1, 0, number(values[0])));
}

static void set_nice(char **values)
{
    must("setpriority", setpriority(PRIO_PROCESS, 0, (int)number(values[0])));
}

static void set_scheduling(char **values)
{
    struct sched_param param = {.sched_priority = (int)number(values[1])};
    must("sched_setscheduler", sched_setscheduler(0, (int)number(values[0]), &param));
}

static void write_file(char **values)
{
    int file = open(values[0], O_WRONLY | O_CLOEXEC);
    must(values[0], file);
    must(values[0], write(file, values[1], strlen(values[1])));
    close(file);
}

static void clear_environment(char **values)
{
    (void)values;
    static char *nothing[] = {NULL};
    environ = nothing;
}

/* Appends a string as it is: without '=', twice, no text. */
static void add_to_environment(char **values)
{
    size_t count = 0;
    while (environ[count])
        count++;
    char **more = calloc(count + 2, sizeof *more);
    memcpy(more, environ, count * sizeof *more);
    more[count] = bytes(values[0]);
    environ = more;
}

static void add_large_variable(char **values)
{
    size_t length = (size_t)number(values[0]);
    char *hex = calloc(1, 2 * (length + 4) + 1);
    memcpy(hex, "4c4f4e473d", 10); /* LONG= */
    for (size_t i = 5; i < length; i++)
        memcpy(hex + 2 * i, i % 2 ? "61" : "ff", 2);
    char *all[] = {hex};
    add_to_environment(all);
    free(hex);
}

static void add_argument(char **values)
{
    if (more_arguments_count < MOST)
        more_arguments[more_arguments_count++] = bytes(values[0]);
}

static const struct setting {
    const char *name;
    int values;
    int shared;
    void (*set)(char **values);
} settings[] = {
    {"open", 3, 1, open_file},
    {"seek", 2, 1, seek},
    {"pipe", 2, 1, open_pipe},
    {"sockets", 2, 1, open_sockets},
    {"close", 1, 0, close_descriptor},
    {"directory", 1, 1, change_directory},
    {"lost-directory", 1, 1, lose_directory},
    {"terminal", 0, 1, make_terminal},
    {"session", 0, 0, new_session},
    {"group", 0, 0, new_group},
    {"umask", 1, 0, set_umask},
    {"block", 1, 0, block},
    {"ignore", 1, 0, ignore},
    {"send", 1, 0, send_signal},
    {"queue", 2, 0, queue},
    {"limit", 3, 0, set_limit},
    {"timer", 3, 0, set_timer},
    {"prctl", 2, 0, set_by_prctl},
    {"personality", 1, 0, set_personality},
    {"memory-policy", 1, 0, set_memory_policy},
    {"io-priority", 1, 0, set_io_priority},
    {"nice", 1, 0, set_nice},
    {"scheduling", 2, 0, set_scheduling},
    {"write", 2, 0, write_file},
    {"clear-environment", 0, 0, clear_environment},
    {"variable", 1, 0, add_to_environment},
    {"large-variable", 1, 0, add_large_variable},
    {"argument", 1, 0, add_argument},
};

static const struct setting *find(const char *name)
{
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (!strcmp(settings[i].name, name))
            return &settings[i];
    fprintf(stderr, "%s: no such setting\n", name);
    exit(111);
}

static void apply(char **words, int shared)
{
    while (*words && strcmp(*words, "::")) {
        const struct setting *setting = find(*words);
        if (setting->shared == shared)
            setting->set(words + 1);
        words += 1 + setting->values;
    }
}

static void become(char **settings_words, char **command)
{
    if (terminal)
        use_terminal();
    apply(settings_words, 0);
    char *words[MOST * 2];
    int count = 0;
    while (count < MOST && command[count] && strcmp(command[count], "::")) {
        words[count] = command[count];
        count++;
    }
    for (int i = 0; i < more_arguments_count; i++)
        words[count++] = more_arguments[i];
    words[count] = NULL;
    execvp(words[0], words);
    fail(words[0]);
}

static void tell(const char *file, const char *what, int value)
{
    char line[64];
    int length = snprintf(line, sizeof line, "%s %d\n", what, value);
    int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    must(file, fd);
    fchmod(fd, 0666); /* refused where another user has made it, who has done so */
    must(file, write(fd, line, (size_t)length));
    close(fd);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    char **next = argv + 2;
    apply(next, 1);
    for (next = argv + 2; *next; next++) {
        if (strcmp(*next, "::") || !next[1])
            continue;
        int gate[2], status;
        must("pipe2", pipe2(gate, O_CLOEXEC));
        pid_t child = fork();
        must("fork", child);
        if (child == 0) {
            char byte;
            close(gate[1]);
            must("read", read(gate[0], &byte, 1));
            close(gate[0]);
            become(argv + 2, next + 1);
        }
        tell(argv[1], "started", child);
        close(gate[0]);
        close(gate[1]);
        must("waitpid", waitpid(child, &status, 0));
        if (WIFSIGNALED(status))
            tell(argv[1], "ended killed", WTERMSIG(status));
        else
            tell(argv[1], "ended exited", WEXITSTATUS(status));
    }
    return 0;
}
