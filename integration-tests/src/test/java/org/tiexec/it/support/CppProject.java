package org.tiexec.it.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** The source of CaDiCaL, a solver in some seventy C++ files, as Debian's package has it, configured to be built. */
public final class CppProject {
    private static final Path FETCHED = Path.of("/var/cache/tiexec-sources/cadical");

    /** No result of a compiler; the second has the time of the build in it. */
    private static final Set<String> NOT_BUILT = Set.of("makefile", "build.hpp");

    private static final Duration PATIENCE = Patience.of(Duration.ofMinutes(10));

    private final Path directory;

    private CppProject(Path directory) {
        this.directory = directory;
    }

    /** Copies it into a lab, where it is {@link User#NOBODY}'s; the test is skipped where it has not been fetched. */
    public static CppProject in(Lab lab) throws IOException {
        assumeTrue(Files.isDirectory(FETCHED), FETCHED + " is not there; .ci/sources fetches it");
        Path directory = Files.createDirectory(lab.directory().resolve("project"));
        User.NOBODY.own(directory);
        for (Command command : new Command[] {
            lab.plain("cp", "-rT", FETCHED, directory),
            lab.plain("./configure", "CXXFLAGS=-g -DNBUILD").in(directory)
        }) {
            Outcome outcome = command.as(User.NOBODY).run();
            assertThat(outcome.status()).as(command + ": " + outcome).isZero();
        }
        CppProject project = new CppProject(directory);
        // what the configuration has tried
        project.take();
        return project;
    }

    /** One of its source files. */
    public Path source(String name) {
        return directory.resolve("src").resolve(name);
    }

    /** What it has been built to. */
    public Path built(String name) {
        return directory.resolve("build").resolve(name);
    }

    /** Builds, at the same time of the day whenever that is, because one of its objects tells it. */
    public Outcome build(Command make) {
        return make.in(directory.resolve("build"))
                .with("SOURCE_DATE_EPOCH", "0")
                .start()
                .finish(PATIENCE);
    }

    /** The digest of each file that a build has made, by name; it is deleted. */
    public Map<String, String> take() throws IOException {
        Map<String, String> made = FileDigests.of(directory.resolve("build"));
        made.keySet().removeAll(NOT_BUILT);
        for (String name : made.keySet()) {
            Files.delete(built(name));
        }
        return made;
    }
}
