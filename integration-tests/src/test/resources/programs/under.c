/*
 * Runs a command under something that it inherits: under RESTRICTION COMMAND...
 *
 *   no-thp, no-blocked-signals, no-new-privileges, subreaper, mdwe (no memory gains the right to be executed)
 *   no-mremap          the same as eperm:mremap
 *   container          a seccomp filter like those of container engines: refuses what only an administrator needs
 *   RULE[,RULE...]     a seccomp filter of rules, everything else is allowed. A rule is
 *                      ACTION:CALL       for every such call, or
 *                      ACTION:CALL:N&M   for those whose argument N (from 0) has all bits of M, or
 *                      ACTION:CALL:N=V   for those whose argument N is V
 *                      where ACTION is kill, kill-thread, trap or eperm.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct named {
    const char *name;
    unsigned value;
};

static const struct named calls[] = {
    {"close_range", SYS_close_range},
    {"execve", SYS_execve},
    {"madvise", SYS_madvise},
    {"memfd_create", SYS_memfd_create},
    {"mmap", SYS_mmap},
    {"mprotect", SYS_mprotect},
    {"mremap", SYS_mremap},
    {"prctl", SYS_prctl},
    {"process_vm_readv", SYS_process_vm_readv},
    {"process_vm_writev", SYS_process_vm_writev},
    {"ptrace", SYS_ptrace},
    {"setgroups", SYS_setgroups},
    {"setresgid", SYS_setresgid},
    {"setresuid", SYS_setresuid},
    {"unshare", SYS_unshare},
    {NULL, 0},
};

static const struct named actions[] = {
    {"kill", SECCOMP_RET_KILL_PROCESS},
    {"kill-thread", SECCOMP_RET_KILL_THREAD},
    {"trap", SECCOMP_RET_TRAP},
    {"eperm", SECCOMP_RET_ERRNO | EPERM},
    {NULL, 0},
};

static const unsigned administration[] = {
    SYS_mount,        SYS_umount2,    SYS_pivot_root,        SYS_unshare,           SYS_setns,      SYS_bpf,
    SYS_keyctl,       SYS_add_key,    SYS_request_key,       SYS_perf_event_open,   SYS_kexec_load, SYS_init_module,
    SYS_delete_module, SYS_reboot,    SYS_swapon,            SYS_swapoff,           SYS_userfaultfd,
    SYS_open_by_handle_at, SYS_move_mount, SYS_fsopen, SYS_settimeofday, SYS_acct, SYS_quotactl};

static struct sock_filter program[256];
static unsigned length;

static void add(struct sock_filter instruction)
{
    program[length++] = instruction;
}

static void end_with(unsigned action)
{
    add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static void load(size_t offset)
{
    add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset));
}

/* The rest of a rule is passed over unless what was loaded is value. */
static void require(unsigned value, unsigned rest)
{
    add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, (unsigned char)rest));
}

static void answer(unsigned call, unsigned action)
{
    load(offsetof(struct seccomp_data, nr));
    require(call, 1);
    end_with(action);
}

static void answer_where(unsigned call, unsigned action, int argument, int is_mask, unsigned value)
{
    load(offsetof(struct seccomp_data, nr));
    require(call, is_mask ? 4 : 3);
    load(offsetof(struct seccomp_data, args) + 8 * (size_t)argument);
    if (is_mask)
        add((struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, value));
    require(value, 1);
    end_with(action);
}

static unsigned look_up(const struct named *table, const char *name)
{
    for (; table->name; table++)
        if (name && !strcmp(table->name, name))
            return table->value;
    fprintf(stderr, "under: what is %s?\n", name ? name : "missing");
    exit(111);
}

static void add_rule(char *rule)
{
    unsigned action = look_up(actions, strsep(&rule, ":"));
    unsigned call = look_up(calls, strsep(&rule, ":"));
    if (!rule)
        answer(call, action);
    else
        answer_where(call, action, atoi(rule), rule[1] == '&', (unsigned)strtoul(rule + 2, NULL, 0));
}

static int filter(char *rules)
{
    while (rules)
        add_rule(strsep(&rules, ","));
    end_with(SECCOMP_RET_ALLOW);
    struct sock_fprog whole = {(unsigned short)length, program};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole);
}

static int contain(void)
{
    for (size_t i = 0; i < sizeof administration / sizeof *administration; i++)
        answer(administration[i], SECCOMP_RET_ERRNO | EPERM);
    answer(SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
    return filter(NULL);
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
    char no_mremap[] = "eperm:mremap";
    int failed;
    if (!strcmp(argv[1], "no-thp"))
        failed = prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    else if (!strcmp(argv[1], "mdwe"))
        failed = prctl(65 /* PR_SET_MDWE, linux/prctl.h */, 1, 0, 0, 0);
    else if (!strcmp(argv[1], "subreaper"))
        failed = prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    else if (!strcmp(argv[1], "no-mremap"))
        failed = filter(no_mremap);
    else if (!strcmp(argv[1], "no-blocked-signals"))
        failed = block_nothing();
    else if (!strcmp(argv[1], "no-new-privileges"))
        failed = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    else if (!strcmp(argv[1], "container"))
        failed = contain();
    else
        failed = filter(argv[1]);
    if (failed) {
        perror(argv[1]);
        return 111;
    }
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 111;
}
