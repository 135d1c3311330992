package org.tiexec.tracer.session;

import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.outcome.Printable;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.program.ExecutableSearch;
import org.tiexec.tracer.signal.OwnSignals;
import org.tiexec.tracer.sys.BareStart;
import org.tiexec.tracer.sys.SysException;

/** A launch without 2 MB pages: the program as if we were not there, or the reason why it is not run. */
final class PlainRun {
    private static final int EXIT_NOT_EXECUTABLE = 126;
    private static final int EXIT_NOT_FOUND = 127;

    private final LaunchOptions options;
    private final Inheritance inheritance;
    private final Bequest bequest;
    private final Architecture arch;
    private final ExecutableSearch search;
    private final NativeCalls nativeCalls;
    private final Attendants attendants;
    private final PrintStream err;

    PlainRun(Launch launch, Bequest bequest, ExecutableSearch search, NativeCalls nativeCalls, Attendants attendants) {
        this.options = launch.options();
        this.inheritance = launch.inheritance();
        this.arch = launch.arch();
        this.err = launch.err();
        this.bequest = bequest;
        this.search = search;
        this.nativeCalls = nativeCalls;
        this.attendants = attendants;
    }

    /** The program as it was typed, so far as it can be shown. */
    String programName() {
        return Printable.of(new String(inheritance.argv().get(0), StandardCharsets.UTF_8));
    }

    /** Fail open: says why and runs the program without us, unless strictness forbids it. */
    int fallBack(String reason) {
        if (options.strict() || options.dryRun()) {
            return refuse(reason);
        }
        err.println("tracer: " + programName() + ": " + Printable.of(reason) + "; the program runs without 2 MB pages");
        return become();
    }

    int refuse(String reason) {
        err.println("tracer: " + programName() + ": " + Printable.of(reason) + "; the program was not run");
        return LaunchSession.EXIT_OWN_FAILURE;
    }

    /** Becomes the program; returns only if that is impossible. */
    int become() {
        err.flush();
        try {
            attendants.giveWay();
            OwnSignals.discard(nativeCalls.library(), nativeCalls.processes(), arch, inheritance.signalMask());
            bequest.prepare();
            bequest.complete();
        } catch (SysException e) {
            return refuse("what it inherits cannot be handed on: " + e.getMessage());
        }
        BareStart start = bequest.bareStart(arch);
        Optional<Errno> refused = search.execute(new ExecutableSearch.Attempt<RuntimeException, RuntimeException>() {
            @Override
            public Optional<Errno> execute(byte[] path, List<byte[]> argv) {
                return Optional.of(nativeCalls.processes().become(path, argv, inheritance.environment(), start));
            }
        });
        return notExecuted(refused.orElse(Errno.ENOENT));
    }

    int notExecuted(Errno errno) {
        err.println("tracer: cannot run '" + programName() + "': " + errno.meaning() + hint(errno));
        return errno.equals(Errno.ENOENT) ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
    }

    private String hint(Errno errno) {
        if (errno.equals(Errno.ENOENT)) {
            return programName().contains("/") ? "" : " (looked along PATH; give a path, or install it)";
        }
        if (errno.equals(Errno.EACCES)) {
            return new File(programName()).isDirectory() ? " (it is a directory)" : " (if it is a program: chmod +x)";
        }
        return "";
    }
}
