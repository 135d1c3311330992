package org.tiexec.tracer.remote;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.tracer.target.RunningProcess;

/**
 * What {@code /proc/PID/task/TID} tells of a thread without stopping it; it may have changed by the time that it is read.
 *
 * @param id the thread
 * @param state its letter, such as {@code R} or {@code S}
 * @param call the system call in which it waits
 * @param stackPointer where its stack ends, unless it runs
 * @param filtered whether a seccomp filter applies to it
 * @param shadowStack whether its stack has a shadow
 */
record ThreadFacts(
        int id,
        char state,
        Optional<WaitedCall> call,
        Optional<Address> stackPointer,
        boolean filtered,
        boolean shadowStack) {
    private static final int HEXADECIMAL_PREFIX = 2;
    private static final int ARGUMENTS = 6;

    /**
     * A system call in which a thread waits.
     *
     * @param number its number
     * @param one to six: its arguments
     */
    record WaitedCall(long number, long one, long two, long three, long four, long five, long six) {
        long[] arguments() {
            return new long[] {one, two, three, four, five, six};
        }
    }

    /**
     * Reads them.
     *
     * @return empty if there is no such thread any more
     */
    static Optional<ThreadFacts> of(RunningProcess process, int thread) {
        try {
            return Optional.of(parse(
                    thread,
                    text(process, thread, "stat"),
                    text(process, thread, "syscall"),
                    text(process, thread, "status")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Where a thread is that does not come back, for people: its state, and what it waits for in the kernel. */
    static String whereabouts(RunningProcess process, int thread) {
        return of(process, thread)
                .map(facts -> "state " + facts.state + waitingFor(process, thread))
                .orElse("it is gone");
    }

    /** Told to privileged readers only. */
    private static String waitingFor(RunningProcess process, int thread) {
        try {
            String function = text(process, thread, "wchan");
            return function.equals("0") ? "" : " in " + function;
        } catch (IOException e) {
            return "";
        }
    }

    private static String text(RunningProcess process, int thread, String file) throws IOException {
        return new String(process.procFile("task/" + thread + "/" + file), StandardCharsets.UTF_8);
    }

    /** Parses the three files of these names ({@code proc_pid_syscall(5)}). */
    static ThreadFacts parse(int thread, String stat, String syscall, String status) {
        // The name, in parentheses, may hold anything.
        char state = stat.charAt(stat.lastIndexOf(')') + 2);
        String[] words = syscall.trim().split(" ", -1);
        Optional<Address> stack = Optional.empty();
        Optional<WaitedCall> call = Optional.empty();
        if (words.length > 2) {
            stack = Optional.of(new Address(hexadecimal(words[words.length - 2])));
            if (words.length > ARGUMENTS) {
                call = Optional.of(new WaitedCall(
                        Long.parseLong(words[0]),
                        hexadecimal(words[1]),
                        hexadecimal(words[2]),
                        hexadecimal(words[3]),
                        hexadecimal(words[4]),
                        hexadecimal(words[5]),
                        hexadecimal(words[6])));
            }
        }
        boolean filtered = !field(status, "Seccomp:").equals("0");
        boolean shadow = field(status, "x86_Thread_features:").contains("shstk");
        return new ThreadFacts(thread, state, call, stack, filtered, shadow);
    }

    private static long hexadecimal(String word) {
        return Long.parseUnsignedLong(word.substring(HEXADECIMAL_PREFIX), 16);
    }

    /** A field of {@code status}; what the kernel does not have is off. */
    static String field(String status, String name) {
        int at = status.indexOf('\n' + name);
        if (at < 0) {
            return "0";
        }
        int start = at + 1 + name.length();
        return status.substring(start, status.indexOf('\n', start)).trim();
    }
}
