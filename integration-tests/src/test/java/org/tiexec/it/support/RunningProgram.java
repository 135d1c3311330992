package org.tiexec.it.support;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A command that has been started; its lab ends it if the test does not. */
public final class RunningProgram {
    private static final Duration PATIENCE = Patience.of(Duration.ofSeconds(30));

    /** Such a tracer goes on for seconds, whatever the program does. */
    private static final Pattern MAKES_ARCHIVE = Pattern.compile("-Dtiexec\\.(recording|prepare)=");

    private final Command command;
    private final Process process;
    private final Path out;
    private final Path err;

    RunningProgram(Command command, Process process, Path out, Path err) {
        this.command = command;
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** The process that was started: with a tracer, the tracer. */
    public LiveProcess process() {
        return new LiveProcess(process.pid());
    }

    /** Whether that has ended, and been waited for. */
    boolean hasEnded() {
        return !process.isAlive();
    }

    /** The process that traces: the one that was started, or, where that is to become the program, an orphan. */
    public LiveProcess tracer() {
        return await("a process that traces", this::tracerNow);
    }

    /** The same, if there is one just now. */
    public Optional<LiveProcess> tracerNow() {
        String place = placeOption();
        return Stream.concat(Stream.of(process()), LiveProcess.all().stream())
                .filter(candidate -> candidate.status("Name").equals("java")
                        && (candidate.equals(process())
                                || candidate.commandLine().contains(place)))
                .findFirst();
    }

    /** The process that executes the program itself, once there is one: that which was started, or its child. */
    public LiveProcess program() {
        return await(
                "a process that executes " + command.program(),
                () -> process().tree().stream()
                        .filter(candidate -> candidate.executable().equals(Optional.of(command.program())))
                        .findFirst());
    }

    /** On which pages the program's code stands now. */
    public TextPages text() {
        return TextPages.of(program());
    }

    /** Waits until all of the program's code is on pages of this kind; for programs that cannot say when they are ready. */
    public void awaitTextWhollyOn(Backing backing) {
        await("code on " + backing, () -> Optional.of(text()).filter(text -> text.isWhollyOn(backing)));
    }

    /** Waits until it has written a line to standard output. */
    public RunningProgram awaitLine(String line) {
        await(
                "the line '" + line + "'",
                () -> out().lines().filter(line::equals).findFirst());
        return this;
    }

    /** What it has written to standard output so far. */
    public String out() {
        return Command.text(out);
    }

    /** What it has written to standard error so far. */
    public String err() {
        return Command.text(err);
    }

    /** Writes to its standard input. */
    public void say(String text) {
        try {
            OutputStream input = process.getOutputStream();
            input.write(text.getBytes(StandardCharsets.UTF_8));
            input.flush();
        } catch (IOException e) {
            if (!endsSoon()) {
                throw new UncheckedIOException(e);
            }
            // It has ended without reading all of it, which its outcome will tell.
        }
    }

    /** Whether it ends: what a process has closed at its end is seen before its end is. */
    private boolean endsSoon() {
        try {
            return process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends its standard input and waits for its end. */
    public Outcome finish() {
        return finish(PATIENCE);
    }

    /** Ends its standard input and waits for its end, which takes longer than usual. */
    public Outcome finish(Duration deadline) {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // The pipe is broken: it has closed its end, or has ended.
        }
        return awaitEnd(deadline);
    }

    /** Waits for its end. */
    public Outcome awaitEnd() {
        return awaitEnd(PATIENCE);
    }

    /** Waits for its end, which takes longer than usual. */
    public Outcome awaitEnd(Duration deadline) {
        try {
            if (process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                awaitLastWords();
                return new Outcome(process.exitValue(), out(), err());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new AssertionError("has not ended in " + deadline.toSeconds() + " s: " + this);
    }

    /** A tracer that is no parent of the program may say something after its end. */
    private void awaitLastWords() {
        String place = placeOption();
        Awaitility.await("the end of the tracer of " + this)
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> LiveProcess.all().stream()
                        .map(LiveProcess::commandLine)
                        .noneMatch(line -> line.contains(place)
                                && !MAKES_ARCHIVE.matcher(line).find()));
    }

    private String placeOption() {
        return "-Dtiexec.place=" + process.pid() + ":";
    }

    /** Waits for something that it is expected to bring about. */
    public RunningProgram awaitThat(String what, BooleanSupplier condition) {
        await(what, () -> condition.getAsBoolean() ? Optional.of(what) : Optional.empty());
        return this;
    }

    private <T> T await(String what, Supplier<Optional<T>> question) {
        try {
            return Awaitility.await(what)
                    .atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(5))
                    .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                    .until(() -> ask(what, question), Optional::isPresent)
                    .orElseThrow();
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("never seen: " + what + "; " + this, e);
        }
    }

    private <T> Optional<T> ask(String what, Supplier<Optional<T>> question) {
        boolean wasAlive = process.isAlive();
        Optional<T> answer = question.get();
        if (answer.isEmpty() && !wasAlive) {
            throw new AssertionError("ended with " + process.exitValue() + " before " + what + " was seen; " + this);
        }
        return answer;
    }

    @Override
    public String toString() {
        return command + " (pid " + process.pid() + ")\nstdout: " + out() + "\nstderr: " + err();
    }
}
