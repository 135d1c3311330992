package org.tiexec.tracer.remote;

import java.io.IOException;
import java.util.Optional;
import org.tiexec.tracer.arch.LiveArchitecture;
import org.tiexec.tracer.arch.SignalFrame;

/**
 * Calls that a borrowed thread makes without a page of ours, by code that its process has mapped already.
 *
 * <p>Its stack is made to look as if it were in a signal handler that is about to return. Should the tracer die, the code
 * returns from the call and from that signal: the thread is home, having made one call that changes nothing it could notice.
 */
final class FrameCalls {
    private final BorrowedThread borrowed;
    private final LiveArchitecture arch;
    private final CodeSites sites;
    private final SignalFrame frame;

    private FrameCalls(BorrowedThread borrowed, LiveArchitecture arch, CodeSites sites, SignalFrame frame) {
        this.borrowed = borrowed;
        this.arch = arch;
        this.sites = sites;
        this.frame = frame;
    }

    /**
     * Writes the frame, far below what the thread uses of its stack.
     *
     * @param borrowed with room on its stack
     * @return empty if the thread is gone or cannot lend its stack
     * @throws IOException if the process has ended
     */
    static Optional<FrameCalls> prepare(LiveArchitecture arch, BorrowedThread borrowed, CodeSites sites)
            throws IOException {
        Optional<SignalFrame> frame = borrowed.putFrame(sites.signalReturn(), Stacks.ROOM);
        return frame.isEmpty() ? Optional.empty() : Optional.of(new FrameCalls(borrowed, arch, sites, frame.get()));
    }

    /** Makes one call; empty if something came in between: then the thread has gone home or is gone. */
    Optional<Long> call(long number, long... arguments) {
        return borrowed.call(
                arch.callingWithStack(borrowed.saved(), frame.place(), sites.call(), number, arguments), number);
    }
}
