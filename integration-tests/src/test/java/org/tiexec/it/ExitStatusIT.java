package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;

/** However the program ends, its caller sees that end. */
@InLab
final class ExitStatusIT {
    @ParameterizedTest
    @ValueSource(ints = {0, 3, 7, 42, 255})
    void anExitCodeReachesTheCaller(int code, Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        Object[] program = {Specimens.specimen(), "say", "bye", "exit", code};

        assertThat(lab.tracer("--strict").of(program).fromShell().run()).isEqualTo(new Outcome(code, "bye\n", ""));
        assertThat(seenByWaitpid(lab, lab.tracer("--strict").of(program))).isEqualTo("exited with " + code);
    }

    @ParameterizedTest
    @CsvSource({"KILL, 9", "SEGV, 11", "ABRT, 6", "TERM, 15", "INT, 2"})
    void aDeathBySignalReachesTheCaller(String name, int number, Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        Object[] program = {Specimens.specimen(), "say", "bye", "raise", number};

        Outcome shell = lab.tracer("--strict").of(program).fromShell().run();

        assertThat(shell.status()).as(name).isEqualTo(128 + number);
        assertThat(shell.out()).isEqualTo("bye\n");
        assertThat(seenByWaitpid(lab, lab.tracer("--strict").of(program)))
                .isEqualTo(seenByWaitpid(lab, lab.plain(program)))
                .isEqualTo("killed by signal " + number);
    }

    @Test
    void aDeathBySignalFromOutsideReachesTheCaller(Lab lab) {
        RunningProgram traced = lab.traced(Specimens.specimen(), "hold").start().awaitLine("ready");

        traced.program().signal("KILL");

        assertThat(traced.awaitEnd().status()).isEqualTo(128 + 9);
    }

    @Test
    void asTheFirstProcessOfAContainerADeathBecomes128PlusItsSignal(Lab lab) {
        assumeTrue(Files.isWritable(Path.of("/proc/sys/vm/nr_hugepages")), "a new pid namespace takes root");
        Command contained = lab.tracer("--strict")
                .of(Specimens.specimen(), "check", "raise", "15")
                // in a chroot, the root is no mount point, whose propagation could be changed
                .after("unshare", "--pid", "--fork", "--mount-proc", "--propagation", "unchanged");

        assertThat(contained.run().status()).isEqualTo(128 + 15);
    }

    @Test
    void aProgramThatIsNotFoundIs127(Lab lab) {
        Outcome traced = lab.traced("there-is-no-such-program").run();

        assertThat(traced.status()).isEqualTo(127);
        assertThat(traced.errLines())
                .singleElement()
                .asString()
                .contains("there-is-no-such-program", "looked along PATH");
        assertThat(lab.traced("/nowhere/at/all").run().status()).isEqualTo(127);
    }

    @Test
    void aProgramThatIsNotExecutableIs126(Lab lab) {
        Path file = lab.file("not-executable", "#!/bin/sh\n");

        Outcome traced = lab.traced(file).run();

        assertThat(traced.status()).isEqualTo(126);
        assertThat(traced.errLines()).singleElement().asString().contains(file.toString(), "chmod +x");
    }

    @Test
    void aDirectoryIs126(Lab lab) {
        Outcome traced = lab.traced(lab.directory()).run();

        assertThat(traced.status()).isEqualTo(126);
        assertThat(traced.errLines())
                .singleElement()
                .asString()
                .contains(lab.directory().toString(), "it is a directory");
    }

    private static String seenByWaitpid(Lab lab, Command command) throws IOException {
        Path report = Files.createTempFile(lab.directory(), "witness", "");
        assertThat(command.after(Specimens.witness(), report).run().status()).isZero();
        return Files.readAllLines(report).get(0);
    }
}
