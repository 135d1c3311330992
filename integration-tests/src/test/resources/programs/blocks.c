/*
 * The blocks of code.S, and what shows that neither they nor the thread that executes them have been damaged. What is wrong
 * is said on standard output and ends the program with 98.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCK_SIZE 65536

extern char code_blocks[];

/* Ends the program at once, whatever its other threads do. */
__attribute__((noreturn, format(printf, 1, 2))) void wrong(const char *format, ...)
{
    static pthread_mutex_t only_one = PTHREAD_MUTEX_INITIALIZER;
    va_list values;
    pthread_mutex_lock(&only_one);
    fputs("wrong: ", stdout);
    va_start(values, format);
    vprintf(format, values);
    va_end(values);
    putchar('\n');
    fflush(stdout);
    _exit(98);
}

/* Microseconds of a clock that only goes forward. */
int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000L + time.tv_nsec / 1000;
}

void say(const char *line)
{
    puts(line);
    fflush(stdout);
}

void call_block(uint32_t n)
{
    uint32_t (*block)(void) = (uint32_t(*)(void))(uintptr_t)(code_blocks + (size_t)n * BLOCK_SIZE);
    uint32_t result = block();
    if (result != ((n * 2654435761U) ^ n))
        wrong("block %u returned %u", n, result);
}

void call_all_blocks(void)
{
    for (uint32_t n = 0; n < BLOCKS; n++)
        call_block(n);
}

/* Compares the code of one file in memory with that file. */
static int compare_object(struct dl_phdr_info *object, size_t size, void *files)
{
    (void)size;
    int *compared = files;
    const char *name = *compared == 0 ? "/proc/self/exe" : object->dlpi_name;
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0) /* the vDSO */
        return 0;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X))
            continue;
        const char *memory = (const char *)(object->dlpi_addr + segment->p_vaddr);
        static char chunk[1 << 16];
        for (size_t at = 0; at < segment->p_filesz;) {
            size_t wanted = segment->p_filesz - at < sizeof chunk ? segment->p_filesz - at : sizeof chunk;
            ssize_t got = pread(file, chunk, wanted, (off_t)(segment->p_offset + at));
            if (got <= 0)
                wrong("%s cannot be read at %zu", name, at);
            if (memcmp(chunk, memory + at, (size_t)got) != 0)
                wrong("the code of %s differs from the file at %zu", name, at);
            at += (size_t)got;
        }
    }
    close(file);
    ++*compared;
    return 0;
}

/* Calls every block, and compares the code of the program and of its libraries with their files. */
void check_code(void)
{
    int files = 0;
    call_all_blocks();
    dl_iterate_phdr(compare_object, &files);
}

/* ---- what nobody but the thread itself may change */

static sigset_t mask_before;
static stack_t stack_before;

void remember_thread(void)
{
    pthread_sigmask(SIG_SETMASK, NULL, &mask_before);
    sigaltstack(NULL, &stack_before);
}

void check_thread(void)
{
    sigset_t mask;
    stack_t stack;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    sigaltstack(NULL, &stack);
    for (int number = 1; number < _NSIG; number++)
        if (sigismember(&mask, number) != sigismember(&mask_before, number))
            wrong("the mask of signal %d has changed", number);
    if (stack.ss_sp != stack_before.ss_sp || stack.ss_size != stack_before.ss_size
        || stack.ss_flags != stack_before.ss_flags)
        wrong("the alternate stack has changed: %p %zu %x", stack.ss_sp, stack.ss_size, (unsigned)stack.ss_flags);
}
