package org.tiexec.tracer.target;

/** What a wait status says of a process, decoded from the kernel's integer ({@code waitpid(2)}, {@code ptrace(2)}). */
public sealed interface WaitStatus {
    /** Dispatches on the variant; a new variant fails to compile where it is not handled. */
    <R> R match(Cases<R> cases);

    /**
     * One method for each variant.
     *
     * @param <R> what each returns
     */
    interface Cases<R> {
        R exited(Exited status);

        R killed(Killed status);

        R syscallStop(SyscallStop status);

        R event(Event status);

        R stopped(Stopped status);

        R continued(Continued status);
    }

    /** Decodes a raw status. */
    static WaitStatus decode(int status) {
        if (status == Continued.STATUS) {
            return new Continued();
        }
        int low = status & 0x7f;
        if (low == 0) {
            return new Exited(status >> 8 & 0xff);
        }
        if (low != 0x7f) {
            return new Killed(low, (status & 0x80) != 0);
        }
        int signal = status >> 8 & 0xff;
        int event = status >>> 16;
        if (event != 0) {
            return new Event(event, signal);
        }
        return signal == SyscallStop.SIGNAL ? new SyscallStop() : new Stopped(signal);
    }

    /** It called exit with a code of 0 to 255. */
    record Exited(int code) implements WaitStatus {
        @Override
        public <R> R match(Cases<R> cases) {
            return cases.exited(this);
        }
    }

    /** A signal ended it, maybe with a core file. */
    record Killed(int signal, boolean core) implements WaitStatus {
        @Override
        public <R> R match(Cases<R> cases) {
            return cases.killed(this);
        }
    }

    /** A ptrace-stop at the entry or the exit of a system call. */
    record SyscallStop() implements WaitStatus {
        /** {@code SIGTRAP | 0x80}, given PTRACE_O_TRACESYSGOOD. */
        static final int SIGNAL = 5 | 0x80;

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.syscallStop(this);
        }
    }

    /**
     * A ptrace-stop for an event.
     *
     * @param number which event
     * @param signal SIGTRAP, or the stopping signal of a group-stop
     */
    record Event(int number, int signal) implements WaitStatus {
        /** {@code PTRACE_EVENT_FORK}. */
        public static final int FORK = 1;

        /** {@code PTRACE_EVENT_EXEC}. */
        public static final int EXEC = 4;

        /** {@code PTRACE_EVENT_EXIT}. */
        public static final int EXIT = 6;

        /** {@code PTRACE_EVENT_STOP}. */
        public static final int STOP = 128;

        private static final int SIGTRAP = 5;

        /** Whether the whole process is stopped by a signal such as SIGSTOP. */
        public boolean isGroupStop() {
            return number == STOP && signal != SIGTRAP;
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.event(this);
        }
    }

    /** A signal is about to be delivered to a tracee, or has stopped a child that is not traced. */
    record Stopped(int signal) implements WaitStatus {
        @Override
        public <R> R match(Cases<R> cases) {
            return cases.stopped(this);
        }
    }

    /** SIGCONT has made a stopped child run again ({@code WCONTINUED}). */
    record Continued() implements WaitStatus {
        /** {@code __W_CONTINUED}. */
        static final int STATUS = 0xffff;

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.continued(this);
        }
    }
}
