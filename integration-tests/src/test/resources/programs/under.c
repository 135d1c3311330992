/* Runs a command under something that it inherits: under no-thp|no-mremap|no-blocked-signals COMMAND... */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int refuse_mremap(void)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mremap, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof rules / sizeof *rules, rules};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

static int block_nothing(void)
{
    sigset_t nothing;
    sigemptyset(&nothing);
    return sigprocmask(SIG_SETMASK, &nothing, NULL);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    int failed = 1;
    if (!strcmp(argv[1], "no-thp"))
        failed = prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    else if (!strcmp(argv[1], "no-mremap"))
        failed = refuse_mremap();
    else if (!strcmp(argv[1], "no-blocked-signals"))
        failed = block_nothing();
    if (failed) {
        perror(argv[1]);
        return 111;
    }
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 111;
}
