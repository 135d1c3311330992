package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.InstalledPackage;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.User;

/** The Debian package works wherever it is put, for everybody, without anything that is not in it. */
@InLab
final class PackageIT {
    private static final List<String> STRICT = List.of("--strict");

    @ParameterizedTest
    @EnumSource
    void aProgramIsLaunchedThroughTheLinkOnPath(Backing backing, Lab lab) {
        lab.provide(backing);
        InstalledPackage installed =
                InstalledPackage.in(lab, "a root with blanks").prepared();

        for (String launch : List.of("--launch=in-place", "--launch=child")) {
            RunningProgram traced = installed
                    .traced(List.of("--strict", launch), Specimens.specimen(), "check", "hold", "check", "exit", "42")
                    .start()
                    .awaitLine("ready");
            traced.text().assertWhollyOn(backing);
            assertThat(traced.finish().status()).isEqualTo(42);
        }
    }

    @Test
    void itIsFoundThroughLinksOfOthers(Lab lab) throws IOException {
        lab.provide(Backing.THP);
        InstalledPackage installed = InstalledPackage.in(lab, "root").prepared();
        Path link = Files.createSymbolicLink(lab.directory().resolve("t"), installed.path("usr/bin/tracer"));

        Outcome outcome = installed
                .traced(link, STRICT, Specimens.specimen(), "check", "exit", "7")
                .run();

        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.status()).isEqualTo(7);
    }

    /** Somebody who may write nowhere, not even in a home of their own. */
    @ParameterizedTest
    @EnumSource
    void everybodyMayUseIt(Backing backing, Lab lab) throws IOException {
        lab.provide(backing);
        InstalledPackage installed = InstalledPackage.in(lab, "root").prepared();
        List<Path> before = files(installed);

        RunningProgram traced = installed
                .traced(STRICT, Specimens.specimen(), "check", "hold", "exit", "3")
                .as(User.NOBODY)
                .with("HOME", "/nonexistent")
                .start()
                .awaitLine("ready");
        traced.text().assertWhollyOn(backing);

        assertThat(traced.finish().status()).isEqualTo(3);
        assertThat(installed
                        .helper("plan", "--elf=" + Specimens.specimen(), "--backing=thp")
                        .as(User.NOBODY)
                        .run()
                        .outLines())
                .last()
                .asString()
                .contains("\"type\":\"end\"");
        assertThat(files(installed)).isEqualTo(before);
    }

    /** A JVM would silently refuse archives that were made for jars of another place, at each start. */
    @Test
    void whereItIsMovedToItsArchivesAreMadeAnew(Lab lab) throws IOException {
        InstalledPackage installed = InstalledPackage.in(lab, "root").prepared();
        List<Path> before = installed.archives();

        InstalledPackage moved = installed.movedTo("elsewhere");

        assertThat(moved.archives()).hasSize(2);
        moved.tracer("prepare");
        assertThat(moved.archives()).hasSize(4).extracting(Path::getFileName).containsAll(names(before));
    }

    private static List<Path> names(List<Path> files) {
        return files.stream().map(Path::getFileName).toList();
    }

    /** As after {@code sudo -u} from a home that is closed to others. */
    @Test
    void aWorkingDirectoryThatTheUserMayNotEnterIsNoObstacle(Lab lab) throws IOException {
        lab.provide(Backing.THP);
        InstalledPackage installed = InstalledPackage.in(lab, "root").prepared();
        Path closed = Files.createDirectory(lab.directory().resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));

        for (String launch : List.of("--launch=in-place", "--launch=child")) {
            Outcome outcome = installed
                    .traced(List.of("--strict", launch), Specimens.specimen(), "check", "exit", "7")
                    .as(User.NOBODY)
                    .in(closed)
                    .run();

            assertThat(outcome.err()).isEmpty();
            assertThat(outcome.status()).isEqualTo(7);
        }
    }

    /** An archive that a JVM cannot read, or that was made for something else, costs time only. */
    @ParameterizedTest
    @ValueSource(strings = {"", "no archive"})
    void aSpoiledArchiveDoesNoHarm(String content, Lab lab) throws IOException {
        lab.provide(Backing.THP);
        InstalledPackage installed = InstalledPackage.in(lab, "root").prepared();
        for (Path archive : installed.archives()) {
            Files.delete(archive);
            Files.writeString(archive, content);
        }

        Outcome outcome = installed
                .traced(List.of("--strict", "--launch=child"), Specimens.specimen(), "check", "exit", "7")
                .run();

        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).contains("text as in the file");
        assertThat(outcome.status()).isEqualTo(7);
    }

    /** A JVM dies of it; but the program does not need one. */
    @Test
    void aTornArchiveKeepsNoProgramFromRunning(Lab lab) throws IOException {
        lab.provide(Backing.THP);
        InstalledPackage installed = InstalledPackage.in(lab, "root").prepared();
        for (Path archive : installed.archives()) {
            byte[] half = Arrays.copyOf(Files.readAllBytes(archive), (int) Files.size(archive) / 2);
            Files.delete(archive);
            Files.write(archive, half);
        }

        Outcome outcome = installed
                .traced(List.of("--launch=in-place"), Specimens.specimen(), "check", "exit", "7")
                .run();

        assertThat(outcome.out()).contains("text as in the file").hasLineCount(1);
        assertThat(outcome.status()).isEqualTo(7);
    }

    @Test
    void itNeverBuildsAnything(Lab lab) throws IOException {
        InstalledPackage installed = InstalledPackage.in(lab, "root");
        Files.delete(installed.path("usr/lib/tiexec/lib/tiexec-helper.jar"));

        Outcome outcome = installed
                .traced(List.of(), Specimens.specimen(), "check", "exit", "7")
                .run();

        assertThat(outcome.status()).isEqualTo(7);
        assertThat(outcome.errLines())
                .singleElement()
                .asString()
                .contains(
                        "files are missing in " + installed.path("usr/lib/tiexec/lib"), "apt-get install --reinstall");
    }

    @Test
    void nobodyTakesADirectoryWithAColonForTwo(Lab lab) {
        InstalledPackage installed = InstalledPackage.in(lab, "a:b");

        Outcome outcome = installed
                .traced(List.of(), Specimens.specimen(), "check", "exit", "7")
                .run();

        assertThat(outcome.status()).isEqualTo(7);
        assertThat(outcome.errLines()).singleElement().asString().contains("colon");
    }

    /** The tracer of such a program has its jars open; what it needs later is in them. */
    @Test
    void aProgramThatRunsAsAChildSurvivesAnUpgrade(Lab lab) {
        lab.provide(Backing.THP);
        InstalledPackage installed = InstalledPackage.in(lab, "root").prepared();
        RunningProgram traced = installed
                .traced(List.of("--strict", "--launch=child"), Specimens.specimen(), "hold", "check", "exit", "42")
                .start()
                .awaitLine("ready");

        installed.unpack();
        runPrerm(lab, installed);
        assertThat(installed.archives()).isEmpty();
        installed.prepared();

        traced.process().signal("STOP");
        traced.process().signal("CONT");
        Outcome outcome = traced.finish();
        assertThat(outcome.status()).isEqualTo(42);
        assertThat(outcome.out()).contains("text as in the file");
        assertThat(outcome.err()).isEmpty();
    }

    private static void runPrerm(Lab lab, InstalledPackage installed) {
        Path control = lab.directory().resolve("control");
        assertThat(lab.plain("dpkg-deb", "-e", InstalledPackage.file(), control)
                        .run()
                        .status())
                .isZero();
        String script = "sed 's|/usr/lib|'\"$2\"'/usr/lib|' \"$1/prerm\" | sh -s upgrade";
        assertThat(lab.plain("sh", "-c", script, "sh", control, installed.path(""))
                        .run())
                .isEqualTo(new Outcome(0, "", ""));
    }

    @Test
    void everyFileBelongsToRootWithUsualRights(Lab lab) {
        List<String> listing =
                lab.plain("dpkg-deb", "-c", InstalledPackage.file()).run().outLines();

        assertThat(listing)
                .hasSizeGreaterThan(30)
                .allSatisfy(
                        line -> assertThat(line).matches("(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x|lrwxrwxrwx) root/root .*"));
        assertThat(listing.stream().filter(line -> line.startsWith("-rwx")).toList())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).contains("/usr/lib/tiexec/bin/"));
        assertThat(listing).noneMatch(line -> line.contains(".jsa"));
    }

    // ---- manual pages

    @ParameterizedTest
    @CsvSource({
        "tracer,      'tracer-run(1)'",
        "tracer-run,  '--launch=auto|in-place|child'",
        "helper,      'helper-plan(1)'",
        "helper-plan, '--elf=FILE'"
    })
    void everyManualPageIsShown(String page, String line, Lab lab) {
        InstalledPackage installed = InstalledPackage.in(lab, "root");

        Outcome outcome = lab.plain(
                        "man", "--warnings=all", "-l", installed.path("usr/share/man/man1/" + page + ".1.gz"))
                .with("MANWIDTH", "100")
                .with("LC_ALL", "C.UTF-8")
                .run();

        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).contains(line, "SYNOPSIS", "EXAMPLES");
    }

    @Test
    void theManualTellsEveryOptionThatTheHelpTells(Lab lab) {
        InstalledPackage installed = InstalledPackage.in(lab, "root");
        String help = lab.plain(installed.path("usr/bin/tracer"), "run", "--help")
                .run()
                .out();
        String manual = lab.plain("man", "-l", installed.path("usr/share/man/man1/tracer-run.1.gz"))
                .run()
                .out();

        List<String> options = Stream.of(help.split("[\\s,=]+", -1))
                .filter(word -> word.matches("--[a-z-]+[a-z]"))
                .distinct()
                .toList();

        assertThat(options).hasSizeGreaterThan(8).contains("--launch");
        assertThat(manual).contains(options);
    }

    // ---- completion

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "tracer r;                        run",
                "tracer run --la;                 --launch=",
                "tracer run --launch = ;          auto in-place child",
                "tracer run --launch = in;        in-place",
                "tracer run --launch=in;          --launch=in-place",
                "tracer run --launch c;           child",
                "tracer run --backing = h;        hugetlb",
                "tracer run --strict --dry;       --dry-run",
                "tracer run --archive = /usr/sb;  /usr/sbin",
                "tracer run --strict -- dpkg-deb; dpkg-deb",
                "tracer run -- cat /etc/passw;    /etc/passwd",
                "helper pl;                       plan",
                "helper plan --elf = /etc/passw;  /etc/passwd",
                "helper plan --pid = 1;           1",
            })
    void theShellCompletes(String typed, String expected, Lab lab) {
        Outcome outcome = complete(typed, lab);

        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.outLines()).contains(expected.split(" ", -1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tracer run --timeout = ", "tracer nothing ", "tracer run --launch = x"})
    void theShellCompletesNothingThatWouldBeWrong(String typed, Lab lab) {
        assertThat(complete(typed, lab)).isEqualTo(new Outcome(0, "", ""));
    }

    /** Words as bash splits them where {@code =} separates words, and where it does not. */
    private static Outcome complete(String typed, Lab lab) {
        InstalledPackage installed = InstalledPackage.in(lab, "root");
        List<Object> words = new ArrayList<>();
        String command = typed.split(" ", -1)[0];
        String script = """
                . "$1"
                shift
                compopt() { :; }
                COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
                "$(complete -p "$1" | sed 's/.*-F \\([^ ]*\\).*/\\1/')"
                [ "${#COMPREPLY[@]}" -eq 0 ] || printf '%s\\n' "${COMPREPLY[@]}"
                """;
        words.addAll(List.of("bash", "-c", script, "bash"));
        words.add(installed.path("usr/share/bash-completion/completions/" + command));
        words.addAll(List.of(typed.split(" ", -1)));
        return lab.plain(words.toArray()).run();
    }

    private static List<Path> files(InstalledPackage installed) throws IOException {
        try (Stream<Path> all = Files.walk(installed.path(""))) {
            return all.sorted().toList();
        }
    }
}
