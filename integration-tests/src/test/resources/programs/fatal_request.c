/*
 * Runs a command and kills it at one of the ptrace requests that it makes about one process:
 * fatal_request PID NUMBER before|after LOG COMMAND...
 *
 * The command is not changed, nor traced: a seccomp filter lets us decide about each such request (seccomp_unotify(2)).
 * LOG gets the name of each request about PID, whose threads are counted with it; requests are numbered from 0. Exits as the
 * command, with 128 + N if it died of signal N.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
    perror(what);
    _exit(90);
}

static const char *name_of(unsigned long long request)
{
    switch (request) {
    case PTRACE_SEIZE: return "seize";
    case PTRACE_INTERRUPT: return "interrupt";
    case PTRACE_GETREGS: return "getregs";
    case PTRACE_SETREGS: return "setregs";
    case PTRACE_GETREGSET: return "getregset";
    case PTRACE_SETREGSET: return "setregset";
    case PTRACE_GETSIGMASK: return "getsigmask";
    case PTRACE_GETSIGINFO: return "getsiginfo";
    case PTRACE_SYSCALL: return "syscall";
    case PTRACE_DETACH: return "detach";
    case 0x420f: return "get-rseq-configuration";
    default: return "other";
    }
}

/* The filter is inherited by what the command starts: whoever makes requests has us asked. */
static int install_filter(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof code / sizeof *code, code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
    if (listener < 0)
        fail("seccomp");
    return listener;
}

/* Starts the command, and fetches the descriptor by which its requests are told. */
static pid_t start(char **command, int *listener, int *end)
{
    int number[2], go[2];
    char unused = 0;
    if (pipe2(number, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
        fail("pipe");
    pid_t child = fork();
    if (child == 0) {
        int own = install_filter();
        if (write(number[1], &own, sizeof own) != sizeof own || read(go[0], &unused, 1) != 1)
            fail("start");
        execvp(command[0], command);
        fail(command[0]);
    }
    int theirs;
    *end = (int)syscall(SYS_pidfd_open, child, 0);
    if (*end < 0 || read(number[0], &theirs, sizeof theirs) != sizeof theirs)
        fail("pidfd_open");
    *listener = (int)syscall(SYS_pidfd_getfd, *end, theirs, 0);
    if (*listener < 0 || write(go[1], &unused, 1) != 1)
        fail("pidfd_getfd");
    return child;
}

int main(int argc, char **argv)
{
    if (argc < 6)
        return 91;
    int fatal = atoi(argv[2]), before = strcmp(argv[3], "before") == 0, count = 0, listener, end;
    FILE *log = fopen(argv[4], "we");
    if (!log)
        fail(argv[4]);
    pid_t child = start(argv + 5, &listener, &end);
    struct pollfd both[] = {{listener, POLLIN, 0}, {end, POLLIN, 0}};
    while (poll(both, 2, -1) > 0 && !both[1].revents) {
        struct seccomp_notif asked = {0};
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked))
            continue;
        char task[64];
        snprintf(task, sizeof task, "/proc/%s/task/%d", argv[1], (int)asked.data.args[1]);
        int counts = access(task, F_OK) == 0, is_fatal = counts && count == fatal;
        if (counts) {
            count++;
            fprintf(log, "%s\n", name_of(asked.data.args[0]));
            fflush(log);
        }
        if (!is_fatal || !before) {
            struct seccomp_notif_resp answer = {.id = asked.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
            ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
        }
        if (is_fatal)
            kill(child, SIGKILL);
    }
    int status;
    if (waitpid(child, &status, 0) != child)
        fail("waitpid");
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
