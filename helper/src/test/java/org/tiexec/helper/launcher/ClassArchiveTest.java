package org.tiexec.helper.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which class-data archive a launcher lets its JVM use, which it has made: an archive is code. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ClassArchiveTest {
    private static final String VERSION = "17.0.9";
    private static final String BUILD = "17.0.9+9-Debian-1";
    private static final int NOBODY = 65534;
    private static final int MINUTE = 60;

    @TempDir
    private Path directory = Path.of("");

    private ProjectCopy copy = new ProjectCopy(directory);
    private Map<String, String> environment = Map.of();

    @BeforeEach
    void buildTheProject() throws IOException {
        copy = ProjectCopy.in(directory);
        copy.built();
        environment = with("JAVA_HOME", copy.jdk("jdk", VERSION, BUILD).toString());
    }

    @ParameterizedTest
    @CsvSource({
        "17.0.9, 17.0.9+9-Debian-1, ArchiveClassesAtExit, SharedArchiveFile",
        "25,     25+36-LTS,         AOTCacheOutput,       AOTCache",
    })
    void isMadeOnceForEachJavaAndThenUsed(String version, String build, String make, String use) throws Exception {
        environment = with("JAVA_HOME", copy.jdk("other", version, build).toString());
        Path archive = besideTheJar(build);

        assertThat(record().out()).contains("argument -XX:" + make + "=" + archive + ".");
        assertThat(record().out()).contains("argument -XX:" + use + "=" + archive + "\n");

        assertThat(log()).containsExactly("-XX:" + make);
        assertThat(filesBesideTheJar()).containsExactlyInAnyOrder("lib", "tiexec-helper.jar", name(archive));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(archive)))
                .isEqualTo("r--r--r--");
    }

    @Test
    void isMadeOnlyIfTheTracerAllows() throws Exception {
        copy.run(environment, "serve");

        assertThat(log()).isEmpty();
    }

    @Test
    void isMadeAnewWhenAJarIsNewer() throws Exception {
        record();
        Path library = Files.createFile(copy.target().resolve("lib/library.jar"));
        Files.setLastModifiedTime(library, FileTime.from(Instant.now().plusSeconds(MINUTE)));

        assertThat(record().out()).doesNotContain("SharedArchiveFile");

        assertThat(log()).hasSize(2);
        Files.setLastModifiedTime(library, FileTime.from(Instant.EPOCH));
        assertThat(record().out()).contains("SharedArchiveFile");
    }

    /** In a package all files have the same time, whatever the version. */
    @Test
    void isMadeAnewForAnotherBuildOfAPackage() throws Exception {
        Path home = notTheirs();
        Path stamp = Files.writeString(copy.target().resolve("stamp"), "first\n");
        record();
        assertThat(record().out()).contains("SharedArchiveFile=", "-first-" + BUILD + ".jsa");
        Files.writeString(stamp, "second\n");

        assertThat(record().out()).doesNotContain("SharedArchiveFile");

        assertThat(record().out()).contains("SharedArchiveFile=", "-second-" + BUILD + ".jsa");
        try (Stream<Path> archives = Files.list(home.resolve(".cache/tiexec"))) {
            assertThat(archives).hasSize(2);
        }
    }

    @Test
    void isMadeAnewWhenItIsEmpty() throws Exception {
        Files.createFile(besideTheJar(BUILD));

        assertThat(record().out()).contains("ArchiveClassesAtExit");

        assertThat(record().out()).contains("SharedArchiveFile");
    }

    /** A JVM dies of an archive of which a part is missing. */
    @ParameterizedTest
    @ValueSource(strings = {"fails", "dies", "refuses"})
    void leavesNothingWhereItCouldNotBeMadeWhole(String what) throws Exception {
        Files.createFile(directory.resolve("jdk/bin/java." + what));

        for (int i = 0; i < 2; i++) {
            ProjectCopy.Result result = record();
            assertThat(result.err()).isEmpty();
            assertThat(result.out()).contains("argument serve").doesNotContain("SharedArchiveFile");
        }

        assertThat(log()).hasSize(2);
        assertThat(filesBesideTheJar()).containsExactlyInAnyOrder("lib", "tiexec-helper.jar");
    }

    /** A JVM puts the process id in the place of {@code %p}, and more of the kind. */
    @Test
    void isNotMadeWhereAJvmWouldTakeItsNameForAnother() throws Exception {
        Path moved = Files.move(copy.project(), directory.resolve("100%p"));

        ProjectCopy.Result result =
                copy.runAs(moved.resolve("helper/bin/helper"), with("TIEXEC_MAY_RECORD", "yes"), "serve");

        assertThat(result.out()).contains("argument serve").doesNotContain(".jsa");
    }

    @Test
    void isWholeWhenSeveralMakeItAtTheSameTime() throws Exception {
        List<Process> makers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            makers.add(copy.start(copy.launcher(), with("TIEXEC_MAY_RECORD", "yes"), "serve"));
        }
        for (Process maker : makers) {
            assertThat(ProjectCopy.Result.of(maker).status()).isZero();
        }

        assertThat(filesBesideTheJar())
                .containsExactlyInAnyOrder("lib", "tiexec-helper.jar", name(besideTheJar(BUILD)));
        assertThat(besideTheJar(BUILD)).hasContent("classes");
    }

    @Test
    void isNotTakenFromADirectoryWhereAnybodyMayPutOne() throws Exception {
        record();
        Files.setAttribute(copy.target(), "unix:mode", 01777);

        assertThat(record().out()).doesNotContain(".jsa");
    }

    // ---- in a cache, where the directory of the jar is not this user's

    @Test
    void liesInTheUsersCacheThen() throws Exception {
        Path home = notTheirs();

        record();

        Path cached = inTheCacheOf(home);
        assertThat(cached).hasContent("classes");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve(".cache/tiexec"))))
                .isEqualTo("rwx------");
        assertThat(record().out()).contains("argument -XX:SharedArchiveFile=" + cached + "\n");
        assertThat(filesBesideTheJar()).containsExactlyInAnyOrder("lib", "tiexec-helper.jar");
    }

    /** What somebody else could have put there, or could change. */
    private enum Foreign {
        ARCHIVE_OF_ANOTHER_USER(".cache/tiexec/ARCHIVE") {
            @Override
            void make(Path place) throws IOException {
                Files.setAttribute(place, "unix:uid", NOBODY);
            }
        },
        ARCHIVE_THAT_A_GROUP_MAY_WRITE(".cache/tiexec/ARCHIVE") {
            @Override
            void make(Path place) throws IOException {
                Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rw-rw-r--"));
            }
        },
        LINK_TO_AN_ARCHIVE(".cache/tiexec/ARCHIVE") {
            @Override
            void make(Path place) throws IOException {
                replaceByLink(place);
            }
        },
        DIRECTORY_OF_ANOTHER_USER(".cache/tiexec") {
            @Override
            void make(Path place) throws IOException {
                Files.setAttribute(place, "unix:uid", NOBODY);
            }
        },
        DIRECTORY_THAT_A_GROUP_MAY_WRITE(".cache/tiexec") {
            @Override
            void make(Path place) throws IOException {
                Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxrwx---"));
            }
        },
        DIRECTORY_THAT_ALL_MAY_WRITE(".cache/tiexec") {
            @Override
            void make(Path place) throws IOException {
                Files.setAttribute(place, "unix:mode", 01777);
            }
        },
        LINK_TO_A_DIRECTORY(".cache/tiexec") {
            @Override
            void make(Path place) throws IOException {
                replaceByLink(place);
            }
        },
        CACHE_OF_ANOTHER_USER(".cache") {
            @Override
            void make(Path place) throws IOException {
                Files.setAttribute(place, "unix:uid", NOBODY);
            }
        },
        CACHE_THAT_A_GROUP_MAY_WRITE(".cache") {
            @Override
            void make(Path place) throws IOException {
                Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxrwxr-x"));
            }
        };

        private final String place;

        Foreign(String place) {
            this.place = place;
        }

        abstract void make(Path place) throws IOException;

        private static void replaceByLink(Path place) throws IOException {
            Path moved = Files.move(place, place.resolveSibling("elsewhere"));
            Files.createSymbolicLink(place, moved);
        }
    }

    @ParameterizedTest
    @EnumSource
    void isNeitherUsedNorMadeWhereSomebodyElseHasAHand(Foreign foreign) throws Exception {
        Path home = notTheirs();
        String name = name(inTheCacheOf(home));
        record();
        assertThat(record().out()).contains("SharedArchiveFile");
        foreign.make(home.resolve(foreign.place.replace("ARCHIVE", name)));

        ProjectCopy.Result result = record();

        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("argument serve").doesNotContain(".jsa");
        assertThat(log()).hasSize(1);
    }

    @Test
    void isNotMadeUnderALinkThatLeadsNowhereOrElsewhere() throws Exception {
        Path home = notTheirs();
        Path victim = directory.resolve("of somebody else");
        Path link = inTheCacheOf(home);
        Files.createDirectories(link.resolveSibling("."));
        Files.createSymbolicLink(link, victim);

        record();

        assertThat(victim).doesNotExist();
        assertThat(Files.isRegularFile(link, LinkOption.NOFOLLOW_LINKS)).isTrue();
    }

    @Test
    void isMadeAnewWhenTheOneInTheCacheIsOlderThanAJar() throws Exception {
        Path home = notTheirs();
        record();
        Path cached = inTheCacheOf(home);
        Files.setLastModifiedTime(cached, FileTime.from(Instant.EPOCH));

        assertThat(record().out()).contains("ArchiveClassesAtExit");

        assertThat(record().out()).contains("SharedArchiveFile");
    }

    @ParameterizedTest
    @CsvSource({"'', ''", "relative, ''", "'', relative", "/a:b, ''", "'', /nonexistent"})
    void isNotMadeWhereTheUserHasNoCache(String cache, String home) throws Exception {
        notTheirs();
        environment = with("XDG_CACHE_HOME", cache);
        environment = with("HOME", home);

        assertThat(record().out()).contains("argument serve").doesNotContain(".jsa");

        assertThat(Path.of("/.cache/tiexec")).doesNotExist();
    }

    @Test
    void isNotMadeInACacheThatCannotBeWrittenTo() throws Exception {
        Path home = notTheirs();
        Path cache = Files.createDirectories(home.resolve(".cache"));
        Files.setAttribute(cache, "unix:uid", NOBODY);
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("r-x------"));
        Files.setAttribute(home, "unix:uid", NOBODY);
        Files.setAttribute(directory, "unix:mode", 0755);
        Files.setAttribute(copy.target(), "unix:uid", 1);
        Files.createFile(copy.log());
        Files.setAttribute(copy.log(), "unix:mode", 0666);

        ProjectCopy.Result result = ProjectCopy.Result.of(copy.start(
                List.of(
                        "/usr/bin/setpriv",
                        "--reuid=" + NOBODY,
                        "--clear-groups",
                        copy.launcher().toString(),
                        "serve"),
                with("TIEXEC_MAY_RECORD", "yes")));

        assertThat(result.out()).contains("argument serve").doesNotContain(".jsa");
        assertThat(log()).isEmpty();
    }

    /** Makes somebody else the owner of the directory of the jar; a directory for HOME. */
    private Path notTheirs() throws IOException {
        assumeTrue(ProjectCopy.isRoot(), "only root can give a directory away");
        Files.setAttribute(copy.target(), "unix:uid", NOBODY);
        Path home = Files.createDirectories(directory.resolve("home"));
        environment = with("HOME", home.toString());
        return home;
    }

    /** A start that may make an archive. */
    private ProjectCopy.Result record() throws Exception {
        return copy.run(with("TIEXEC_MAY_RECORD", "yes"), "serve");
    }

    private Map<String, String> with(String variable, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(variable, value);
        return Map.copyOf(more);
    }

    private Path besideTheJar(String build) {
        return copy.target().resolve("tiexec-helper-" + build + ".jsa");
    }

    /** There the name tells the place of the jar. */
    private Path inTheCacheOf(Path home) throws IOException {
        String place = copy.target().toRealPath().resolve("tiexec-helper").toString();
        return home.resolve(".cache/tiexec").resolve(place.replace('/', '+') + "-" + BUILD + ".jsa");
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    private List<String> log() throws IOException {
        return Files.exists(copy.log()) ? Files.readAllLines(copy.log()) : List.of();
    }

    private List<String> filesBesideTheJar() throws IOException {
        try (Stream<Path> files = Files.list(copy.target())) {
            return files.map(ClassArchiveTest::name).toList();
        }
    }
}
