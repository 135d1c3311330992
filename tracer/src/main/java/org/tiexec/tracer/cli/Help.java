package org.tiexec.tracer.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The help texts, laid out by picocli from the same list of options that the parser uses. */
final class Help {
    private static final int WIDTH = 100;

    private Help() {}

    /** What {@code tracer --help} prints. */
    static String general() {
        CommandSpec spec = CommandSpec.create().name("tracer");
        spec.usageMessage()
                .width(WIDTH)
                .description("Starts programs, unmodified, with their code on 2 MB pages.")
                .footer(
                        "",
                        "Examples:",
                        "  tracer run -- node server.js",
                        "  tracer run -v -- gdb --version",
                        "  tracer run --dry-run -- postgres",
                        "",
                        "More: tracer run --help, helper plan --help");
        spec.addSubcommand("run", run());
        spec.addOption(OptionSpec.builder("--help", "-h")
                .description("show this help")
                .usageHelp(true)
                .build());
        spec.addOption(OptionSpec.builder("--version")
                .description("show the version")
                .versionHelp(true)
                .build());
        return text(spec);
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
                        "  tracer run -- node server.js",
                        "  tracer run -v --backing=thp -- gdb --version",
                        "  tracer run --strict --backing=hugetlb -- postgres -D /var/lib/postgresql/data",
                        "  tracer run --archive=/var/log/tiexec -- prometheus --config.file=prometheus.yml",
                        "  tracer run --dry-run -- node",
                        "",
                        "Reserve 2 MB pages first (as root): sysctl vm.nr_hugepages=64");
        for (RunOption option : RunOption.values()) {
            String[] names = option.shortName().isEmpty()
                    ? new String[] {option.longName()}
                    : new String[] {option.shortName(), option.longName()};
            OptionSpec.Builder builder = OptionSpec.builder(names).description(option.description());
            if (option.takesValue()) {
                builder.type(String.class).paramLabel(option.parameter());
            }
            spec.addOption(builder.build());
        }
        spec.addOption(OptionSpec.builder("--help", "-h")
                .description("show this help")
                .usageHelp(true)
                .build());
        spec.addPositional(PositionalParamSpec.builder()
                .paramLabel("program [arguments]")
                .arity("1..*")
                .type(String[].class)
                .description("what to run, found along PATH")
                .build());
        return spec;
    }

    private static String text(CommandSpec spec) {
        return new CommandLine(spec).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }
}
