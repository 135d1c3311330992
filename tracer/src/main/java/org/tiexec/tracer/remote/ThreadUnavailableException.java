package org.tiexec.tracer.remote;

/** No thread of a process on which work has begun can be borrowed any more; it runs, and stays as far as the work has got. */
public final class ThreadUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    ThreadUnavailableException(Refusal refusal) {
        super(refusal.reason());
        this.refusal = refusal;
    }

    /** Why. */
    public Refusal refusal() {
        return refusal;
    }
}
