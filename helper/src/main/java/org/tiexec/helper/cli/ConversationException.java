package org.tiexec.helper.cli;

/** The conversation with the tracer cannot go on. */
final class ConversationException extends Exception {
    private static final long serialVersionUID = 1L;

    /** States why, in one line. */
    ConversationException(String reason) {
        super(reason);
    }
}
