package org.tiexec.packaging;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Writes the parts of an installation that are made from others.
 *
 * <p>Run by the build: {@code Main OUTPUT VERSION TIMESTAMP CHANGELOG JARS…}, the last of which are directories.
 */
public final class Main {
    private static final int FIRST_JARS = 4;

    private Main() {}

    /** Writes {@code share/}, {@code doc/} and {@code lib/stamp} below the directory that is named first. */
    public static void main(String[] args) throws IOException {
        Path output = Path.of(args[0]);
        String version = args[1];
        Instant time = Instant.parse(args[2]);
        for (CommandSpec command :
                List.of(org.tiexec.tracer.cli.Definition.ofTracer(), org.tiexec.helper.cli.Definition.ofHelper())) {
            writeManual(output.resolve("share/man/man1"), command, "", version, time);
            write(
                    output.resolve("share/bash-completion/completions/" + command.name()),
                    new Completion(command).text());
        }
        writeCompressed(
                output.resolve("doc/changelog.gz"),
                Files.readString(Path.of(args[3]))
                        .replace("@VERSION@", version)
                        .replace("@DATE@", Changelog.date(time)));
        BuildStamp stamp = new BuildStamp();
        for (int i = FIRST_JARS; i < args.length; i++) {
            stamp.add(Path.of(args[i]));
        }
        write(output.resolve("lib/stamp"), stamp.text() + "\n");
    }

    private static void writeManual(Path directory, CommandSpec command, String parent, String version, Instant time)
            throws IOException {
        ManualPage page = new ManualPage(command, parent, version, time);
        writeCompressed(directory.resolve(page.name() + ".1.gz"), page.text());
        for (CommandSpec subcommand : ManualPage.subcommands(command)) {
            writeManual(directory, subcommand, page.name(), version, time);
        }
    }

    private static void writeCompressed(Path file, String text) throws IOException {
        Files.createDirectories(file.resolveSibling("."));
        Files.write(file, Compressed.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, text);
    }
}
