package org.tiexec.it.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs whose sources are among the test resources, compiled once for each content and flags. */
final class CompiledProgram {
    private static final Path BUILT = Lab.target().resolve("programs");
    private static final int TIMEOUT_SECONDS = 240;

    private CompiledProgram() {}

    /**
     * Compiles sources into one program.
     *
     * @param sources their names among the resources in {@code programs/}
     */
    static Path compiled(List<String> sources, List<String> flags) {
        List<String> command = new ArrayList<>(List.of("gcc", "-O1", "-Wall", "-Wextra", "-Werror"));
        command.addAll(flags);
        return built(sources, command, "-o", List.of());
    }

    /**
     * Builds sources into one file, unless that has been done.
     *
     * @param compiler the command without output and sources
     * @param outputOption what stands before the output file
     * @param environment variables as {@code name=value}
     */
    static Path built(List<String> sources, List<String> compiler, String outputOption, List<String> environment) {
        try {
            Files.createDirectories(BUILT);
            String stem = sources.get(0).substring(0, sources.get(0).lastIndexOf('.'));
            Path program = BUILT.resolve(stem + "-" + fingerprint(sources, compiler, environment));
            if (!Files.exists(program)) {
                build(sources, compiler, outputOption, environment, program);
            }
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void build(
            List<String> sources, List<String> compiler, String outputOption, List<String> environment, Path program)
            throws IOException {
        Path directory = Files.createTempDirectory(BUILT, "building");
        Path unfinished = directory.resolve("program");
        List<String> command = new ArrayList<>(List.of("env"));
        command.addAll(environment);
        command.addAll(compiler);
        command.addAll(List.of(outputOption, unfinished.toString()));
        for (String source : sources) {
            command.add(Files.write(directory.resolve(source), content(source)).toString());
        }
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException(command + " failed: " + Command.text(log));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new IllegalStateException(e);
        }
        Path pieced = directory.resolve("pieced");
        writeByPages(unfinished, pieced);
        Files.delete(unfinished);
        Files.move(pieced, program, StandardCopyOption.ATOMIC_MOVE);
        for (String source : sources) {
            Files.delete(directory.resolve(source));
        }
        Files.delete(log);
        Files.delete(directory);
    }

    /**
     * Copies a program so that the page cache holds it in pages of 4 KB: what a linker writes in one piece may be held, and
     * mapped, in pieces of 2 MB, so that nothing would be left to gain.
     */
    private static void writeByPages(Path program, Path copy) throws IOException {
        byte[] page = new byte[4096];
        try (InputStream in = Files.newInputStream(program);
                OutputStream out = Files.newOutputStream(copy)) {
            for (int bytes = in.readNBytes(page, 0, page.length);
                    bytes > 0;
                    bytes = in.readNBytes(page, 0, page.length)) {
                out.write(page, 0, bytes);
            }
        }
        Files.setPosixFilePermissions(copy, Files.getPosixFilePermissions(program));
    }

    private static String fingerprint(List<String> sources, List<String> compiler, List<String> environment)
            throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String source : sources) {
                digest.update(content(source));
            }
            digest.update((compiler + " " + environment).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] content(String source) throws IOException {
        try (InputStream in = CompiledProgram.class.getResourceAsStream("/programs/" + source)) {
            if (in == null) {
                throw new IOException("no resource programs/" + source);
            }
            return in.readAllBytes();
        }
    }
}
