package org.tiexec.tracer.arch;

/** What becomes of a system call, and so of the program that waits in it, when its thread is stopped for a moment. */
public enum Interruption {
    /** It is made again by the kernel, or was over anyway. */
    RESTARTS,
    /** The same, unless it is about a socket for which a timeout is set, which cannot be seen: then it fails with EINTR. */
    MAY_FAIL,
    /** It fails with EINTR, which the program has to be spared: it is made again with what was left of its timeout. */
    FAILS,
    /** It ends before its time with a part of its work done, which cannot be hidden. */
    CUT_SHORT
}
