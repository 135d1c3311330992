/*
 * Runs a command in a terminal of its own and lets another process sit in front of it: terminal COMMAND...
 *
 * What appears on the screen goes to standard output. Standard input has one order a line:
 *
 *   type TEXT         presses keys; \n, \t, \\ and \xNN are what they are in C
 *   size ROWS COLS    changes the size of the window
 *   hang up           closes the terminal, as a window that is closed
 *
 * At the end it prints how the command ended. Should its own input end first, the terminal is closed, too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int terminal;

static void give_up(const char *what)
{
    perror(what);
    exit(99);
}

static void set_size(unsigned short rows, unsigned short columns)
{
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    if (ioctl(terminal, TIOCSWINSZ, &size))
        give_up("TIOCSWINSZ");
}

static void type(const char *text)
{
    for (; *text; text++) {
        unsigned key = (unsigned char)*text;
        if (key == '\\') {
            text++;
            if (*text == 'x' && sscanf(text + 1, "%2x", &key) == 1)
                text += 2;
            else
                key = *text == 'n' ? '\n' : *text == 't' ? '\t' : (unsigned char)*text;
        }
        char byte = (char)key;
        if (write(terminal, &byte, 1) != 1)
            give_up("type");
    }
}

static void hang_up(void)
{
    if (terminal >= 0)
        close(terminal);
    terminal = -1;
}

static void obey(char *order)
{
    unsigned short rows, columns;
    if (terminal < 0)
        return;
    if (!strncmp(order, "type ", 5))
        type(order + 5);
    else if (sscanf(order, "size %hu %hu", &rows, &columns) == 2)
        set_size(rows, columns);
    else if (!strcmp(order, "hang up"))
        hang_up();
    else
        fprintf(stderr, "no such order: %s\n", order);
}

static void show(void)
{
    char screen[4096];
    ssize_t length = read(terminal, screen, sizeof screen);
    if (length <= 0)
        hang_up();
    else if (write(STDOUT_FILENO, screen, (size_t)length) != length)
        give_up("screen");
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0 || grantpt(terminal) || unlockpt(terminal))
        give_up("posix_openpt");
    set_size(24, 80);
    int front = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (front < 0)
        give_up("ptsname");
    pid_t pid = fork();
    if (pid < 0)
        give_up("fork");
    if (pid == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        for (int number = 1; number < _NSIG; number++)
            signal(number, SIG_DFL);
        setsid();
        ioctl(front, TIOCSCTTY, 0);
        for (int fd = 0; fd < 3; fd++)
            dup2(front, fd);
        execvp(argv[1], argv + 1);
        _exit(127);
    }
    close(front);
    static char orders[1 << 16];
    size_t held = 0;
    while (terminal >= 0) {
        struct pollfd ends[] = {{.fd = terminal, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
        if (poll(ends, 2, -1) < 0)
            continue;
        if (ends[0].revents)
            show();
        if (ends[1].revents) {
            ssize_t got = read(STDIN_FILENO, orders + held, sizeof orders - 1 - held);
            if (got <= 0) {
                hang_up();
                break;
            }
            held += (size_t)got;
            orders[held] = 0;
            for (char *end; (end = strchr(orders, '\n'));) {
                *end = 0;
                obey(orders);
                held -= (size_t)(end + 1 - orders);
                memmove(orders, end + 1, held + 1);
            }
        }
    }
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            give_up("waitpid");
    if (WIFEXITED(status))
        printf("\n[exited with %d]\n", WEXITSTATUS(status));
    else
        printf("\n[killed by %d]\n", WTERMSIG(status));
    return 0;
}
