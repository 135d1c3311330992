package org.tiexec.tracer.helper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The helper JVM, joined to us by two pipes.
 *
 * <p>None of its answers is waited for longer than a deadline. What it writes to its standard error is shown only if it
 * fails. It ends by itself as soon as our end of its standard input is closed, also by our death.
 */
public final class HelperProcess implements AutoCloseable {
    private final Process process;
    private final HelperConversation conversation;

    private HelperProcess(Process process, Duration patience) {
        this.process = process;
        PatientInput answers = new PatientInput(process.getInputStream(), patience);
        LastWords words = LastWords.of(process.getErrorStream());
        this.conversation = new HelperConversation(answers, process.getOutputStream(), new Peer() {
            @Override
            public void isAsked() {
                answers.beginToWait();
            }

            @Override
            public String lastWords() {
                return words.firstLine();
            }
        });
    }

    /**
     * Starts the helper without waiting for it.
     *
     * @param launcher the helper's launcher, beside the tracer's own canonical path
     * @param patience how long each of its answers may take
     * @throws HelperFailedException if it is not there or cannot be started
     */
    public static HelperProcess start(Path launcher, Duration patience) throws HelperFailedException {
        if (!Files.isExecutable(launcher)) {
            throw new HelperFailedException("not found at " + launcher
                    + " (tracer and helper belong together: copy or clone the whole project)");
        }
        try {
            return new HelperProcess(new ProcessBuilder(launcher.toString(), "serve").start(), patience);
        } catch (IOException e) {
            throw new HelperFailedException("cannot be started: " + e.getMessage(), e);
        }
    }

    /** Its process id, from where this process sees it. */
    public int pid() {
        return (int) process.pid();
    }

    /** What it says and is told. */
    public HelperConversation conversation() {
        return conversation;
    }

    /** Ends it, which has nothing to tidy up, and waits until it is gone and reaped; closing twice is harmless. */
    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
