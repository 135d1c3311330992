package org.tiexec.helper.cli;

import java.io.File;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.MutuallyExclusiveArgsException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line as people see it. */
@Command(
        name = "helper",
        mixinStandardHelpOptions = true,
        usageHelpWidth = HelperCommand.WIDTH,
        versionProvider = HelperCommand.Version.class,
        description = "Decides which code of a program goes to 2 MB pages, for tracer, or as a dry run for people.",
        footer = {
            "",
            "Examples:",
            "  helper plan --elf=/usr/bin/gdb       what would be done to a program that is started now",
            "  helper plan --pid=4242 --for=attach  what would be done to a process that runs",
            "  helper plan --help                   options and exit status",
        })
final class HelperCommand implements Runnable {
    static final int WIDTH = 100;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Without a command there is nothing to do. */
    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "a command is missing: helper plan --pid=PID or helper plan --elf=FILE");
    }

    /**
     * Parses the command line and does what it says.
     *
     * @return the exit status
     */
    static int run(File root, OutputStream out, PrintStream errors, String... args) {
        return line(root, out, errors)
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(errors, true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((e, arguments) -> complain(e, errors))
                .setExecutionExceptionHandler((e, command, result) -> Crash.report(e, errors))
                .execute(args);
    }

    static CommandLine line(File root, OutputStream out, PrintStream errors) {
        return new CommandLine(new HelperCommand())
                .addSubcommand(new PlanCommand(root, out, errors))
                .addSubcommand(new ServeHelp());
    }

    private static int complain(ParameterException e, PrintStream errors) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        errors.println("helper: " + problem(e) + " (see: " + command + " --help)");
        return ExitStatus.USAGE;
    }

    private static String problem(ParameterException e) {
        if (e instanceof MutuallyExclusiveArgsException) {
            return "--pid and --elf exclude each other: give one of them";
        }
        if (e instanceof UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().get(0);
            return (first.startsWith("-") ? "unknown option '" : "not expected here: '") + first + "'";
        }
        return String.valueOf(e.getMessage());
    }

    /** Stands in the list of commands for the one that {@link Main} runs without this parser. */
    @Command(
            name = "serve",
            mixinStandardHelpOptions = true,
            usageHelpWidth = WIDTH,
            description = "Answers tracer on stdin and stdout, in JSON lines. Takes no options.")
    static final class ServeHelp implements Runnable {
        @Override
        public void run() {
            throw new IllegalStateException("serve does not come here");
        }
    }

    /** Reads the version that the build wrote into the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = HelperCommand.class.getPackage().getImplementationVersion();
            return new String[] {"helper " + (version == null ? "(not built by Maven)" : version)};
        }
    }
}
