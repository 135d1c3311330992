package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.CppProject;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.User;

/**
 * A real C++ project is built by compilers on 2 MB pages as by plain ones.
 *
 * <p>These run with {@code mvn -B verify -Psoak} only.
 */
@InLab
@Tag("soak")
final class CppProjectIT {
    private static final Object[] MAKE = {"make", "-k", "-j2"};
    private static final int MANY = 50;

    /** Only the compilers, or whatever is executed; by root, or by somebody without privileges. */
    @ParameterizedTest
    @CsvSource({"root, --only=*cc1plus, in-place", "nobody, --backing=thp, child"})
    void theObjectsAreTheSame(String who, String option, String launch, Lab lab) throws IOException {
        lab.provide(Backing.THP);
        CppProject project = CppProject.in(lab);
        User user = User.named(who);
        Path archive = Files.createDirectory(lab.directory().resolve("archive"));
        user.own(archive);
        Command traced = lab.tracer("--strict", "--follow=tree", option, "--launch=" + launch, "--archive=" + archive)
                .of(MAKE);

        Outcome plainly = project.build(lab.plain(MAKE).as(user));
        Map<String, String> plain = project.take();
        Outcome outcome = project.build(traced.as(user));

        assertSame(outcome, plainly);
        assertThat(outcome.status()).isZero();
        assertThat(project.take()).isEqualTo(plain);
        long objects =
                plain.keySet().stream().filter(name -> name.endsWith(".o")).count();
        assertThat(objects).isGreaterThanOrEqualTo(MANY);
        assertThat(swapped(archive)).as("compilers on 2 MB pages").isEqualTo(objects);
    }

    @Test
    void aBuildThatFailsMakesAndSaysTheSame(Lab lab) throws IOException {
        lab.provide(Backing.THP);
        CppProject project = CppProject.in(lab);
        Files.writeString(project.source("format.cpp"), "this is no C++\n", StandardOpenOption.APPEND);

        Outcome plainly = project.build(lab.plain(MAKE));
        Map<String, String> plain = project.take();
        Outcome outcome = project.build(
                lab.tracer("--strict", "--follow=tree", "--only=*cc1plus").of(MAKE));

        assertSame(outcome, plainly);
        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("format.cpp");
        assertThat(project.take()).isEqualTo(plain).containsKey("util.o").doesNotContainKey("format.o");
    }

    /** Two compilers at a time finish in either order. */
    private static void assertSame(Outcome outcome, Outcome plain) {
        assertThat(outcome.outLines()).containsExactlyInAnyOrderElementsOf(plain.outLines());
        assertThat(outcome.errLines()).containsExactlyInAnyOrderElementsOf(plain.errLines());
        assertThat(outcome.status()).isEqualTo(plain.status());
    }

    private static long swapped(Path archive) throws IOException {
        long swapped = 0;
        try (Stream<Path> reports = Files.list(archive)) {
            for (Path report : reports.toList()) {
                String text = Files.readString(report);
                swapped += text.contains("/cc1plus\"") && text.contains("\"outcome\" : \"swapped\"") ? 1 : 0;
            }
        }
        return swapped;
    }
}
