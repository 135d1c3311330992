package org.tiexec.helper.cli;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tiexec.helper.planner.Decision;
import org.tiexec.helper.planner.ElfPrediction;
import org.tiexec.helper.planner.LivePlanner;
import org.tiexec.helper.planner.Planner;
import org.tiexec.helper.proc.HostFiles;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.proc.UnreadableProcessException;
import org.tiexec.protocol.elf.ElfHeaders;
import org.tiexec.protocol.elf.MalformedElfException;
import org.tiexec.protocol.elf.TextRelocations;
import org.tiexec.protocol.outcome.Printable;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.NamePattern;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Selection;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Targets;
import org.tiexec.protocol.wire.Message;
import org.tiexec.protocol.wire.MessageWriter;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code helper plan}: prints the plan that tracer would be given; touches nothing. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        usageHelpWidth = HelperCommand.WIDTH,
        sortOptions = false,
        versionProvider = HelperCommand.Version.class,
        description = {
            "Prints the plan that tracer would be given, as JSON lines. Touches nothing.",
            "Where there is nothing to do, prints one line that says why."
        },
        footer = {
            "",
            "Exit status: 0 a plan, or nothing to do; 1 it cannot be had; 2 usage.",
            "",
            "Examples:",
            "  helper plan --pid=4242                       as if the process were just being launched",
            "  helper plan --pid=4242 --for=attach          what an attach to it would do",
            "  helper plan --pid=4242 --for=undo            what would take an attach back",
            "  helper plan --pid=4242 --backing=hugetlb     are enough pages reserved?",
            "  helper plan --elf=/usr/bin/gdb | head -n 1   regions and notes only",
        })
final class PlanCommand implements Callable<Integer>, Decision.Cases<Integer, IOException> {
    private final File root;
    private final MessageWriter writer;
    private final PrintStream errors;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @ArgGroup(multiplicity = "1")
    private Subject subject = new Subject();

    @Option(
            names = "--for",
            paramLabel = "NAME",
            defaultValue = "launch",
            converter = WireNames.Purposes.class,
            completionCandidates = WireNames.Purposes.class,
            description = "What the plan is for: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Purpose purpose = Settings.DEFAULT.purpose();

    @Option(
            names = "--targets",
            paramLabel = "NAMES",
            converter = WireNames.TargetSets.class,
            completionCandidates = WireNames.TargetSets.class,
            description = "Whose code is moved: exe, libs, or both. Default: exe for a launch, exe,libs for an attach.")
    private Optional<Targets> targets = Optional.empty();

    @Option(
            names = "--lib",
            paramLabel = "GLOB",
            description = "Of libraries only those with such a file name; may be repeated.")
    private List<String> libraries = new ArrayList<>();

    @Option(names = "--max-pages", paramLabel = "N", description = "At most N pages of 2 MB, the largest pieces first.")
    private Optional<Integer> maxPages = Optional.empty();

    @Option(
            names = "--strategy",
            paramLabel = "NAME",
            defaultValue = "conservative",
            converter = WireNames.Strategies.class,
            completionCandidates = WireNames.Strategies.class,
            description = "How regions are chosen: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private StrategyName strategy = Settings.DEFAULT.strategy();

    @Option(
            names = "--backing",
            paramLabel = "NAME",
            defaultValue = "auto",
            converter = WireNames.Backings.class,
            completionCandidates = WireNames.Backings.class,
            description = "What pages they get: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private BackingChoice backing = Settings.DEFAULT.backing();

    @Option(
            names = "--method",
            paramLabel = "NAME",
            defaultValue = "auto",
            converter = WireNames.Methods.class,
            completionCandidates = WireNames.Methods.class,
            description = "How they are swapped in: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private MethodChoice method = Settings.DEFAULT.method();

    PlanCommand(File root, OutputStream out, PrintStream errors) {
        this.root = root;
        this.writer = new MessageWriter(out);
        this.errors = errors;
    }

    @Override
    public Integer call() {
        Settings settings = settings();
        try {
            return decide(settings).match(this);
        } catch (UnreadableProcessException e) {
            return fail(String.valueOf(e.getMessage()));
        } catch (MalformedElfException e) {
            return fail(subject.elf.orElseThrow() + ": " + e.getMessage());
        } catch (IOException e) {
            return fail(String.valueOf(e.getMessage()));
        }
    }

    private Settings settings() {
        if (purpose != Purpose.LAUNCH && subject.pid.isEmpty()) {
            throw wrong("--for=" + purpose.wireName() + " is for processes that run: give --pid=PID");
        }
        boolean withLibraries =
                !libraries.isEmpty() || (targets.isPresent() && targets.get().includeLibraries());
        if (withLibraries && subject.pid.isEmpty()) {
            throw wrong("which libraries a program loads is known when it runs: give --pid=PID");
        }
        try {
            List<NamePattern> patterns = new ArrayList<>();
            for (String library : libraries) {
                patterns.add(new NamePattern(library));
            }
            return new Settings(
                    purpose,
                    targets.orElse(patterns.isEmpty() ? Settings.defaultTargets(purpose) : Targets.ALL),
                    strategy,
                    backing,
                    method,
                    new Selection(patterns, maxPages));
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private ParameterException wrong(String reason) {
        return new ParameterException(spec.commandLine(), reason);
    }

    private Decision decide(Settings settings) throws UnreadableProcessException, MalformedElfException, IOException {
        if (subject.pid.isPresent()) {
            return new LivePlanner(root).planAroundSeals(subject.pid.get(), settings);
        }
        File elf = subject.elf.orElseThrow(() ->
                new ParameterException(spec.commandLine(), "what to plan for is missing: --pid=PID or --elf=FILE"));
        return Planner.plan(prediction(elf, settings.strategy()), new HostFiles(root).read(), settings);
    }

    /** Looks before it opens: a named pipe would wait for its other end. */
    private static ProcessFacts prediction(File elf, StrategyName strategy) throws MalformedElfException, IOException {
        if (!elf.exists()) {
            throw new MalformedElfException("no such file");
        }
        if (!elf.isFile()) {
            throw new MalformedElfException(elf.isDirectory() ? "is a directory" : "not a regular file");
        }
        try (RandomAccessFile file = new RandomAccessFile(elf, "r")) {
            ElfHeaders headers = ElfHeaders.read(file.getChannel());
            if (!headers.is64Bit()) {
                throw new MalformedElfException("a 32-bit program; only 64-bit ones are supported");
            }
            if (headers.machine() != ElfHeaders.EM_X86_64) {
                throw new MalformedElfException("not for x86-64 (ELF machine " + headers.machine() + ")");
            }
            if (headers.segments().isEmpty()) {
                throw new MalformedElfException("it has nothing to load into memory");
            }
            ProcessFacts process = ElfPrediction.of(elf.toString(), headers, strategy);
            return TextRelocations.areIn(file) ? process.withPatchedCode() : process;
        }
    }

    @Override
    public Integer proposed(Decision.Proposed decision) throws IOException {
        try {
            writer.send(decision.plan());
            return ExitStatus.OK;
        } catch (IOException e) {
            return fail("standard output cannot be written to: " + e.getMessage());
        }
    }

    @Override
    public Integer declined(Decision.Declined decision) throws IOException {
        if (!decision.nothingToDo()) {
            return fail(decision.reason());
        }
        writer.send(new Message.Declined(true, decision.reason()));
        return ExitStatus.OK;
    }

    private int fail(String reason) {
        errors.println("helper: " + Printable.of(reason));
        return ExitStatus.FAILED;
    }

    /** What is planned for: one of the two. */
    static final class Subject {
        @Option(
                names = "--pid",
                paramLabel = "PID",
                required = true,
                converter = ProcessId.class,
                description = "A running process.")
        private Optional<Integer> pid = Optional.empty();

        @Option(
                names = "--elf",
                paramLabel = "FILE",
                required = true,
                description = "An executable file; its mappings are predicted from its program headers.")
        private Optional<File> elf = Optional.empty();
    }

    /** Reads a process id, which is a positive number. */
    static final class ProcessId implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            int pid;
            try {
                pid = Integer.parseInt(value);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + value + "' is no process id");
            }
            if (pid <= 0) {
                throw new TypeConversionException("'" + value + "' is no process id");
            }
            return pid;
        }
    }
}
