package org.tiexec.tracer.remote;

/** A running process cannot be worked on; it is as it was. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    RefusedException(Refusal refusal) {
        super(refusal.reason());
        this.refusal = refusal;
    }

    RefusedException(Refusal.Kind kind, String reason) {
        this(new Refusal(kind, reason));
    }

    /** Why. */
    public Refusal refusal() {
        return refusal;
    }
}
