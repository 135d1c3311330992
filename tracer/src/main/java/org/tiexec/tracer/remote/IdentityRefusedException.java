package org.tiexec.tracer.remote;

import java.io.IOException;

/** A process could not become who the program is to run as: it must not become the program. */
public final class IdentityRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    /** States what the kernel has refused. */
    public IdentityRefusedException(String message) {
        super(message);
    }
}
