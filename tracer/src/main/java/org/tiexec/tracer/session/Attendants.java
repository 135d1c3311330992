package org.tiexec.tracer.session;

import java.nio.file.Path;
import java.util.Optional;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperProcess;

/** What runs beside a launch; none of it may be left to the program or outlive this process. */
final class Attendants implements AutoCloseable {
    private Optional<HelperProcess> helper = Optional.empty();

    HelperProcess startHelper(Path launcher) throws HelperFailedException {
        HelperProcess started = HelperProcess.start(launcher);
        helper = Optional.of(started);
        return started;
    }

    void endHelper() {
        if (helper.isPresent()) {
            helper.get().close();
            helper = Optional.empty();
        }
    }

    /** Ends them all; closing twice is harmless. */
    @Override
    public void close() {
        endHelper();
    }
}
