/*
 * A program with BLOCKS * 64 KB of code that tells of the signals it gets:
 *
 *   report     unblocks all signals, prints "listening", and when signal MARKER comes, what had come before it; exits with 7
 *   terminal   tells of the terminal: its size whenever that changes, and each line that is typed, with the number of
 *              continuations until then
 *   read       prints "ready", then one line that is typed
 *   hang-up F  writes the name of each signal into the file F, until 300 ms after the first SIGHUP
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MARKER 63
#define MOST 1000

extern char code_blocks[];
static char *volatile code = code_blocks;

static siginfo_t arrivals[MOST];
static volatile sig_atomic_t arrived;
static volatile sig_atomic_t marked;

static void note(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (number == MARKER)
        marked = 1;
    else if (arrived < MOST)
        arrivals[arrived++] = *info;
}

static void handle_everything(void)
{
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
    sigfillset(&action.sa_mask);
    for (int number = 1; number < _NSIG; number++)
        sigaction(number, &action, NULL);
}

static int report(void)
{
    sigset_t all, none;
    handle_everything();
    sigfillset(&all);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    puts("listening");
    fflush(stdout);
    sigprocmask(SIG_SETMASK, &all, NULL);
    while (!marked)
        sigsuspend(&none);
    for (int i = 0; i < arrived; i++)
        printf("signal %d code %d from %d value %d\n", arrivals[i].si_signo, arrivals[i].si_code, arrivals[i].si_pid,
               arrivals[i].si_value.sival_int);
    return 7;
}

static int one_line(void)
{
    char line[256];
    puts("ready");
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin))
        return 4;
    printf("got %s", line);
    return 0;
}

static int hang_up(const char *file)
{
    FILE *out = fopen(file, "we");
    if (!out)
        return 5;
    sigset_t all, none;
    int told = 0, hung_up = 0;
    handle_everything();
    sigfillset(&all);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &all, NULL);
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct timespec grace = {0, 300000000};
        if (ppoll(NULL, 0, hung_up ? &grace : NULL, &none) == 0)
            return 0;
        for (; told < arrived; told++) {
            hung_up |= arrivals[told].si_signo == SIGHUP;
            fprintf(out, "%s\n", sigabbrev_np(arrivals[told].si_signo));
        }
        fflush(out);
    }
}

static void print_size(void)
{
    struct winsize size;
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
        printf("size %d %d\n", size.ws_row, size.ws_col);
}

static int terminal(void)
{
    static const int watched[] = {SIGWINCH, SIGCONT};
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
    int told = 0, continued = 0;
    sigset_t blocked, before;
    sigemptyset(&blocked);
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        sigaction(watched[i], &action, NULL);
        sigaddset(&blocked, watched[i]);
    }
    sigprocmask(SIG_BLOCK, &blocked, &before);
    puts("ready");
    for (;;) {
        struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
        fflush(stdout);
        if (ppoll(&input, 1, NULL, &before) < 0 && errno != EINTR)
            return 1;
        /* ppoll leaves signals alone when there is input */
        sigprocmask(SIG_SETMASK, &before, NULL);
        sigprocmask(SIG_BLOCK, &blocked, NULL);
        for (; told < arrived; told++) {
            if (arrivals[told].si_signo == SIGCONT)
                continued++;
            else
                print_size();
        }
        if (input.revents && tcgetpgrp(STDIN_FILENO) == getpgrp()) {
            char line[256];
            ssize_t length = read(STDIN_FILENO, line, sizeof line - 1);
            if (length <= 0)
                return 3;
            line[length] = 0;
            printf("after %d continuations: %s", continued, line);
        } else if (input.revents) {
            usleep(20000);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "report"))
        return report();
    if (argc == 2 && !strcmp(argv[1], "terminal") && code)
        return terminal();
    if (argc == 2 && !strcmp(argv[1], "read"))
        return one_line();
    if (argc == 3 && !strcmp(argv[1], "hang-up"))
        return hang_up(argv[2]);
    fprintf(stderr, "listener report|terminal|read|hang-up FILE\n");
    return 95;
}
