package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.it.support.Archives;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.PlanLines;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.SelfCheck;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.Specimens.Linkage;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;

/** Code that is rounded outward to whole 2 MB: all of it is on huge pages, the program is the same, and it can go back. */
@InLab
final class AggressiveIT {
    private static final Outcome DONE = new Outcome(0, "", "");
    private static final String AGGRESSIVE = "--strategy=aggressive";

    static Stream<Arguments> kinds() {
        return Stream.of(Linkage.values())
                .flatMap(linkage -> Stream.of(Backing.values()).map(backing -> Arguments.of(linkage, backing)));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void allCodeOfAProgramWithGapsIsOnHugePagesFromItsStart(Linkage linkage, Backing backing, Lab lab)
            throws Exception {
        lab.provide(backing);
        Path file = Specimens.specimenWithGaps(linkage);
        for (String method : List.of("--method=staged-swap", "--method=in-place")) {
            String pages = "--backing=" + backing.optionValue();
            RunningProgram program = lab.tracer(AGGRESSIVE, "--strict", pages, method)
                    .of(SelfCheck.command(file))
                    .start()
                    .awaitLine("ready");

            assertThat(codeOnTheFile(program.program(), file)).isEmpty();
            assertThat(mappings(program.program()))
                    .filteredOn(Mapping::isCodeInMemory)
                    .as("code without a file: the region and nothing else")
                    .hasSize(1)
                    .allMatch(mapping -> mapping.range().isAligned(PageSize.HUGE));
            SelfCheck.assertUnharmed(program);
        }
    }

    /** The gap becomes zero bytes; what lies behind it stays what it was. */
    @ParameterizedTest
    @EnumSource
    void aGapIsFilledWithZerosAndNothingMore(Backing backing, Lab lab) throws Exception {
        lab.provide(backing);
        Path file = Specimens.specimenWithGaps(Linkage.NON_PIE);
        RunningProgram plain = lab.plain(file, "hold").start().awaitLine("ready");
        AddressRange code = codeOnTheFile(plain.process(), file).get(0).range();
        plain.finish();
        RunningProgram program = lab.tracer(AGGRESSIVE, "--backing=" + backing.optionValue())
                .of(file, "hold")
                .start()
                .awaitLine("ready");
        byte[] gap = new byte[Math.toIntExact(code.end().alignUp(PageSize.HUGE).distanceFrom(code.end()))];

        try (RandomAccessFile memory =
                new RandomAccessFile(program.program().file("mem").toFile(), "r")) {
            memory.seek(code.end().bits());
            memory.readFully(gap);
        }

        assertThat(gap).hasSizeGreaterThan(0).containsOnly(0);
        assertThat(program.finish().status()).isZero();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aRunningProgramGoesThereAndBackToTheSameMappings(Linkage linkage, Backing backing, Lab lab) throws Exception {
        lab.provide(backing);
        for (Path file : List.of(Specimens.specimenWithGaps(linkage), Specimens.specimen(linkage))) {
            RunningProgram program = lab.plain(SelfCheck.command(file)).start().awaitLine("ready");
            String before = program.process().read("maps");
            String[] options = {AGGRESSIVE, "--targets=exe", "--strict", "--backing=" + backing.optionValue()};

            for (int i = 0; i < 2; i++) {
                assertThat(lab.attach(options).to(program).run()).isEqualTo(DONE);
                assertWidened(program.process(), file);
                assertThat(lab.attach().undoing().to(program).run()).isEqualTo(DONE);
                assertThat(program.process().read("maps")).isEqualTo(before);
            }
            assertThat(lab.attach(options).to(program).run()).isEqualTo(DONE);
            SelfCheck.assertUnharmed(program);
        }
    }

    /** The code goes beyond the parts of it that are parked, which a strategy that takes less leaves whole. */
    private static void assertWidened(LiveProcess process, Path file) throws ProcFormatException {
        List<Mapping> mappings = mappings(process);
        List<Mapping> parked = mappings.stream().filter(Mapping::isParked).toList();
        List<Mapping> regions =
                mappings.stream().filter(Mapping::isCodeInMemory).toList();
        assertThat(parked).as(file + " in " + mappings).hasSize(1);
        assertThat(regions.stream().mapToLong(region -> region.range().length()).sum())
                .as(file + " in " + mappings)
                .isGreaterThan(parked.get(0).range().length());
    }

    @ParameterizedTest
    @EnumSource
    void theCodeOfItsLibrariesGoesThereAndBackAsWell(Backing backing, Lab lab) throws Exception {
        lab.provide(backing);
        RunningProgram program =
                lab.plain(Specimens.spinnerWithLibrary(), 2).start().awaitLine("ready");
        List<Mapping> before = files(program.process());

        assertThat(lab.attach(AGGRESSIVE, "--backing=" + backing.optionValue())
                        .to(program)
                        .run())
                .isEqualTo(DONE);
        AddressRange code = before.stream()
                .filter(mapping ->
                        mapping.name().equals(Specimens.blocksLibrary().toString()))
                .filter(Mapping::isFileCode)
                .findFirst()
                .orElseThrow()
                .range()
                .alignedInterior(PageSize.HUGE)
                .orElseThrow();
        assertThat(mappings(program.process()))
                .anyMatch(mapping -> mapping.isCodeInMemory() && mapping.range().contains(code));
        assertThat(lab.attach().undoing().to(program).run()).isEqualTo(DONE);

        assertThat(files(program.process())).isEqualTo(before);
        assertThat(program.finish().outLines()).last().isEqualTo("as it should be");
    }

    @Test
    void prometheusHasNoSmallPageOfCodeLeft(Lab lab) {
        lab.provide(Backing.HUGETLB);

        Outcome told =
                lab.tracer(AGGRESSIVE, "-v").of("prometheus", "--version").run();

        Outcome plain = lab.plain("prometheus", "--version").run();
        assertThat(told.out()).isEqualTo(plain.out());
        assertThat(told.status()).isEqualTo(plain.status());
        assertThat(told.err()).contains(" -> 0, 2 MB pages 0 -> ", "r1 is widened over ", "it can be executed");
    }

    @Test
    void theArchiveTellsWhatARegionIsWidenedOver(Lab lab) throws IOException {
        lab.provide(Backing.THP);
        Path archive = Files.createDirectory(lab.directory().resolve("archive"));
        Path file = Specimens.specimenWithGaps(Linkage.PIE);

        lab.tracer(AGGRESSIVE, "--backing=thp", "--archive=" + archive)
                .of(file, "exit", "7")
                .run();

        JsonNode plan = new ObjectMapper()
                .readTree(Files.readString(Archives.awaitOnly(archive)))
                .path("attempts")
                .path(0)
                .path("plan");
        assertThat(plan.path("strategy").asText()).isEqualTo("aggressive");
        JsonNode widened = plan.path("regions").path(0).path("widened");
        assertThat(widened).hasSize(1);
        assertThat(widened.path(0).path("before").asText()).isEqualTo("gap");
    }

    @Test
    void dryRunsShowThePlanThatWouldBeExecuted(Lab lab) {
        lab.provide(Backing.THP);
        Path file = Specimens.specimenWithGaps(Linkage.NON_PIE);
        RunningProgram program = lab.plain(file, "hold").start().awaitLine("ready");
        long pid = program.process().pid();
        String before = program.process().read("maps");

        List<Outcome> dryRuns = List.of(
                lab.helper("plan", "--elf=" + file, AGGRESSIVE).run(),
                lab.helper("plan", "--pid=" + pid, AGGRESSIVE).run(),
                lab.helper("plan", "--pid=" + pid, "--for=attach", "--targets=exe", AGGRESSIVE)
                        .run(),
                lab.tracer("--dry-run", AGGRESSIVE).of(file).run(),
                lab.attach("--dry-run", "--targets=exe", AGGRESSIVE).to(program).run());

        String region =
                PlanLines.parse(dryRuns.get(0).out()).header().path("regions").toString();
        assertThat(region).contains("\"widened\"");
        for (Outcome dryRun : dryRuns) {
            PlanLines plan = PlanLines.parse(dryRun.out());
            plan.assertIsPlan();
            assertThat(plan.header().path("regions")).hasToString(region);
        }
        assertThat(program.process().read("maps")).isEqualTo(before);
        program.finish();
    }

    /** Less than 2 MB of code in one piece is something only for those who round outward. */
    @Test
    void aSmallProgramGoesThereIfAllAroundItIsReadOnly(Lab lab) throws Exception {
        lab.provide(Backing.THP);
        Path small = Specimens.smallSpecimenWithGaps();

        assertThat(lab.tracer("-v", "--backing=thp")
                        .of(small, "exit", "3")
                        .run()
                        .err())
                .contains("nothing to do");
        RunningProgram program = lab.tracer(AGGRESSIVE, "--backing=thp", "--strict")
                .of(SelfCheck.command(small))
                .start()
                .awaitLine("ready");

        assertThat(codeOnTheFile(program.program(), small)).isEmpty();
        SelfCheck.assertUnharmed(program);
    }

    private static List<Mapping> mappings(LiveProcess process) throws ProcFormatException {
        return MapsParser.parse(process.read("maps").getBytes(StandardCharsets.UTF_8));
    }

    private static List<Mapping> files(LiveProcess process) throws ProcFormatException {
        return mappings(process).stream()
                .filter(mapping -> mapping.inode() != 0)
                .toList();
    }

    private static List<Mapping> codeOnTheFile(LiveProcess process, Path file) throws ProcFormatException {
        return mappings(process).stream()
                .filter(mapping -> mapping.name().equals(file.toString())
                        && mapping.protection().equals(Protection.READ_EXECUTE))
                .toList();
    }
}
