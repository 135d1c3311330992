package org.tiexec.it.support;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.tracer.attach.AttachOptions;
import org.tiexec.tracer.attach.AttachSession;
import org.tiexec.tracer.swap.PhaseClock;

/**
 * What the command {@code tracer attach} does, done in this JVM with a helper of its own, so that the kernel's answers can be
 * exchanged.
 */
public final class AttachHere {
    private static final Duration TIMEOUT = Patience.of(Duration.ofSeconds(10));

    /** Bit N−1 stands for signal N: this JVM's own are left to it. */
    private static final long EVERY_SIGNAL = -1;

    private AttachHere() {}

    /** Does it to a process that this JVM's own means have not started; {@code settings} tell whether it is an undo. */
    public static Outcome run(LiveProcess process, Settings settings, FaultyCalls calls) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PhaseClock clock = new PhaseClock(System.nanoTime());
        // Its rehearsal, on a process of its own, is not what is meant.
        int status = new AttachSession(
                        new AttachOptions(
                                Math.toIntExact(process.pid()),
                                settings,
                                false,
                                false,
                                false,
                                Optional.empty(),
                                false,
                                TIMEOUT),
                        calls.architecture(() -> clock.phases().stream()
                                .anyMatch(phase -> phase.name().equals("rehearsal"))),
                        Lab.root().resolve("helper/bin/helper"),
                        EVERY_SIGNAL,
                        (report, helper) -> {},
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Optional.empty(),
                        clock)
                .run();
        return new Outcome(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
