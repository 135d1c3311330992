package org.tiexec.tracer.helper;

/** Who is at the other end of a conversation. */
interface Peer {
    /** Is told that a question goes out: from now on its answer is waited for. */
    void isAsked();

    /** What it had to say when it failed, in one line; empty if nothing. */
    String lastWords();
}
