package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.Specimens.Linkage;

/** Each kind of executable, on each kind of pages, by each method, finds its code as it is in its file. */
@InLab
final class ExecutableKindsIT {
    static Stream<Arguments> everyCombination() {
        return Stream.of(Linkage.values())
                .flatMap(linkage -> Stream.of(Backing.values())
                        .flatMap(backing -> Stream.of("staged-swap", "in-place")
                                .map(method -> Arguments.of(linkage, backing, method))));
    }

    @ParameterizedTest
    @MethodSource("everyCombination")
    void comparesItsCodeWithItsFileAndCallsAllOfIt(Linkage linkage, Backing backing, String method, Lab lab) {
        lab.provide(backing);
        Path specimen = Specimens.specimen(linkage);
        Object[] arguments = {specimen, "check", "hold", "check", "exit", "42"};
        Outcome plain = lab.plain(arguments).run();

        RunningProgram traced = lab.tracer("--method=" + method, "--backing=" + backing.optionValue(), "--strict")
                .of(arguments)
                .start()
                .awaitLine("ready");
        traced.text().assertWhollyOn(backing);

        assertThat(traced.finish()).isEqualTo(plain);
        assertThat(plain.status()).isEqualTo(42);
    }
}
