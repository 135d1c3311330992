package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
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
    /**
     * A way in which a run can go.
     *
     * @param name what it is called
     * @param status its exit status
     * @param arguments those of the tracer
     */
    record Run(String name, int status, List<String> arguments) {
        private static Run of(String name, int status, Object... arguments) {
            return new Run(
                    name, status, Stream.of(arguments).map(String::valueOf).toList());
        }

        /** The same, with the program as a child. */
        Object[] asChild() {
            return arguments.stream()
                    .flatMap(argument ->
                            argument.equals("run") ? Stream.of(argument, "--launch=child") : Stream.of(argument))
                    .toArray();
        }

        /** In the words of the witness. */
        String end() {
            return status > 128 ? "killed by signal " + (status - 128) : "exited with " + status;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Run> everyKindOfRun() {
        Path specimen = Specimens.specimen();
        return Stream.of(
                Run.of("swapped", 0, "run", "--backing=hugetlb", "--strict", "--", specimen, "check"),
                Run.of("swapped in place", 0, "run", "--method=in-place", "--strict", "--", specimen, "check"),
                Run.of("on transparent pages", 0, "run", "--backing=thp", "--strict", "--", specimen, "check"),
                Run.of("verbose", 0, "run", "-v", "--", specimen, "check"),
                Run.of("nothing to do", 0, "run", "--", "true"),
                Run.of("dry", 0, "run", "--dry-run", "--", specimen, "check"),
                Run.of("32-bit", 5, "run", "--", Specimens.program32()),
                Run.of("not found", 127, "run", "--", "there-is-no-such-program"),
                Run.of("not executable", 126, "run", "--", "/etc/passwd"),
                Run.of("misused", 125, "run", "--no-such-option", "--", "true"),
                Run.of("killed", 128 + 9, "run", "--", specimen, "raise", "9"),
                Run.of("crashed", 128 + 11, "run", "--", specimen, "raise", "11"),
                Run.of("help", 0, "--help"),
                Run.of("version", 0, "--version"));
    }

    /**
     * Gives a command mounts of its own. In a chroot, the root is as a rule no mount point, whose propagation could be
     * changed; there the command takes its mounts away again.
     */
    private static final String WITH_PRIVATE_MOUNTS =
            "mountpoint -q / || set -- --propagation unchanged \"$@\"; exec unshare --mount \"$@\"";

    /** Lists every file of a private /tmp, /var/tmp, /dev/shm, home and working directory before and after. */
    private static final String LOOK_FOR_FILES = """
            set -e
            root=$1 stage=$2 cwd=$3; shift 3
            for directory in /tmp /var/tmp /dev/shm; do
                mount -t tmpfs private "$stage"
                case $root in "$directory"/*)
                    mkdir -p "$stage${root#"$directory"}"
                    mount --bind "$root" "$stage${root#"$directory"}" ;;
                esac
                mount --rbind "$stage" "$directory"
                # where the tree itself lies below the directory, the new mount hides this one
                umount --lazy "$stage" 2>/dev/null || :
            done
            mkdir /var/tmp/home
            cd "$cwd"
            files() { find /tmp /var/tmp /dev/shm "$cwd" -xdev; }
            before=$(files)
            set +e
            HOME=/var/tmp/home "$@"
            status=$?
            after=$(files)
            for directory in /dev/shm /var/tmp /tmp; do
                mountpoint -q / || umount --recursive --lazy "$directory"
            done
            [ "$before" = "$after" ] || { echo "files before: $before"; echo "files after: $after"; exit 99; }
            exit $status
            """;

    @ParameterizedTest
    @MethodSource("everyKindOfRun")
    void noFileIsLeft(Run run, Lab lab) throws IOException {
        assumeTrue(Files.isWritable(Path.of("/proc/sys/vm/nr_hugepages")), "private mounts take root");
        lab.provide(Backing.HUGETLB);
        Path stage = Files.createDirectory(lab.directory().resolve("stage"));
        Command watched = lab.tracerCommand(run.arguments().toArray())
                .after(
                        "sh",
                        "-c",
                        WITH_PRIVATE_MOUNTS,
                        "sh",
                        "sh",
                        "-c",
                        LOOK_FOR_FILES,
                        "sh",
                        Lab.root(),
                        stage,
                        lab.workingDirectory());

        Outcome outcome = watched.run();

        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(run.status());
    }

    /** Whatever is left would go to the first process, which in a container may never wait for it: a zombie for good. */
    @ParameterizedTest
    @MethodSource("everyKindOfRun")
    void noProcessIsLeftToTheCallersParents(Run run, Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        Path report = lab.file("report", "");

        lab.tracerCommand(run.asChild()).after(Specimens.witness(), report).run();

        assertThat(Files.readAllLines(report)).containsExactly(run.end());
    }

    /** In place, our own processes are nobody's children from the start; they end by themselves, soon after the program began. */
    @ParameterizedTest
    @MethodSource("everyKindOfRun")
    void whatGoesToTheCallersParentsEndsByItself(Run run, Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        Path report = lab.file("report", "");

        lab.tracerCommand(run.arguments().toArray())
                .after(Specimens.witness(), report)
                .run();

        List<String> lines = Files.readAllLines(report);
        assertThat(lines.get(0)).isEqualTo(run.end());
        List<String> orphans =
                lines.stream().filter(line -> line.startsWith("left behind: ")).toList();
        // some may have ended before it looked
        assertThat(lines.stream().filter(line -> line.startsWith("orphan ")))
                .hasSizeGreaterThanOrEqualTo(orphans.size());
        assertThat(orphans)
                .allMatch(line -> line.matches("left behind: \\d+ \\((java|timeout|sh|helper|setsid|env|mv|rm)\\) .*"));
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
