package org.tiexec.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;

/** A specimen that compares its code with its file and calls every block of it, before and after it was held, and in a child. */
public final class SelfCheck {
    private SelfCheck() {}

    /** The command that starts it; it is held when it says {@code ready}. */
    public static Object[] command(Path specimen) {
        return new Object[] {specimen, "check", "hold", "check", "fork", "1", "exit", "7"};
    }

    /** Lets it go on to its end: all was as it should be. */
    public static void assertUnharmed(RunningProgram program) {
        Outcome outcome = program.finish();
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(7);
        List<String> checks = outcome.outLines().stream()
                .filter(line -> line.contains("text as in the file"))
                .toList();
        assertThat(checks).as(outcome.toString()).hasSize(3);
        assertThat(outcome.out()).contains("child 0 exited with 10");
        assertThat(outcome.err()).isEmpty();
    }
}
