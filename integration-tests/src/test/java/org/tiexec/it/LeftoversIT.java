package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

/**
 * No kind of run leaves a file, a process, a descriptor or a huge page behind.
 *
 * <p>That is looked at after every test of this package; here it is looked at most closely.
 */
@InLab
final class LeftoversIT {
    /** The ways in which a run can go. */
    enum Run {
        SWAPPED(0, "run", "--backing=hugetlb", "--strict", "--", Specimens.specimen(), "check"),
        SWAPPED_IN_PLACE(0, "run", "--method=in-place", "--strict", "--", Specimens.specimen(), "check"),
        SWAPPED_TRANSPARENTLY(0, "run", "--backing=thp", "--strict", "--", Specimens.specimen(), "check"),
        TOLD(0, "run", "-v", "--", Specimens.specimen(), "check"),
        WITH_NOTHING_TO_DO(0, "run", "--", "true"),
        SHOWN_ONLY(0, "run", "--dry-run", "--", Specimens.specimen(), "check"),
        OF_A_32_BIT_PROGRAM(5, "run", "--", Specimens.program32()),
        NOT_FOUND(127, "run", "--", "there-is-no-such-program"),
        NOT_EXECUTABLE(126, "run", "--", "/etc/hostname"),
        MISUSED(125, "run", "--no-such-option", "--", "true"),
        KILLED(128 + 9, "run", "--", Specimens.specimen(), "raise", "9"),
        CRASHED(128 + 11, "run", "--", Specimens.specimen(), "raise", "11"),
        ASKED_FOR_HELP(0, "--help"),
        ASKED_FOR_ITS_VERSION(0, "--version");

        private final int status;
        private final Object[] arguments;

        Run(int status, Object... arguments) {
            this.status = status;
            this.arguments = arguments;
        }
    }

    /** Lists every file of a private /tmp, /var/tmp, /dev/shm, home and working directory before and after. */
    private static final String LOOK_FOR_FILES = """
            set -e
            root=$1 stage=$2 cwd=$3; shift 3
            case $root in /tmp/*)
                mkdir -p "$stage$root"; mount -t tmpfs stage "$stage"
                mkdir -p "$stage${root#/tmp}"; mount --bind "$root" "$stage${root#/tmp}"; mount --rbind "$stage" /tmp ;;
            *) mount -t tmpfs tmp /tmp ;;
            esac
            mount -t tmpfs tmp /var/tmp
            mount -t tmpfs tmp /dev/shm
            mkdir /var/tmp/home
            cd "$cwd"
            files() { find /tmp /var/tmp /dev/shm "$cwd" -xdev; }
            before=$(files)
            set +e
            HOME=/var/tmp/home "$@"
            status=$?
            after=$(files)
            [ "$before" = "$after" ] || { echo "files before: $before"; echo "files after: $after"; exit 99; }
            exit $status
            """;

    @ParameterizedTest
    @EnumSource
    void noFileIsLeft(Run run, Lab lab) throws IOException {
        assumeTrue(Files.isWritable(Path.of("/proc/sys/vm/nr_hugepages")), "private mounts take root");
        lab.provide(Backing.HUGETLB);
        Path stage = Files.createDirectory(lab.directory().resolve("stage"));
        Command watched = lab.tracerCommand(run.arguments)
                .after(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        LOOK_FOR_FILES,
                        "sh",
                        Lab.root(),
                        stage,
                        lab.workingDirectory());

        Outcome outcome = watched.run();

        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(run.status);
    }

    /** Whatever is left would go to the first process, which in a container may never wait for it: a zombie for good. */
    @ParameterizedTest
    @EnumSource
    void noProcessIsLeftToTheCallersParents(Run run, Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        Path report = lab.file("report", "");

        lab.tracerCommand(run.arguments).after(Specimens.witness(), report).run();

        String end = run.status > 128 ? "killed by signal " + (run.status - 128) : "exited with " + run.status;
        assertThat(Files.readAllLines(report)).containsExactly(end);
    }

    @Test
    void theProgramHasTheSameDescriptorsAsPlain(Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        lab.file("three", "3");
        lab.file("seven", "7");
        String withDescriptors =
                "exec 3<'%s/three' 7>>'%s/seven'; exec \"$@\"".formatted(lab.directory(), lab.directory());

        List<String> plain = descriptors(lab.plain(Specimens.specimen(), "state"), withDescriptors);
        List<String> traced = descriptors(lab.tracer("--strict").of(Specimens.specimen(), "state"), withDescriptors);

        assertThat(plain).anyMatch(line -> line.startsWith("descriptor 3 "));
        assertThat(plain).anyMatch(line -> line.startsWith("descriptor 7 "));
        assertThat(traced).isEqualTo(plain);
    }

    private static List<String> descriptors(Command command, String withDescriptors) {
        return command.after("sh", "-c", withDescriptors, "sh").run().outLines().stream()
                .filter(line -> line.startsWith("descriptor"))
                .toList();
    }

    /** A process of ours that still held the pipe would keep the shell waiting. */
    @Test
    void theOutputOfTheProgramCanBeCaptured(Lab lab) {
        lab.provide(Backing.HUGETLB);

        Outcome shell = lab.tracer("--strict")
                .of(Specimens.specimen(), "say", "text")
                .after("sh", "-c", "captured=$(\"$@\"); echo \"[$captured]\"", "sh")
                .run();

        assertThat(shell).isEqualTo(new Outcome(0, "[text]\n", ""));
    }
}
