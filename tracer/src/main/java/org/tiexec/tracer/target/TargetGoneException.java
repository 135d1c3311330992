package org.tiexec.tracer.target;

/** The target ended, by itself or by a signal, while we held it. */
public final class TargetGoneException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient WaitStatus status;

    /** Carries how it ended: {@link WaitStatus.Exited} or {@link WaitStatus.Killed}. */
    public TargetGoneException(WaitStatus status) {
        super("the target ended: " + status);
        this.status = status;
    }

    /** How it ended. */
    public WaitStatus status() {
        return status;
    }
}
