package org.tiexec.tracer.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.tiexec.tracer.arch.X8664;
import org.tiexec.tracer.arch.X8664Live;
import org.tiexec.tracer.launch.Holder;
import org.tiexec.tracer.launch.Launch;
import org.tiexec.tracer.launch.LaunchSession;
import org.tiexec.tracer.swap.PhaseClock;

/** The entry point of {@code tracer}. */
public final class Main {
    private Main() {}

    /** Runs one command and ends the process with its status. */
    public static void main(String[] args) {
        PhaseClock clock = new PhaseClock(System.nanoTime() - StartState.ageNanos());
        clock.end("start JVM");
        Optional<Holder> holder = StartState.holder();
        int status;
        try {
            status = run(args, holder, System.out, System.err, clock);
            // where a process waits for our word, it may have been killed
            if (status == 0 && holder.isEmpty() && System.out.checkError()) {
                System.err.println(
                        "tracer: standard output cannot be written to: is the disk full, or the pipe closed?");
                status = LaunchSession.EXIT_OWN_FAILURE;
            }
        } catch (UsageException e) {
            System.err.println("tracer: " + e.getMessage());
            status = LaunchSession.EXIT_OWN_FAILURE;
            if (holder.isPresent()) {
                // the word for which the process waits that was to become the program
                System.out.println("exit " + status);
            }
        } catch (IOException e) {
            System.err.println("tracer: /proc/self cannot be read: " + e.getMessage());
            status = LaunchSession.EXIT_OWN_FAILURE;
        }
        System.out.flush();
        System.err.flush();
        if (holder.isPresent() && holder.get().awaitsArchive()) {
            // The launcher has asked for an archive of the classes, which is made in an orderly shutdown.
            System.exit(status);
        }
        // Not exit: nothing is to be tidied up, and the shutdown sequence takes time.
        Runtime.getRuntime().halt(status);
    }

    private static int run(String[] args, Optional<Holder> holder, PrintStream out, PrintStream err, PhaseClock clock)
            throws UsageException, IOException {
        String command = args.length == 0 ? "" : args[0];
        switch (command) {
            case "run" -> {
                String[] rest = Arrays.copyOfRange(args, 1, args.length);
                if (rest.length > 0 && (rest[0].equals("--help") || rest[0].equals("-h"))) {
                    out.print(Help.ofRun());
                    return 0;
                }
                Optional<String> variable = StartState.settings();
                if (variable.isEmpty()) {
                    return launch(RunArguments.parse(rest), Optional.empty(), holder, out, err, clock);
                }
                SettingsVariable settings = SettingsVariable.read(variable.get(), new RunVocabulary());
                return launch(RunArguments.parse(rest, settings), Optional.of(settings), holder, out, err, clock);
            }
            case "attach" -> {
                return AttachCommand.run(Arrays.copyOfRange(args, 1, args.length), out, err, clock);
            }
            case "--help", "-h" -> {
                out.print(Help.general());
                return 0;
            }
            case "--version" -> {
                out.println("tracer " + version());
                return 0;
            }
            case "" ->
                throw new UsageException(
                        "a command is missing: tracer run -- program, or tracer attach PID (see: tracer --help)");
            default ->
                throw new UsageException(
                        command.startsWith("-")
                                ? "unknown option '" + command + "' (see: tracer --help)"
                                : "unknown command '" + command + "': tracer run -- " + String.join(" ", args)
                                        + " (see: tracer --help)");
        }
    }

    private static int launch(
            RunArguments arguments,
            Optional<SettingsVariable> settings,
            Optional<Holder> holder,
            PrintStream out,
            PrintStream err,
            PhaseClock clock)
            throws UsageException, IOException {
        if (!arguments.user().equals(StartState.lookedUp())) {
            // Two readings of one command line: whoever is meant, it is not to be found out by trying.
            throw new UsageException(
                    "the program was not run, as its user is not clear; write --user=NAME before -- just once"
                            + " (and start tracer by its launcher)");
        }
        if (holder.isPresent() && StartState.descendsFrom(holder.get().pid())) {
            out.println("child");
            return 0;
        }
        if (settings.isPresent() && settings.get().warning().isPresent()) {
            err.println("tracer: " + settings.get().warning().get());
        }
        Path home = Path.of(System.getProperty("tiexec.home", "."));
        Launch launch = new Launch(
                arguments.options(),
                StartState.inheritance(arguments.programArguments()),
                new X8664(),
                arguments.options().wantsLibraries() ? Optional.of(new X8664Live()) : Optional.empty(),
                new Reporter(arguments.options().verbose(), arguments.options().archive(), err),
                err,
                settings.isPresent() && settings.get().logsProtocol() ? Optional.of(err) : Optional.empty(),
                clock);
        return new LaunchSession(launch, holder, home.resolve("bin/helper"), out).run();
    }

    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }
}
