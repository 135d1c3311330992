package org.tiexec.helper.cli;

import java.io.File;
import java.io.OutputStream;
import picocli.CommandLine.Model.CommandSpec;

/** The command line of {@code helper} as it is defined, of which the build makes manual pages and shell completion. */
public final class Definition {
    private Definition() {}

    /** The command {@code helper}, with its subcommands. */
    public static CommandSpec ofHelper() {
        return HelperCommand.line(new File("/"), OutputStream.nullOutputStream(), System.err)
                .getCommandSpec();
    }
}
