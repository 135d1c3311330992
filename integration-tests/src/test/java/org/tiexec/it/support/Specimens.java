package org.tiexec.it.support;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The programs of our own that tests run; each is built when it is first asked for. */
public final class Specimens {
    private static final List<String> SOURCES = List.of("specimen.c", "code.S");
    private static final List<String> WORLD_SOURCES = List.of("world.c", "code.S");
    private static final int BLOCKS_PER_MB = 16;
    private static final int SMALL_MB = 6;
    private static final int OTHER_MB = 10;
    private static final int LARGE_MB = 150;
    private static final int TINY_BLOCKS = 1;
    private static final int LISTENER_MB = 4;
    private static final int PATCHED_BLOCKS = 5 * BLOCKS_PER_MB;

    private Specimens() {}

    /** How a specimen is linked. */
    public enum Linkage {
        PIE("-pie -fPIE"),
        NON_PIE("-no-pie -fno-pie"),
        STATIC("-static -no-pie -fno-pie"),
        STATIC_PIE("-static-pie -fPIE");

        private final String flags;

        Linkage(String flags) {
            this.flags = flags;
        }
    }

    /** A specimen with 6 MB of code; see {@code specimen.c} for what it can be told. */
    public static Path specimen(Linkage linkage) {
        return specimen(linkage, SMALL_MB * BLOCKS_PER_MB);
    }

    /** The specimen for tests that do not mind how it is linked: a dynamic one at fixed addresses. */
    public static Path specimen() {
        return specimen(Linkage.NON_PIE);
    }

    /** The same with its code, data and constants each on 2 MB of their own, nothing mapped between. */
    public static Path specimenWithGaps(Linkage linkage) {
        return withGaps(linkage, SMALL_MB * BLOCKS_PER_MB);
    }

    /** The same with much less than 2 MB of code. */
    public static Path smallSpecimenWithGaps() {
        return withGaps(Linkage.NON_PIE, TINY_BLOCKS);
    }

    private static Path withGaps(Linkage linkage, int blocks) {
        return withBlocks(SOURCES, linkage, blocks, "-Wl,-z,max-page-size=0x200000", "-Wl,-z,separate-code");
    }

    /** A specimen with 150 MB of code. */
    public static Path largeSpecimen() {
        return specimen(Linkage.PIE, LARGE_MB * BLOCKS_PER_MB);
    }

    /** A specimen with much less than 2 MB of code. */
    public static Path smallSpecimen() {
        return specimen(Linkage.PIE, TINY_BLOCKS);
    }

    /** Tells all that it sees of the world that it was started in, and has 6 MB of code; see {@code world.c}. */
    public static Path world() {
        return withBlocks(WORLD_SOURCES, Linkage.PIE, SMALL_MB * BLOCKS_PER_MB);
    }

    /** The same program with much less than 2 MB of code. */
    public static Path smallWorld() {
        return withBlocks(WORLD_SOURCES, Linkage.PIE, TINY_BLOCKS);
    }

    /** Prints with its first instruction who it is, and has 6 MB of code; see {@code credentials.c}. */
    public static Path credentialsFromTheFirstInstruction() {
        return credentials(
                SMALL_MB * BLOCKS_PER_MB,
                "-nostdlib",
                "-static",
                "-no-pie",
                "-fno-pie",
                "-ffreestanding",
                "-fno-stack-protector",
                "-DSTATIC");
    }

    /** Prints in its first constructor who it is, and has 6 MB of code; see {@code credentials.c}. */
    public static Path credentials() {
        return credentials(SMALL_MB * BLOCKS_PER_MB, "-pie", "-fPIE");
    }

    /** The same program with much less than 2 MB of code. */
    public static Path smallCredentials() {
        return credentials(TINY_BLOCKS, "-pie", "-fPIE");
    }

    private static Path credentials(int blocks, String... flags) {
        List<String> all = new ArrayList<>(List.of("-Wa,--defsym,BLOCKS=" + blocks));
        all.addAll(List.of(flags));
        return CompiledProgram.compiled(List.of("credentials.c", "code.S"), all);
    }

    /** Starts several commands from one and the same state; see {@code start.c}. */
    public static Path start() {
        return helperProgram("start.c");
    }

    /** A library that writes down who loads it; see {@code preloaded.c}. */
    public static Path preloadedLibrary() {
        return CompiledProgram.compiled(List.of("preloaded.c"), List.of("-shared", "-fPIC"));
    }

    private static Path specimen(Linkage linkage, int blocks) {
        return withBlocks(SOURCES, linkage, blocks);
    }

    private static Path withBlocks(List<String> sources, Linkage linkage, int blocks, String... more) {
        List<String> flags =
                new ArrayList<>(List.of("-pthread", "-DBLOCKS=" + blocks, "-Wa,--defsym,BLOCKS=" + blocks));
        flags.addAll(Arrays.asList(linkage.flags.split(" ", -1)));
        flags.addAll(List.of(more));
        return CompiledProgram.compiled(sources, flags);
    }

    /** A 32-bit program that exits with 5. */
    public static Path program32() {
        return CompiledProgram.compiled(List.of("tiny32.c"), List.of("-m32", "-nostdlib", "-static", "-fno-pie"));
    }

    /** A 32-bit program that waits for the end of its input and exits with 5. */
    public static Path waiting32() {
        return CompiledProgram.compiled(List.of("waiting32.c"), List.of("-m32", "-nostdlib", "-static", "-fno-pie"));
    }

    /** Blocks in a system call and tells whether that was disturbed; see {@code blocker.c}. */
    public static Path blocker(Linkage linkage) {
        return checked(linkage, "blocker.c", "registers.S");
    }

    /** Threads that execute the code and measure how long they were kept from it; see {@code spinner.c}. */
    public static Path spinner(Linkage linkage) {
        return checked(linkage, "spinner.c");
    }

    /** The same with all of that code in a library, {@link #blocksLibrary}. */
    public static Path spinnerWithLibrary() {
        return CompiledProgram.compiled(
                List.of("spinner.c", "blocks.c"),
                List.of(
                        "-pthread",
                        "-pie",
                        "-fPIC",
                        "-DBLOCKS=" + SMALL_MB * BLOCKS_PER_MB,
                        "-Wl,--no-as-needed",
                        blocksLibrary().toString()));
    }

    /** A small program whose libraries do something before its entry point, with two of much code; see {@code late.c}. */
    public static Path late() {
        return late(earlyLibrary());
    }

    /** The same program where one of its libraries cannot be found. */
    public static Path lateWithoutLibrary() {
        return late(CompiledProgram.compiled(
                List.of("early.c"), List.of("-shared", "-fPIC", "-pthread", "-Wl,-soname,libgone.so.1")));
    }

    private static Path late(Path early) {
        return CompiledProgram.compiled(
                List.of("late.c"),
                List.of(
                        "-pie",
                        "-fPIE",
                        "-Wl,--no-as-needed",
                        early.toString(),
                        blocksLibrary().toString(),
                        otherBlocksLibrary().toString()));
    }

    private static Path earlyLibrary() {
        return CompiledProgram.compiled(List.of("early.c"), List.of("-shared", "-fPIC", "-pthread"));
    }

    /** Another library of code, which has 10 MB. */
    public static Path otherBlocksLibrary() {
        return CompiledProgram.compiled(
                List.of("code.S"), List.of("-shared", "-Wa,--defsym,BLOCKS=" + OTHER_MB * BLOCKS_PER_MB));
    }

    /** A library with 6 MB of code. */
    public static Path blocksLibrary() {
        return CompiledProgram.compiled(
                List.of("code.S"), List.of("-shared", "-Wa,--defsym,BLOCKS=" + SMALL_MB * BLOCKS_PER_MB));
    }

    /** Threads that count by restartable sequences; see {@code percpu.c}. */
    public static Path percpu() {
        return checked(Linkage.PIE, "percpu.c");
    }

    /** Accounts for every signal; see {@code signalled.c}. */
    public static Path signalled() {
        return checked(Linkage.PIE, "signalled.c");
    }

    /** Threads, children and executions that come and go; see {@code churn.c}. */
    public static Path churn() {
        return checked(Linkage.PIE, "churn.c");
    }

    /** With 6 MB of code that begins on a 2 MB boundary, so that the program's own functions are in what is swapped, too. */
    private static Path checked(Linkage linkage, String... own) {
        List<String> sources = new ArrayList<>(List.of(own));
        sources.addAll(List.of("blocks.c", "code.S"));
        return withBlocks(sources, linkage, SMALL_MB * BLOCKS_PER_MB, "-Wl,-z,max-page-size=0x200000");
    }

    /** Takes huge pages away; see {@code page_hog.c}. */
    public static Path pageHog() {
        return helperProgram("page_hog.c");
    }

    /** Tells how fast memory can be copied; see {@code copying.c}. */
    public static Path copying() {
        return helperProgram("copying.c");
    }

    /** Asks for the pages of another process to be taken away; see {@code pressure.c}. */
    public static Path pressure() {
        return helperProgram("pressure.c");
    }

    /** Tells how {@code waitpid} saw a command end and what it left behind; see {@code witness.c}. */
    public static Path witness() {
        return helperProgram("witness.c");
    }

    /** Kills a command at one of its requests about a process; see {@code fatal_request.c}. */
    public static Path fatalRequest() {
        return helperProgram("fatal_request.c");
    }

    /** Tells what a parent sees of its children; see {@code family.c}. */
    public static Path family() {
        return CompiledProgram.compiled(List.of("family.c"), List.of("-pthread"));
    }

    /** Runs a command under a restriction; see {@code under.c}. */
    public static Path under() {
        return helperProgram("under.c");
    }

    /** A program with 4 MB of code that tells of the signals it gets; see {@code listener.c}. */
    public static Path listener() {
        int blocks = LISTENER_MB * BLOCKS_PER_MB;
        return CompiledProgram.compiled(
                List.of("listener.c", "code.S"),
                List.of("-no-pie", "-fno-pie", "-DBLOCKS=" + blocks, "-Wa,--defsym,BLOCKS=" + blocks));
    }

    /** A program with 5 MB of code in which its loader has to patch addresses; see {@code patched.c}. */
    public static Path patchedByItsLoader() {
        return patched("-pie", "-fPIE", "-Wl,-z,notext");
    }

    /** A program with 5 MB of code in memory that it may write to; see {@code patched.c}. */
    public static Path withWritableCode() {
        return patched("-no-pie", "-fno-pie", "-Wa,--defsym,WRITABLE=1", "-Wl,--no-warn-rwx-segments");
    }

    private static Path patched(String... linkage) {
        List<String> flags =
                new ArrayList<>(List.of("-DBLOCKS=" + PATCHED_BLOCKS, "-Wa,--defsym,BLOCKS=" + PATCHED_BLOCKS));
        flags.addAll(List.of(linkage));
        return CompiledProgram.compiled(List.of("patched.c", "code.S"), flags);
    }

    /** Sends a signal at a moment of a launch; see {@code storm.c}. */
    public static Path storm() {
        return helperProgram("storm.c");
    }

    /** Runs a command in a terminal of its own; see {@code terminal.c}. */
    public static Path terminal() {
        return helperProgram("terminal.c");
    }

    /** Checks the work of its own threads; see {@code selfcheck.c}. */
    public static Path selfcheck() {
        return CompiledProgram.compiled(List.of("selfcheck.c"), List.of("-pthread"));
    }

    private static Path helperProgram(String source) {
        return CompiledProgram.compiled(List.of(source), List.of());
    }

    /**
     * A Python with its interpreter in a library; see {@code python.c}.
     *
     * @param library that library
     */
    public static Path python(Path library) {
        return CompiledProgram.compiled(
                List.of("python.c"), List.of("-pie", "-fPIE", "-Wl,--no-as-needed", library.toString()));
    }

    /** A static program of the Go toolchain with some megabytes of code; see {@code gopher.go}. */
    public static Path goProgram() {
        Path cache = Lab.target().resolve("go-build-cache");
        return CompiledProgram.built(
                List.of("gopher.go"),
                Arrays.asList("go", "build"),
                "-o",
                List.of("CGO_ENABLED=0", "GO111MODULE=off", "GOFLAGS=", "GOCACHE=" + cache));
    }
}
