package org.tiexec.tracer.cli;

import java.io.File;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The help texts, laid out by picocli from the same list of options that the parser uses. */
final class Help {
    private static final int WIDTH = 100;

    /** The label of a value that is a directory. */
    private static final String DIRECTORY = "DIR";

    private Help() {}

    /** What {@code tracer --help} prints. */
    static String general() {
        return text(all());
    }

    /** All commands with their options. */
    static CommandSpec all() {
        CommandSpec spec = CommandSpec.create().name("tracer");
        spec.usageMessage()
                .width(WIDTH)
                .description(
                        "Starts programs, unmodified, with their code on 2 MB pages; brings that of running ones there.")
                .footer(
                        "",
                        "Examples:",
                        "  tracer run -- prometheus --web.listen-address=:9090   start a server on 2 MB pages",
                        "  tracer run -v -- gdb --version                        and tell what was done",
                        "  tracer run --dry-run -- gdb                           only show what would be done",
                        "  tracer attach 4242                                    the same for a process that runs",
                        "  tracer attach --undo 4242                             and back",
                        "",
                        "More: tracer run --help, tracer attach --help, helper --help (plans without doing anything)");
        spec.addSubcommand("run", run());
        spec.addSubcommand("attach", attach());
        spec.addOption(OptionSpec.builder("--help", "-h")
                .description("show this help")
                .usageHelp(true)
                .build());
        spec.addOption(OptionSpec.builder("--version")
                .description("show the version")
                .versionHelp(true)
                .build());
        return spec;
    }

    /** What {@code tracer run --help} prints. */
    static String ofRun() {
        return text(run());
    }

    private static CommandSpec run() {
        CommandSpec spec = CommandSpec.create().name("tracer run");
        spec.usageMessage()
                .width(WIDTH)
                .sortOptions(false)
                .customSynopsis("tracer run [options] -- program [arguments]")
                .description("Runs a program with its code on 2 MB pages and exits with its status.")
                .footer(
                        "",
                        "Exit status: the program's own; 128+N if signal N ended it; 125 if tracer itself failed,",
                        "126 if the program cannot be executed, 127 if it cannot be found.",
                        "",
                        "Examples:",
                        "  tracer run -- prometheus --web.listen-address=:9090   start a server on 2 MB pages",
                        "  tracer run -v --backing=thp -- gdb --version          take transparent pages, tell what was done",
                        "  tracer run --strict --backing=hugetlb -- etcd         reserved pages or nothing: exit 125",
                        "  tracer run --archive=/var/log/tiexec -- etcd          leave a record of it as JSON",
                        "  tracer run --user=www-data -- node server.js          as another user, started by root",
                        "  tracer run --targets=exe,libs -- clang -c big.c       and of the libraries that it is linked with",
                        "  tracer run --dlopen=5 -- java -jar server.jar         and of those that it loads in 5 seconds",
                        "  tracer run --dry-run -- gdb                           only show what would be done",
                        "",
                        "TIEXEC in the environment sets options, too; the command line wins: TIEXEC=backing=thp,verbose.",
                        "TIEXEC=off starts the program without anything of ours; TIEXEC=log=debug shows on standard error",
                        "what tracer and helper say to each other. --user, --groups, --strict, --archive and --dry-run can",
                        "only be given on the command line.",
                        "",
                        "Reserve 2 MB pages as root: sysctl vm.nr_hugepages=64. Without them: transparent ones.");
        for (RunOption option : RunOption.values()) {
            add(option.text(), spec);
        }
        addHelp(spec);
        spec.addPositional(PositionalParamSpec.builder()
                .paramLabel("program [arguments]")
                .arity("1..*")
                .type(String[].class)
                .description("what to run, found along PATH")
                .build());
        return spec;
    }

    /** What {@code tracer attach --help} prints. */
    static String ofAttach() {
        return text(attach());
    }

    private static CommandSpec attach() {
        CommandSpec spec = CommandSpec.create().name("tracer attach");
        spec.usageMessage()
                .width(WIDTH)
                .sortOptions(false)
                .customSynopsis("tracer attach [options] PID")
                .description("Brings the code of a running process to 2 MB pages while it runs, or back.")
                .footer(
                        "",
                        "Exit status: 0 if it is done, or there was nothing to do; 125 if it could not be done. In any",
                        "case the process runs on, also if tracer is killed.",
                        "",
                        "Examples:",
                        "  tracer attach 4242                      the code of process 4242 and of its libraries",
                        "  tracer attach -v --targets=exe 4242     only its own; tell what was done",
                        "  tracer attach --lib='libjvm*' 4242      of libraries only this one",
                        "  tracer attach --undo 4242               everything back to where it was",
                        "  tracer attach --dry-run 4242            only show what would be done",
                        "  tracer attach $(pidof -s node)          by name",
                        "",
                        "TIEXEC in the environment sets options, too (see tracer run --help); not --undo, --strict,",
                        "--archive and --dry-run.",
                        "",
                        "Reserve 2 MB pages as root: sysctl vm.nr_hugepages=64. Without them: transparent ones.");
        for (AttachOption option : AttachOption.values()) {
            add(option.text(), spec);
        }
        addHelp(spec);
        spec.addPositional(PositionalParamSpec.builder()
                .paramLabel("PID")
                .arity("1")
                .type(Integer.class)
                .description("the id of the process")
                .build());
        return spec;
    }

    private static void add(OptionText option, CommandSpec spec) {
        String[] names = option.shortName().isEmpty()
                ? new String[] {option.longName()}
                : new String[] {option.shortName(), option.longName()};
        OptionSpec.Builder builder = OptionSpec.builder(names).description(option.description());
        if (option.takesValue()) {
            builder.type(option.parameter().equals(DIRECTORY) ? File.class : String.class)
                    .paramLabel(option.parameter());
            if (option.parameter().indexOf('|') >= 0) {
                builder.completionCandidates(List.of(option.parameter().split("[|]", -1)));
            }
        }
        spec.addOption(builder.build());
    }

    private static void addHelp(CommandSpec spec) {
        spec.addOption(OptionSpec.builder("--help", "-h")
                .description("show this help")
                .usageHelp(true)
                .build());
    }

    private static String text(CommandSpec spec) {
        return new CommandLine(spec).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }
}
