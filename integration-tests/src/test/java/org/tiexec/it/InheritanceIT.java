package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

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

    /** Compares all that the specimen can tell of what it inherited; the swap must have taken place. */
    private static List<String> assertSameState(Lab lab, Surroundings surroundings) {
        Outcome plain =
                surroundings.around(lab.plain(Specimens.specimen(), "state")).run();

        Outcome traced = surroundings
                .around(lab.tracer("--strict").of(Specimens.specimen(), "state"))
                .run();

        assertThat(plain.status()).isZero();
        assertThat(traced.outLines()).isEqualTo(plain.outLines());
        assertThat(traced).isEqualTo(plain);
        return plain.outLines();
    }
}
