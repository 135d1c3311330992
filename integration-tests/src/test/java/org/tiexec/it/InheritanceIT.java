package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.Specimens;

/** The program inherits what its caller gave it, byte for byte, as if we were not in between. */
@InLab
final class InheritanceIT {
    @ParameterizedTest
    @EnumSource
    void limitsMasksAndAttributesAreThoseOfTheCaller(Backing backing, Lab lab) {
        lab.provide(backing);
        String surroundings = "umask 027; ulimit -S -n 500; ulimit -S -s 4096; ulimit -S -f 1000000; exec \"$@\"";

        assertSameState(
                lab,
                command -> command.after(
                                "env", "--block-signal=USR2,WINCH", "--ignore-signal=HUP,PIPE", "nice", "-n", "3")
                        .after("sh", "-c", surroundings, "sh"));
    }

    @Test
    void theEnvironmentIsThatOfTheCallerByteForByte(Lab lab) {
        lab.provide(Backing.HUGETLB);

        List<String> state = assertSameState(
                lab,
                command -> command.with("a.b", "dotted")
                        .with("BASH_FUNC_greet%%", "() { :; }")
                        .with("PWD", "/nowhere")
                        .with("OLDPWD", "")
                        .with("JAVA_TOOL_OPTIONS", "-Dfor.the=program")
                        .with("JDK_JAVA_OPTIONS", "-Dfor.the=program")
                        .with("_JAVA_OPTIONS", "-Dfor.the=program")
                        .with("CLASSPATH", "/for/the/program")
                        .with("LD_LIBRARY_PATH", "/for/the/program")
                        .with("TIEXEC_BACKING", "none of ours")
                        .with("LINES", "line one\nline two"));

        assertThat(state)
                .contains(
                        "variable a.b=dotted",
                        "variable BASH_FUNC_greet%%=() { :; }",
                        "variable PWD=/nowhere",
                        "variable JAVA_TOOL_OPTIONS=-Dfor.the=program",
                        "variable LINES=line one\\x0aline two");
    }

    @Test
    void anEmptyEnvironmentStaysEmpty(Lab lab) {
        lab.provide(Backing.HUGETLB);

        List<String> state = assertSameState(lab, command -> command.after("env", "-i"));

        assertThat(state).noneMatch(line -> line.startsWith("variable"));
    }

    @Test
    void argumentsAreThoseOfTheCallerByteForByte(Lab lab) {
        lab.provide(Backing.HUGETLB);
        String arguments =
                "exec \"$@\" \"$(printf 'a\\377b\\303')\" '' ' two  words ' \"$(printf '1\\n2')\" '*' '--' '-v' '\\' \"'\"";

        List<String> state = assertSameState(lab, command -> command.after("sh", "-c", arguments, "sh"));

        assertThat(state)
                .contains(
                        "argument a\\xffb\\xc3",
                        "argument ",
                        "argument  two  words ",
                        "argument 1\\x0a2",
                        "argument --");
    }

    private interface Surroundings {
        Command around(Command command);
    }

    /** Compares a program whose code must be swapped and one that has nothing to swap. */
    private static List<String> assertSameState(Lab lab, Surroundings surroundings) {
        assertSameState(lab, surroundings, Specimens.smallSpecimen());
        return assertSameState(lab, surroundings, Specimens.specimen());
    }

    /** Compares all that the specimen can tell of what it inherited. */
    private static List<String> assertSameState(Lab lab, Surroundings surroundings, Path specimen) {
        Outcome plain = surroundings.around(lab.plain(specimen, "state")).run();

        Outcome traced = surroundings
                .around(lab.tracer("--strict").of(specimen, "state"))
                .run();

        List<String> expected = withoutOrderOfVariables(plain);
        List<String> observed = withoutOrderOfVariables(traced);
        assertThat(difference(observed, expected))
                .as("what the program has and should not have")
                .isEmpty();
        assertThat(difference(expected, observed))
                .as("what the program has not and should have")
                .isEmpty();
        assertThat(observed).isEqualTo(expected);
        assertThat(traced.err()).isEqualTo(plain.err());
        assertThat(traced.status()).isEqualTo(plain.status()).isZero();
        return expected;
    }

    private static List<String> withoutOrderOfVariables(Outcome outcome) {
        return outcome.outLines().stream()
                .sorted(Comparator.comparing((String line) -> line.startsWith("variable ") ? line : ""))
                .toList();
    }

    private static List<String> difference(List<String> lines, List<String> others) {
        List<String> difference = new ArrayList<>(lines);
        others.forEach(difference::remove);
        return difference;
    }
}
