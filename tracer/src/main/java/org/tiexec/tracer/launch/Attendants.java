package org.tiexec.tracer.launch;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.signal.SignalForwarder;
import org.tiexec.tracer.target.Target;
import org.tiexec.tracer.target.TargetGoneException;

/** What runs beside a launch; none of it may be left to the program or outlive this process. */
final class Attendants implements AutoCloseable {
    private Optional<HelperProcess> helper = Optional.empty();
    private Optional<SignalForwarder> forwarder = Optional.empty();

    HelperProcess startHelper(Path launcher, Duration patience, Optional<PrintStream> log)
            throws HelperFailedException {
        HelperProcess started = HelperProcess.start(launcher, patience, log);
        helper = Optional.of(started);
        return started;
    }

    void endHelper() {
        if (helper.isPresent()) {
            helper.get().close();
            helper = Optional.empty();
        }
    }

    void add(SignalForwarder started) {
        forwarder = Optional.of(started);
    }

    /** Gives a target that is about to be let go the signals that came for it. */
    void releaseSignals(Target target) throws TargetGoneException {
        if (forwarder.isPresent()) {
            forwarder.get().release(target);
        }
    }

    /** Ends them all, before this process becomes the program: signals that came for it wait for it. */
    void giveWay() {
        endHelper();
        if (forwarder.isPresent()) {
            forwarder.get().giveBack();
            forwarder = Optional.empty();
        }
    }

    /** Ends them all; closing twice is harmless. */
    @Override
    public void close() {
        endHelper();
        if (forwarder.isPresent()) {
            forwarder.get().close();
            forwarder = Optional.empty();
        }
    }
}
