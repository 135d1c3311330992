package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;

/** A program with 150 MB of code, handled by JVMs with their default settings. */
@InLab
final class LargeTextIT {
    private static final Pattern JAR = Pattern.compile("-jar \\S*/(\\S+\\.jar)");
    private static final long TEXT_KB = 150 << 10;
    private static final long ALLOWED_KB = 150 << 10;

    @ParameterizedTest
    @EnumSource
    void runsOnHugePages(Backing backing, Lab lab) {
        lab.provide(backing);
        Path program = Specimens.largeSpecimen();
        Outcome plain =
                lab.plain(program, "check", "hold", "check", "exit", "3").run();

        RunningProgram traced = lab.traced(program, "check", "hold", "check", "exit", "3")
                .start()
                .awaitLine("ready");
        traced.text().assertWhollyOn(backing);

        assertThat(traced.text().possibleKb()).isGreaterThan(TEXT_KB - 4096);
        assertThat(traced.finish()).isEqualTo(plain);
    }

    static Stream<Arguments> methodsWithTheirCopiesOfTheText() {
        return Stream.of(Backing.values())
                .flatMap(backing ->
                        Stream.of(Arguments.of(backing, "staged-swap", 0), Arguments.of(backing, "in-place", 1)));
    }

    @ParameterizedTest
    @MethodSource("methodsWithTheirCopiesOfTheText")
    void costsBothJvmsTogetherAtMost150MbOfMemory(Backing backing, String method, int copies, Lab lab) {
        lab.provide(backing);
        RunningProgram traced = lab.tracer("--strict", "--method=" + method)
                .of(Specimens.largeSpecimen(), "hold")
                .start();

        Map<String, Long> peaks = new HashMap<>();
        while (!traced.out().contains("ready") && traced.process().isAlive()) {
            for (LiveProcess process : lab.processes()) {
                String peak = process.status("VmHWM");
                Matcher jar = JAR.matcher(process.commandLine());
                if (jar.find() && !peak.isEmpty()) {
                    peaks.merge(jar.group(1), Long.parseLong(peak.replace(" kB", "")), Math::max);
                }
            }
        }
        traced.awaitLine("ready").text().assertWhollyOn(backing);
        traced.finish();

        System.out.println("peak resident memory of the JVMs, " + backing + ", " + method + ": " + peaks + " kB");
        assertThat(peaks).as("a tracer and a helper").hasSize(2);
        assertThat(peaks.values().stream().mapToLong(Long::longValue).sum())
                .as("peak of both JVMs, kB: " + peaks)
                .isLessThanOrEqualTo(ALLOWED_KB + copies * TEXT_KB);
    }
}
