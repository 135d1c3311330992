package org.tiexec.it.bench;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.TextPages;

/** A program that waits with its first word because the pipe for it is full, so that anybody can look at it. */
final class HeldLaunch implements AutoCloseable {
    private final Launcher launcher;
    private final Program program;
    private final Process process;
    private final FileChannel pipe;
    private final Path told;
    private final LiveProcess held;

    /** Returns when the program is there, on the pages that the launcher promises. */
    HeldLaunch(Launcher launcher, Program program, Scratch scratch) throws IOException, InterruptedException {
        this.launcher = launcher;
        this.program = program;
        Path fifo = scratch.fifo("full");
        told = scratch.directory().resolve("told");
        pipe = FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE);
        // ends with "Resource temporarily unavailable" when the pipe is full
        new ProcessBuilder("dd", "if=/dev/zero", "of=" + fifo, "bs=4096", "count=4096", "oflag=nonblock")
                .redirectError(Redirect.DISCARD)
                .start()
                .waitFor();
        ProcessBuilder builder = launcher.process(program.command())
                .redirectOutput(fifo.toFile())
                .redirectError(told.toFile());
        builder.environment().put(OurProcesses.MARK, OurProcesses.mark());
        process = builder.start();
        try {
            held = Await.answer(program.name() + " by " + launcher.name(), this::find);
        } catch (IOException | RuntimeException e) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            end();
            throw e;
        }
    }

    private Optional<LiveProcess> find() throws IOException {
        if (!process.isAlive()) {
            throw new BenchmarkException(launcher.command(program.command()) + " ended with " + process.exitValue()
                    + " before it said anything: " + Files.readString(told, StandardCharsets.UTF_8));
        }
        Path executable = program.executable();
        for (LiveProcess candidate : new LiveProcess(process.pid()).tree()) {
            // write(2), to the pipe that is full
            if (candidate.executable().equals(Optional.of(executable))
                    && candidate.read("syscall").startsWith("1 ")) {
                prove(candidate);
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** It has got as far as its first word: what was to be done to it is done. */
    private void prove(LiveProcess candidate) {
        TextPages text = TextPages.of(candidate);
        if (text.possibleKb() > 0
                && launcher.promised().isPresent()
                && !text.isWhollyOn(launcher.promised().get())) {
            throw new BenchmarkException("no swap took place, nothing was measured: "
                    + launcher.command(program.command()) + " runs on " + text);
        }
    }

    /** The process that executes the program. */
    LiveProcess program() {
        return held;
    }

    /** Whether the launcher's own process has become the program. */
    boolean isInPlace() {
        return held.pid() == process.pid();
    }

    @Override
    public void close() throws IOException {
        ProcessHandle.of(held.pid()).ifPresent(ProcessHandle::destroyForcibly);
        end();
    }

    private void end() throws IOException {
        try {
            if (!process.waitFor(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        pipe.close();
        OurProcesses.awaitNone();
    }
}
