package org.tiexec.helper.proc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

final class StandingTest {
    private static Optional<String> obstacle(int id, String status) {
        return new Standing(status.getBytes(UTF_8)).obstacle(id);
    }

    private static String status(String state, int group, int kernel) {
        return "Name:\tState:\tZ\nUmask:\t0022\nState:\t" + state + "\nTgid:\t" + group
                + "\nNgid:\t0\nPid:\t7\nKthread:\t" + kernel + "\nThreads:\t1\n";
    }

    @Test
    void aProcessThatRunsOrWaitsOrIsStoppedCanBeChanged() {
        for (String state : new String[] {"R (running)", "S (sleeping)", "D (disk sleep)", "T (stopped)"}) {
            assertThat(obstacle(7, status(state, 7, 0))).as(state).isEmpty();
        }
    }

    @Test
    void aZombieCannot() {
        assertThat(obstacle(7, status("Z (zombie)", 7, 0)))
                .contains("has ended and waits for its parent to notice (a zombie): it has no memory any more");
    }

    @Test
    void aThreadOfTheKernelCannot() {
        assertThat(obstacle(7, status("I (idle)", 7, 1)))
                .contains("is a thread of the kernel: it has no memory of its own");
    }

    @Test
    void aThreadNamesItsProcess() {
        assertThat(obstacle(7, status("S (sleeping)", 5, 0))).contains("is a thread of process 5: give that one");
    }

    @Test
    void whatOlderKernelsDoNotTellIsNoObstacle() {
        assertThat(obstacle(7, "Name:\tx\nState:\tS (sleeping)\n")).isEmpty();
        assertThat(obstacle(7, "")).isEmpty();
    }
}
