package org.tiexec.tracer.cli;

import picocli.CommandLine.Model.CommandSpec;

/** The command line of {@code tracer} as it is defined, of which the build makes manual pages and shell completion. */
public final class Definition {
    private Definition() {}

    /** The command {@code tracer}, with its subcommands. */
    public static CommandSpec ofTracer() {
        return Help.all();
    }
}
