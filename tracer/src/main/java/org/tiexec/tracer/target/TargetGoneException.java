package org.tiexec.tracer.target;

import java.util.Optional;

/** The target ended, by itself or by a signal, while we held it. */
public final class TargetGoneException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Optional<WaitStatus> status;

    /** Carries how it ended: {@link WaitStatus.Exited} or {@link WaitStatus.Killed}. */
    public TargetGoneException(WaitStatus status) {
        super("the target ended: " + status);
        this.status = Optional.of(status);
    }

    /** For a process that is no child of ours: only its parent learns how it ended. */
    public TargetGoneException(int pid, String how) {
        super("process " + pid + " " + how);
        this.status = Optional.empty();
    }

    /**
     * How it ended.
     *
     * @throws java.util.NoSuchElementException if it was no child of ours
     */
    public WaitStatus status() {
        return status.orElseThrow();
    }
}
