package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

/** Whatever becomes of the pool and of memory once a program runs on huge pages, its code stays where it is. */
@InLab
final class PoolAfterLaunchIT {
    private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");
    private static final Pattern FIRST_CODE = Pattern.compile("(?m)^([0-9a-f]+)-([0-9a-f]+) r-xp .*\\R(?:[A-Z].*\\R)*?"
            + "(?:KernelPageSize: +2048 kB|AnonHugePages: +[1-9]\\d* kB)");

    /** Private pages that are there already take nothing from the pool: not for a child either, as nobody writes. */
    @ParameterizedTest
    @ValueSource(strings = {"staged-swap", "in-place"})
    void fiftyChildrenRunTheirCodeWhilePoolAndHopeAreGone(String method, Lab lab) {
        Object[] program = {Specimens.specimen(), "check", "hold", "fork", "50", "threads", "4", "check", "exit", "7"};
        Outcome plain = lab.plain(program).run();
        lab.provide(Backing.HUGETLB);

        RunningProgram traced = lab.tracer("--strict", "--backing=hugetlb", "--method=" + method)
                .of(program)
                .start()
                .awaitLine("ready");
        RunningProgram hog = takeAllThatIsFree(lab);
        traced.text().assertWhollyOn(Backing.HUGETLB);

        assertThat(lab.pool().available()).isZero();
        assertThat(traced.finish()).isEqualTo(plain);
        assertThat(plain.status()).isEqualTo(7);
        hog.finish();
    }

    /** The administrator takes the whole pool back: what is in use stays, as surplus. */
    @Test
    void aPoolOfNoPagesAtAllLeavesTheProgramItsOwn(Lab lab) {
        Object[] program = {Specimens.specimen(), "hold", "fork", "50", "check", "exit", "7"};
        Outcome plain = lab.plain(program).run();
        lab.provide(Backing.HUGETLB);

        RunningProgram traced =
                lab.tracer("--strict", "--backing=hugetlb").of(program).start().awaitLine("ready");
        lab.pool().resize(0);
        traced.text().assertWhollyOn(Backing.HUGETLB);

        assertThat(lab.pool().available()).isLessThanOrEqualTo(0);
        assertThat(traced.finish()).isEqualTo(plain);
    }

    @ParameterizedTest
    @EnumSource
    void theKernelIsAskedInVainToTakeTheCodeAway(Backing backing, Lab lab) throws IOException {
        assumeTrue(Files.isWritable(DROP_CACHES), "only root may drop caches");
        Object[] program = {Specimens.specimen(), "check", "hold", "check", "fork", "5", "check", "exit", "7"};
        Outcome plain = lab.plain(program).run();
        lab.provide(backing);

        RunningProgram traced = lab.tracer("--strict", "--backing=" + backing.optionValue())
                .of(program)
                .start()
                .awaitLine("ready");
        Matcher code = FIRST_CODE.matcher(traced.program().read("smaps"));
        assertThat(code.find()).isTrue();
        long start = Long.parseLong(code.group(1), 16);
        long length = Long.parseLong(code.group(2), 16) - start;
        for (String advice : List.of("cold", "pageout")) {
            Outcome asked = lab.plain(
                            Specimens.pressure(),
                            traced.program().pid(),
                            Long.toHexString(start),
                            Long.toHexString(length),
                            advice)
                    .run();
            // reserved pages cannot be advised about; transparent ones have nowhere to go without swap
            assertThat(asked.out()).isEqualTo(backing == Backing.HUGETLB ? "Invalid argument\n" : "done\n");
        }
        Files.writeString(DROP_CACHES, "3", StandardCharsets.US_ASCII);
        if (backing == Backing.HUGETLB) {
            traced.text().assertWhollyOn(Backing.HUGETLB);
        }

        assertThat(traced.finish()).isEqualTo(plain);
    }

    /** The page belongs to nobody else: the debugger writes to it and no copy is made, so that none need be free. */
    @ParameterizedTest
    @ValueSource(longs = {0, 8})
    void aBreakpointInTheCodeIsMetAndTheProgramEndsAsItWouldWithoutIt(long free, Lab lab) {
        Object[] program = {Specimens.specimen(), "check", "hold", "threads", "2", "exit", "7"};
        Outcome plain = lab.plain(program).run();
        lab.provide(Backing.HUGETLB);
        RunningProgram traced =
                lab.tracer("--strict", "--backing=hugetlb").of(program).start().awaitLine("ready");
        traced.text().assertWhollyOn(Backing.HUGETLB);
        lab.pool().provide(free);

        RunningProgram debugger = lab.plain(
                        "gdb",
                        "--batch",
                        "--nx",
                        "-ex",
                        "break *((char *) &code_blocks + 0x300000)",
                        "-ex",
                        "shell echo attached",
                        "-ex",
                        "continue",
                        "-ex",
                        "info symbol $pc",
                        "-ex",
                        "delete",
                        "-ex",
                        "continue",
                        "-p",
                        traced.program().pid())
                .start()
                .awaitLine("attached");
        Outcome outcome = traced.finish();
        Outcome debugged = debugger.finish();

        assertThat(outcome).isEqualTo(plain);
        assertThat(debugged.out()).as(debugged.toString()).contains("Breakpoint 1, ", "exited with code 07");
    }

    private static RunningProgram takeAllThatIsFree(Lab lab) {
        long free = lab.pool().available();
        return lab.plain(Specimens.pageHog(), "hold", free).start().awaitLine("got " + free);
    }
}
