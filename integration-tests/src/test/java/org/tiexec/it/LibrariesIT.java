package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.TextPages;

/** The code of a program's libraries on 2 MB pages from the launch on. */
@InLab
final class LibrariesIT {
    private static final Path SIX = Specimens.blocksLibrary();
    private static final Path TEN = Specimens.otherBlocksLibrary();

    @ParameterizedTest
    @EnumSource
    void ofASmallProgramTheLibrariesAreOnHugePages(Backing backing, Lab lab) {
        lab.provide(backing);
        for (String launch : new String[] {"in-place", "child"}) {
            RunningProgram program = lab.tracer("--strict", "--targets=exe,libs", "--launch=" + launch)
                    .of(Specimens.late(), "hold")
                    .start()
                    .awaitLine("ready");
            pages(program, SIX).assertWhollyOn(backing);
            pages(program, TEN).assertWhollyOn(backing);
            assertThat(program.finish()).isEqualTo(new Outcome(7, "ready\n", ""));
        }
    }

    @ParameterizedTest
    @EnumSource
    void thoseThatArePreloadedAreAmongThem(Backing backing, Lab lab) {
        lab.provide(backing);
        RunningProgram cat = lab.tracer("--strict", "--targets=libs")
                .of("cat")
                .with("LD_PRELOAD", SIX.toString())
                .start();
        cat.say("ready\n");
        cat.awaitLine("ready");
        pages(cat, SIX).assertWhollyOn(backing);
        assertThat(cat.finish()).isEqualTo(new Outcome(0, "ready\n", ""));
    }

    @Test
    void withoutBeingAskedForTheyStayAsTheyAre(Lab lab) {
        lab.provide(Backing.THP);
        RunningProgram program = lab.traced(Specimens.late(), "hold").start().awaitLine("ready");
        pages(program, SIX).assertOnSmallPages();
        assertThat(program.finish().status()).isEqualTo(7);
    }

    @Test
    void onlyThoseOfANameAreTaken(Lab lab) {
        lab.provide(Backing.THP);
        RunningProgram program = lab.tracer(
                        "--strict", "--lib=" + SIX.getFileName().toString().replaceFirst(".$", "?"))
                .of(Specimens.late(), "hold")
                .start()
                .awaitLine("ready");
        pages(program, SIX).assertWhollyOn(Backing.THP);
        pages(program, TEN).assertOnSmallPages();
        assertThat(program.finish().status()).isEqualTo(7);
    }

    @Test
    void theLargestIsTakenWherePagesAreCounted(Lab lab) {
        lab.provide(Backing.THP);
        RunningProgram program = lab.tracer("-v", "--targets=libs", "--max-pages=4")
                .of(Specimens.late(), "hold")
                .start()
                .awaitLine("ready");
        assertThat(pages(program, TEN).thpKb()).isEqualTo(4 * 2048);
        pages(program, SIX).assertOnSmallPages();
        assertThat(program.finish().err())
                .containsPattern(
                        "note: --max-pages=4: [2-5] pages of 2 MB left as they are: .*" + "[23] of [23] of " + SIX);
    }

    @ParameterizedTest
    @ValueSource(strings = {"in-place", "child"})
    void aProgramWithThreadsIsWorkedOnWhileItRuns(String launch, Lab lab) {
        lab.provide(Backing.THP);
        RunningProgram program = lab.tracer("-v", "--targets=libs", "--launch=" + launch)
                .of(Specimens.late(), "threads", "hold")
                .start()
                .awaitLine("ready");
        program.awaitThat(
                "both libraries on huge pages",
                () -> pages(program, SIX).isWhollyOn(Backing.THP)
                        && pages(program, TEN).isWhollyOn(Backing.THP));
        assertThat(program.finish().status()).isEqualTo(7);
        assertThat(program.err()).contains("it ran on but for");
    }

    @Test
    void strictnessForbidsThat(Lab lab) {
        lab.provide(Backing.THP);
        Outcome refused = lab.tracer("--strict", "--targets=libs")
                .of(Specimens.late(), "threads")
                .run();
        assertThat(refused.status()).isEqualTo(125);
        assertThat(refused.err()).contains("constructors of its libraries have started threads");
    }

    @ParameterizedTest
    @ValueSource(strings = {"in-place", "child"})
    void whatHappensBeforeTheEntryPointIsTheProgramsOwn(String launch, Lab lab) {
        lab.provide(Backing.THP);
        for (String story : new String[] {"exit", "abort", "exec", "stop", "signals", "fork", "spawn"}) {
            Outcome plain = lab.plain(Specimens.late(), story).run();
            Outcome traced = lab.tracer("--targets=libs", "--launch=" + launch)
                    .of(Specimens.late(), story)
                    .run();
            assertThat(traced).as(story).isEqualTo(plain);
        }
        Outcome plain = lab.plain(Specimens.lateWithoutLibrary()).run();
        assertThat(plain.status()).isEqualTo(127);
        assertThat(lab.tracer("--targets=libs", "--launch=" + launch)
                        .of(Specimens.lateWithoutLibrary())
                        .run())
                .isEqualTo(plain);
    }

    @Test
    void aConstructorThatTakesTooLongIsNotWaitedFor(Lab lab) {
        lab.provide(Backing.THP);
        Outcome traced = lab.tracer("--targets=libs", "--timeout=1")
                .of(Specimens.late(), "sleep")
                .run();
        assertThat(traced.status()).isEqualTo(7);
        assertThat(traced.err())
                .contains("did not reach its entry point in time")
                .contains("(--timeout=SECONDS)");
    }

    @Test
    void aStaticProgramHasNone(Lab lab) {
        lab.provide(Backing.THP);
        Outcome traced = lab.tracer("-v", "--targets=libs")
                .of(Specimens.specimen(Specimens.Linkage.STATIC), "exit", "7")
                .run();
        assertThat(traced.status()).isEqualTo(7);
        assertThat(traced.err()).contains("is static: it has no libraries");
    }

    /** Nearly all of its code is in three libraries. */
    @Test
    void clangMakesTheSameObject(Lab lab) throws Exception {
        lab.provide(Backing.THP);
        Path source = lab.file("fibonacci.cpp", """
                #include <map>
                #include <string>
                template <int N> struct Fibonacci { static constexpr long value = Fibonacci<N - 1>::value + Fibonacci<N - 2>::value; };
                template <> struct Fibonacci<1> { static constexpr long value = 1; };
                template <> struct Fibonacci<0> { static constexpr long value = 0; };
                std::map<std::string, long> numbers = {{"fibonacci", Fibonacci<80>::value}};
                """);
        Path plain = lab.directory().resolve("plain.o");
        Path traced = lab.directory().resolve("traced.o");
        assertThat(lab.plain("clang", "-O2", "-c", source, "-o", plain).run()).isEqualTo(new Outcome(0, "", ""));
        Outcome told = lab.tracer("-v", "--targets=exe,libs")
                .of("clang", "-O2", "-c", source, "-o", traced)
                .run();
        assertThat(told.status()).isZero();
        assertThat(Files.mismatch(plain, traced))
                .as("the first byte that differs")
                .isEqualTo(-1);
        for (String library : new String[] {"libLLVM", "libclang-cpp"}) {
            assertThat(told.err())
                    .containsPattern(library + "\\S+, thp, staged-swap: .* 2 MB pages [0-9]+ -> [1-9][0-9]+\\n");
        }
    }

    private static TextPages pages(RunningProgram program, Path library) {
        return TextPages.of(program.program(), library);
    }
}
