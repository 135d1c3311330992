package org.tiexec.tracer.launch;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.program.ExecutableSearch;
import org.tiexec.tracer.remote.RemoteExec;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;

/** The execve by which a process that we hold becomes the program. */
final class ProgramExec {
    private final ExecutableSearch search;
    private final Inheritance inheritance;
    private final Architecture arch;

    ProgramExec(ExecutableSearch search, Inheritance inheritance, Architecture arch) {
        this.search = search;
        this.inheritance = inheritance;
        this.arch = arch;
    }

    /**
     * Makes it become the program, before whose first instruction it then stands. Until then it dies with us.
     *
     * @param place hands on what it lacks
     * @return why no path could be executed, or empty
     * @throws IOException if it cannot be read or written, or the kernel refuses
     * @throws TargetGoneException if it was killed
     */
    Optional<Errno> in(PtraceTarget target, Place place) throws IOException, TargetGoneException {
        target.dieWithTracer(true);
        try (RemoteExec exec = new RemoteExec(target, arch)) {
            place.bequeath(target, exec);
            if (inheritance.identity().isPresent()) {
                // last of all: it may do less afterwards
                exec.assume(inheritance.identity().get());
            }
            Optional<Errno> refused = search.execute(new ExecutableSearch.Attempt<IOException, TargetGoneException>() {
                @Override
                public Optional<Errno> execute(byte[] path, List<byte[]> argv) throws IOException, TargetGoneException {
                    return exec.tryPath(path, argv, inheritance.environment());
                }
            });
            if (refused.isEmpty()) {
                // From here on it could do without us: should the tracer die before it changes anything, it simply
                // runs.
                target.setSignalMask(inheritance.signalMask());
                target.dieWithTracer(false);
            }
            return refused;
        }
    }
}
