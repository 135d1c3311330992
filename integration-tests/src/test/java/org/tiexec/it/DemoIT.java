package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.User;

/** {@code tracer/bin/demo} shows the gain, says what stays and how to take that back. */
@InLab
final class DemoIT {
    @Test
    void itShowsThePagesBeforeAndAfter(Lab lab) {
        lab.pool().provide(32);

        Outcome demo = demo(lab).run();

        assertThat(demo.status()).as(demo.toString()).isZero();
        assertThat(demo.err()).isEmpty();
        assertThat(demo.out())
                .containsPattern("\n  prometheus … +5\\d{3} +0\n")
                .containsPattern("\n  tracer run -- prometheus … +8\\d\\d +9\n")
                .contains("reserved ones (hugetlb)")
                .doesNotContain("Undo", "\u001b");
    }

    @Test
    void itReservesPagesAndSaysHowToGiveThemBack(Lab lab) {
        lab.pool().provide(0);
        long before = lab.pool().used();

        Outcome demo = demo(lab).run();

        assertThat(demo.status()).as(demo.toString()).isZero();
        assertThat(lab.pool().available()).isEqualTo(32);
        assertThat(demo.out()).contains("reserved ones (hugetlb)", "sysctl vm.nr_hugepages=" + before);
    }

    @Test
    void whoMayNotReservePagesSeesTransparentOnes(Lab lab) {
        lab.pool().provide(0);

        Outcome demo = demo(lab).as(User.NOBODY).run();

        assertThat(demo.status()).as(demo.toString()).isZero();
        assertThat(demo.out())
                .containsPattern("tracer run -- prometheus … +8\\d\\d +9\n")
                .contains("transparent ones (thp)");
        assertThat(lab.pool().available()).isZero();
    }

    @Test
    void onATerminalItIsColoured(Lab lab) {
        lab.pool().provide(32);

        Outcome demo = lab.plain("script", "-qec", Lab.root() + "/tracer/bin/demo", "/dev/null")
                .with("TERM", "xterm")
                .run();

        assertThat(demo.status()).as(demo.toString()).isZero();
        assertThat(demo.out()).contains("\u001b[32m", "\u001b[0m");
    }

    private static Command demo(Lab lab) {
        return lab.plain(Lab.root().resolve("tracer/bin/demo"));
    }
}
