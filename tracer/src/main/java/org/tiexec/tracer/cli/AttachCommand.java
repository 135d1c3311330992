package org.tiexec.tracer.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.tracer.arch.X8664Live;
import org.tiexec.tracer.attach.AttachOptions;
import org.tiexec.tracer.attach.AttachSession;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.swap.PhaseClock;

/** The command {@code tracer attach}, kept apart from what a launch loads. */
final class AttachCommand {
    private AttachCommand() {}

    /** Runs it; the exit status. */
    static int run(String[] args, PrintStream out, PrintStream err, PhaseClock clock) throws UsageException {
        if (args.length > 0 && (args[0].equals("--help") || args[0].equals("-h"))) {
            out.print(Help.ofAttach());
            return 0;
        }
        Optional<String> variable = StartState.settings();
        AttachOptions options;
        boolean logsProtocol = false;
        if (variable.isPresent()) {
            SettingsVariable settings = SettingsVariable.read(variable.get(), new AttachVocabulary());
            options = AttachArguments.parse(args, settings);
            logsProtocol = settings.logsProtocol();
            settings.warning().ifPresent(warning -> err.println("tracer: " + warning));
        } else {
            options = AttachArguments.parse(args);
        }
        Path home = Path.of(System.getProperty("tiexec.home", "."));
        return new AttachSession(
                        options,
                        new X8664Live(),
                        home.resolve("bin/helper"),
                        StartState.ignoredSignals(),
                        new Telling(new Reporter(options.verbose(), options.archive(), err)),
                        out,
                        err,
                        logsProtocol ? Optional.of(err) : Optional.empty(),
                        clock)
                .run();
    }

    /** Passes on what was done. */
    private record Telling(Reporter reporter) implements AttachSession.Observer {
        @Override
        public void done(RunReport report, HelperProcess helper) {
            reporter.done(report);
            reporter.runs(report, helper);
        }
    }
}
