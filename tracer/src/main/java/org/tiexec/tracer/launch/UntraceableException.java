package org.tiexec.tracer.launch;

import org.tiexec.tracer.sys.SysException;

/** Says why no process can be traced, or made the program. */
final class UntraceableException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean over;

    UntraceableException(String message) {
        this(message, false);
    }

    private UntraceableException(String message, boolean over) {
        super(message);
        this.over = over;
    }

    /** The kernel has refused. */
    static UntraceableException refused(SysException e) {
        return refused(e, false);
    }

    /** The kernel has refused, and somebody else now tries it another way. */
    static UntraceableException handedOn(SysException e) {
        return refused(e, true);
    }

    /** Somebody has ended the process that was to become the program, and with it the launch. */
    static UntraceableException ended(int pid) {
        return new UntraceableException("process " + pid + " has ended", true);
    }

    private static UntraceableException refused(SysException e, boolean over) {
        return new UntraceableException(
                "cannot trace: " + e.getMessage()
                        + "; is it traced already (strace, gdb), or is ptrace forbidden here (a container)",
                over);
    }

    /** Whether the program is not ours to launch any more. */
    boolean isOver() {
        return over;
    }
}
