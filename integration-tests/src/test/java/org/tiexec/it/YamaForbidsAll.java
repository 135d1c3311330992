package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.User;
import org.tiexec.it.support.YamaSetting;

/**
 * With {@code kernel.yama.ptrace_scope=3} nobody may trace: every program runs as it is.
 *
 * <p>That setting lasts until the machine is started anew. So this is run by nothing but its name, in a machine that is
 * thrown away: {@code .ci/vm -Dit.test=YamaForbidsAll}.
 */
@InLab
@SuppressWarnings("try") // the setting is there to be put back
final class YamaForbidsAll {
    private static final int FORBIDDEN = 3;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyProgramRunsAsItIsAndTheReasonNamesTheSetting(boolean byRoot, Lab lab) {
        assumeTrue(
                System.getenv("TIEXEC_VM") != null, "only in the machine of .ci/vm: this setting cannot be taken back");
        Object[] program = {Specimens.specimen(), "check", "exit", "42"};
        lab.provide(Backing.HUGETLB);
        try (YamaSetting setting = new YamaSetting(FORBIDDEN)) {
            Outcome plain = as(byRoot, lab.plain(program)).run();

            Outcome traced = as(byRoot, lab.traced(program)).run();
            Outcome strict = as(byRoot, lab.tracer("--strict").of(program)).run();

            assertThat(plain.status()).isEqualTo(42);
            assertThat(traced.status()).isEqualTo(42);
            assertThat(traced.out()).isEqualTo(plain.out());
            assertThat(traced.errLines())
                    .singleElement()
                    .asString()
                    .contains("kernel.yama.ptrace_scope is 3", "until the machine is started anew");
            assertThat(strict.status()).isEqualTo(125);
            assertThat(strict.out()).isEmpty();
        }
    }

    private static Command as(boolean root, Command command) {
        return root ? command : command.as(User.NOBODY);
    }
}
