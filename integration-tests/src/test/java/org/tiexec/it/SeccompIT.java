package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;

/**
 * A seccomp filter that the program is started under may forbid what we do, even on pain of death: the program, which does
 * nothing of it, runs.
 *
 * <p>The filters are such that a JVM starts under them: one that kills or refuses {@code mprotect} to writable and executable
 * memory, or every {@code madvise}, keeps JVMs from starting, and never gets as far as this.
 */
@InLab
final class SeccompIT {
    @ParameterizedTest
    @CsvSource({
        "kill:ptrace, ptrace",
        "kill-thread:ptrace, ptrace",
        "trap:ptrace, ptrace",
        "kill:process_vm_readv, process_vm_readv",
        "kill:process_vm_writev, process_vm_writev",
        "kill:close_range, close_range",
        "kill:mremap, mremap",
        "kill-thread:mremap, mremap",
        "trap:mremap, mremap",
        "kill:mremap:3&4, mremap",
        "kill:mprotect:2=5, mprotect(PROT_EXEC)"
    })
    void aFilterThatKillsWhoeverMakesACallOfOursDoesNotKillTheProgram(String filter, String call, Lab lab) {
        lab.provide(Backing.HUGETLB);

        assertRunsPlain(under(filter, lab.traced(arguments())), lab, "a seccomp filter kills whoever calls " + call);
    }

    @ParameterizedTest
    @CsvSource({
        "eperm:ptrace, ptrace",
        "eperm:process_vm_readv, process_vm_readv",
        "eperm:mremap, mremap",
        "eperm:mprotect:2=5, mprotect(PROT_EXEC)"
    })
    void aFilterThatRefusesACallOfOursIsNamedAsTheReason(String filter, String call, Lab lab) {
        lab.provide(Backing.HUGETLB);

        assertRunsPlain(under(filter, lab.traced(arguments())), lab, "a seccomp filter refuses " + call);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kill:mremap", "kill:ptrace", "eperm:mremap"})
    void aStrictLaunchUnderSuchAFilterDoesNotRunTheProgram(String filter, Lab lab) {
        lab.provide(Backing.HUGETLB);
        Path trace = lab.directory().resolve("the program ran");

        Outcome strict = under(filter, lab.tracer("--strict").of(Specimens.specimen(), "touch", trace))
                .run();

        assertThat(strict.status()).isEqualTo(125);
        assertThat(trace).doesNotExist();
        assertThat(strict.errLines()).singleElement().asString().contains("a seccomp filter");
    }

    @ParameterizedTest
    @CsvSource({
        "kill:mmap:3&0x40000, THP, mmap(MAP_HUGETLB)",
        "eperm:mmap:3&0x40000, THP, mmap(MAP_HUGETLB)",
        "kill:madvise:2=14, HUGETLB, madvise(MADV_HUGEPAGE)",
        "kill:madvise:2=25, HUGETLB, madvise(MADV_COLLAPSE)"
    })
    void aFilterAgainstOneKindOfPagesLeavesTheOther(String filter, Backing other, String call, Lab lab) {
        lab.provide(Backing.HUGETLB);
        Outcome plain = lab.plain(arguments()).run();

        RunningProgram traced =
                under(filter, lab.tracer("-v").of(arguments())).start().awaitLine("ready");
        traced.text().assertWhollyOn(other);
        Outcome outcome = traced.finish();

        assertThat(outcome.out()).isEqualTo(plain.out());
        assertThat(outcome.status()).isEqualTo(plain.status());
        assertThat(outcome.err()).contains("a seccomp filter", call);
    }

    @ParameterizedTest
    @CsvSource({"kill:mmap:3&0x40000, hugetlb, mmap(MAP_HUGETLB)", "kill:madvise:2=14, thp, madvise(MADV_HUGEPAGE)"})
    void aFilterAgainstTheKindOfPagesThatWasAskedForLeavesNone(String filter, String backing, String call, Lab lab) {
        lab.provide(Backing.HUGETLB);
        Command traced = under(filter, lab.tracer("--backing=" + backing).of(arguments()));

        assertRunsPlain(traced, lab, call);
    }

    /** Container engines refuse by default what only an administrator needs; so they do not change anything. */
    @ParameterizedTest
    @EnumSource
    void theFilterOfAContainerIsInNobodysWay(Backing backing, Lab lab) {
        lab.provide(backing);
        Outcome plain = lab.plain(arguments()).run();

        RunningProgram traced = under("container", lab.tracer("--strict").of(arguments()))
                .start()
                .awaitLine("ready");
        traced.text().assertWhollyOn(backing);

        assertThat(traced.finish()).isEqualTo(plain);
    }

    /** What is done only for perfection's sake before this process becomes the program is left then. */
    @Test
    void aProgramWithNothingToGainRunsUnderAFilterThatKills(Lab lab) {
        Object[] program = {Specimens.smallSpecimen(), "check", "exit", "7"};

        assertThat(under("kill:unshare,kill:ptrace,kill:mremap", lab.traced(program))
                        .run())
                .isEqualTo(lab.plain(program).run());
    }

    @Test
    void noNewPrivilegesChangeNothing(Lab lab) {
        lab.provide(Backing.HUGETLB);
        Outcome plain = lab.plain(arguments()).run();

        RunningProgram traced = under(
                        "no-new-privileges", lab.tracer("--strict").of(arguments()))
                .start()
                .awaitLine("ready");
        traced.text().assertWhollyOn(Backing.HUGETLB);

        assertThat(traced.finish()).isEqualTo(plain);
    }

    @Test
    void theTrialLeavesNoFile(Lab lab) {
        lab.provide(Backing.HUGETLB);

        under("kill:mremap", lab.traced(arguments())).run();

        for (String directory : new String[] {"/tmp", "/var/tmp", "/dev/shm"}) {
            String[] files = new File(directory).list();
            assertThat(files).as(directory).noneMatch(name -> name.startsWith(".tiexec-trial-"));
        }
    }

    private static void assertRunsPlain(Command traced, Lab lab, String reason) {
        Outcome plain = lab.plain(arguments()).run();

        RunningProgram running = traced.start().awaitLine("ready");
        running.text().assertOnSmallPages();
        Outcome outcome = running.finish();

        assertThat(outcome.out()).isEqualTo(plain.out());
        assertThat(outcome.status()).isEqualTo(plain.status()).isEqualTo(7);
        assertThat(outcome.errLines())
                .singleElement()
                .asString()
                .startsWith("tracer: ")
                .contains(reason);
    }

    private static Object[] arguments() {
        return new Object[] {Specimens.specimen(), "check", "hold", "check", "exit", "7"};
    }

    private static Command under(String filter, Command command) {
        return command.after(Specimens.under(), filter);
    }
}
