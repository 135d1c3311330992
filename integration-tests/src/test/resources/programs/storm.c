/*
 * Starts a command with all signals blocked, sends one signal at a moment of its launch, and tells what came of it:
 * storm SIGNAL kill|queue|hail process|group|program start|helper|program DELAY COMMAND...
 *
 * The signal goes to the process that was started, to its group, or to the program itself, DELAY microseconds after the
 * process was started, or after its child that is the helper or the program came to be. As hail it is sent over and over
 * until then. The command ends in a listener (listener.c); when the signal has been sent and the program listens, the process
 * gets the signal after which it reports. The variable STORM_UNBLOCKED names one signal that is not blocked.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MARKER 63
#define VALUE 4711
#define SECONDS 60

static pid_t started;
static char out[1 << 16];
static size_t length;
static int from_program;

static void give_up(const char *why)
{
    printf("%s: %s\n%.*s", why, strerror(errno), (int)length, out);
    if (started > 0)
        kill(-started, SIGKILL);
    exit(99);
}

static long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void wait_until(long moment)
{
    struct timespec time = {moment / 1000000, moment % 1000000 * 1000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
        ;
}

/* Takes what there is, or waits for more; whether there may be more to come. */
static int take(int timeout)
{
    struct pollfd input = {.fd = from_program, .events = POLLIN};
    if (poll(&input, 1, timeout) == 0)
        return 1;
    ssize_t got = read(from_program, out + length, sizeof out - 1 - length);
    if (got < 0)
        give_up("read");
    length += (size_t)got;
    return got > 0;
}

static int reads(pid_t pid, const char *file, char *into, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    ssize_t got;
    if (strcmp(file, "exe") == 0) {
        got = readlink(path, into, size - 1);
    } else {
        int in = open(path, O_RDONLY | O_CLOEXEC);
        got = in < 0 ? -1 : read(in, into, size - 1);
        close(in);
        for (ssize_t i = 0; i < got; i++)
            if (into[i] == 0)
                into[i] = ' ';
    }
    into[got < 0 ? 0 : got] = 0;
    return got > 0;
}

/* A child of the process, or the process itself, of which a file of /proc has these words in it. */
static pid_t find(const char *file, const char *words)
{
    char text[4096], path[64];
    if (reads(started, file, text, sizeof text) && strstr(text, words) && strcmp(file, "exe") == 0)
        return started;
    snprintf(path, sizeof path, "/proc/%d/task", started);
    DIR *tasks = opendir(path);
    pid_t found = 0;
    for (struct dirent *task; tasks && (task = readdir(tasks)) && !found;) {
        char children[4096], name[64];
        snprintf(name, sizeof name, "task/%.20s/children", task->d_name);
        if (!reads(started, name, children, sizeof children))
            continue;
        for (char *child = strtok(children, " \n"); child && !found; child = strtok(NULL, " \n"))
            if (reads(atoi(child), file, text, sizeof text) && strstr(text, words))
                found = atoi(child);
    }
    if (tasks)
        closedir(tasks);
    return found;
}

/* Whether the kernel's own SIGCHLD for us may swallow one of ours: while the helper ends, until that has been fetched. */
static int child_signal_waits(void)
{
    char status[4096];
    unsigned long long pending = 0;
    if (reads(started, "status", status, sizeof status) && strstr(status, "ShdPnd:"))
        sscanf(strstr(status, "ShdPnd:"), "ShdPnd:\t%llx", &pending);
    return pending >> (SIGCHLD - 1) & 1;
}

static pid_t await(const char *what, long deadline)
{
    for (;;) {
        pid_t found = strcmp(what, "helper") ? find("exe", "/listener-") : find("cmdline", "helper");
        if (found)
            return found;
        if (now() > deadline)
            give_up(what);
        usleep(500);
    }
}

static void send(pid_t receiver, int number, int queued)
{
    sigval_t value = {.sival_int = VALUE};
    if (queued ? sigqueue(receiver, number, value) : kill(receiver, number))
        give_up("send");
}

static void start(char **command)
{
    int ends[2];
    sigset_t all;
    if (pipe2(ends, O_CLOEXEC))
        give_up("pipe");
    sigfillset(&all);
    if (getenv("STORM_UNBLOCKED"))
        sigdelset(&all, atoi(getenv("STORM_UNBLOCKED")));
    sigprocmask(SIG_SETMASK, &all, NULL);
    started = fork();
    if (started < 0)
        give_up("fork");
    if (started == 0) {
        setpgid(0, 0);
        dup2(ends[1], STDOUT_FILENO);
        execvp(command[0], command);
        _exit(127);
    }
    setpgid(started, started);
    close(ends[1]);
    from_program = ends[0];
}

int main(int argc, char **argv)
{
    if (argc < 7)
        return 2;
    int number = atoi(argv[1]);
    int queued = !strcmp(argv[2], "queue");
    sigval_t value = {.sival_int = VALUE};
    start(argv + 6);
    long begin = now();
    long deadline = begin + SECONDS * 1000000L;
    if (strcmp(argv[4], "start"))
        await(argv[4], deadline);
    long moment = (strcmp(argv[4], "start") ? now() : begin) + atol(argv[5]);
    pid_t receiver = !strcmp(argv[3], "group") ? -started : started;
    while (!strcmp(argv[2], "hail") && now() < moment) {
        send(receiver, number, 0);
        usleep(200);
    }
    wait_until(moment);
    if (!strcmp(argv[3], "program"))
        receiver = await("program", deadline);
    int helper_before = find("cmdline", "helper"), waited = child_signal_waits();
    long sent = now();
    send(receiver, number, queued);
    int amid_helpers_end = waited || helper_before != find("cmdline", "helper");
    while (!strstr(out, "listening\n"))
        if (now() > deadline || !take(1000))
            give_up("the program never listened");
    long listening = now();
    if (sigqueue(started, MARKER, value))
        give_up("marker");
    while (take(1000))
        if (now() > deadline)
            give_up("the program never reported");
    int status;
    waitpid(started, &status, 0);
    printf("%ssent by %d after %ld us, listening after %ld us, process %d%s\n", strstr(out, "listening\n") + 10,
           getpid(), sent - begin, listening - begin, started, amid_helpers_end ? ", amid the helper's end" : "");
    if (WIFEXITED(status))
        printf("exited with %d\n", WEXITSTATUS(status));
    else
        printf("killed by %d\n", WTERMSIG(status));
    return 0;
}
