package org.tiexec.tracer.helper;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The helper JVM, joined to us by two pipes.
 *
 * <p>None of its answers is waited for longer than a deadline. What it writes to its standard error is shown only if it
 * fails. It ends by itself as soon as our end of its standard input is closed, also by our death.
 */
public final class HelperProcess implements AutoCloseable {
    private int pid;
    private final Ending ending;
    private final HelperConversation conversation;

    /** How a helper that is no longer wanted comes to its end. */
    private interface Ending {
        /** Ends it, if need be, and waits until it is gone. */
        void end(HelperConversation conversation);
    }

    private HelperProcess(
            int pid,
            InputStream answersPipe,
            OutputStream questions,
            InputStream errors,
            Duration patience,
            Optional<PrintStream> log,
            Ending ending) {
        this.pid = pid;
        this.ending = ending;
        PatientInput answers = new PatientInput(answersPipe, patience);
        LastWords words = LastWords.of(errors);
        Peer peer = new Peer() {
            @Override
            public void isAsked() {
                answers.beginToWait();
            }

            @Override
            public String lastWords() {
                return words.firstLine();
            }
        };
        if (log.isPresent()) {
            ConversationLog shown = new ConversationLog(log.get());
            this.conversation = new HelperConversation(shown.heard(answers), shown.said(questions), peer);
        } else {
            this.conversation = new HelperConversation(answers, questions, peer);
        }
    }

    /**
     * Starts the helper without waiting for it.
     *
     * @param launcher the helper's launcher, beside the tracer's own canonical path
     * @param patience how long each of its answers may take
     * @param log where all that is said is shown, if people are to see it
     * @throws HelperFailedException if it is not there or cannot be started
     */
    public static HelperProcess start(Path launcher, Duration patience, Optional<PrintStream> log)
            throws HelperFailedException {
        requireLauncher(launcher);
        try {
            Process process = new ProcessBuilder(launcher.toString(), "serve").start();
            return new HelperProcess(
                    (int) process.pid(),
                    process.getInputStream(),
                    process.getOutputStream(),
                    process.getErrorStream(),
                    patience,
                    log,
                    new Ending() {
                        @Override
                        public void end(HelperConversation conversation) {
                            process.destroyForcibly();
                            process.onExit().join();
                        }
                    });
        } catch (IOException e) {
            throw new HelperFailedException("cannot be started: " + e.getMessage(), e);
        }
    }

    private static void requireLauncher(Path launcher) throws HelperFailedException {
        if (!Files.isExecutable(launcher)) {
            throw new HelperFailedException("not found at " + launcher
                    + " (tracer and helper belong together: copy or clone the whole project)");
        }
    }

    /**
     * A helper that has been started beside us; its answers are our standard input. Unless it fails, it is left to end with
     * us.
     *
     * @param launcher what it was started by
     * @param pid its process id
     * @param questions our descriptor of its standard input
     * @param errors our descriptor of its standard error
     * @param patience how long each of its answers may take
     * @param log where all that is said is shown, if people are to see it
     * @param ender ends it and waits until it is gone
     * @throws HelperFailedException if it cannot be reached
     */
    public static HelperProcess inherited(
            Path launcher,
            int pid,
            int questions,
            int errors,
            Duration patience,
            Optional<PrintStream> log,
            Runnable ender)
            throws HelperFailedException {
        requireLauncher(launcher);
        try {
            return new HelperProcess(
                    pid,
                    new FileInputStream(FileDescriptor.in),
                    new FileOutputStream("/proc/self/fd/" + questions),
                    new FileInputStream("/proc/self/fd/" + errors),
                    patience,
                    log,
                    new Ending() {
                        @Override
                        public void end(HelperConversation conversation) {
                            if (conversation.hasFailed()) {
                                ender.run();
                            }
                        }
                    });
        } catch (IOException e) {
            throw new HelperFailedException("cannot be reached: " + e.getMessage(), e);
        }
    }

    /** Its process id, from where this process sees it; before it has said hello that may still be its launcher's. */
    public int pid() {
        return pid;
    }

    /**
     * Waits until it says that it is ready.
     *
     * @throws HelperFailedException if it says anything else, or nothing
     */
    public void awaitHello() throws HelperFailedException {
        pid = conversation.awaitHello();
    }

    /** What it says and is told. */
    public HelperConversation conversation() {
        return conversation;
    }

    /** Ends it, which has nothing to tidy up, and waits until it is gone; closing twice is harmless. */
    @Override
    public void close() {
        ending.end(conversation);
    }
}
