package org.tiexec.tracer.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tiexec.tracer.sys.NativeCalls;

/** Whether executing a file may give privileges, by the file itself or by its interpreter. */
public final class PrivilegedFile {
    private final NativeCalls nativeCalls;

    /** Looks at files of this machine. */
    public PrivilegedFile(NativeCalls nativeCalls) {
        this.nativeCalls = nativeCalls;
    }

    /**
     * Looks at a file and at what its {@code #!} line names, and so on.
     *
     * @param directory where the names of interpreters without a leading slash begin
     * @return also if what is there may be executed and not be read; not if nothing can be executed
     * @throws IOException if it cannot be looked at
     */
    public boolean givesPrivileges(Path file, Path directory) throws IOException {
        Path next = file;
        for (int depth = 0; depth <= ProgramJudge.MAX_SCRIPT_DEPTH; depth++) {
            if (!Files.isRegularFile(next)) {
                // whether it is known that nothing can be executed there
                return !Files.exists(next) && !Files.notExists(next);
            }
            if (ProgramJudge.isSetId((int) Files.getAttribute(next, "unix:mode"))
                    || nativeCalls.processes().hasFileCapabilities(next)) {
                return true;
            }
            if (!Files.isReadable(next)) {
                return true;
            }
            ScriptLine line = ScriptLine.read(next);
            if (line.interpreter().isEmpty()) {
                return false;
            }
            next = directory.resolve(line.interpreter().get());
        }
        return false;
    }
}
