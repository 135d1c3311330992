package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.it.support.HeldProgram;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.Specimens.Linkage;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.procfs.AuxiliaryVector;
import org.tiexec.protocol.procfs.MappedPages;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.SmapsParser;
import org.tiexec.tracer.arch.X8664;
import org.tiexec.tracer.remote.Arrival;
import org.tiexec.tracer.remote.EntryPoint;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;

/** A program runs to its entry point as it would without us, and is as it was when it stands there. */
final class EntryPointIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final NativeLibrary library = NativeLibrary.load();

    /** By what a program is stopped. */
    enum Means {
        DEBUG_REGISTER,
        INSTRUCTION;

        EntryPoint of(PtraceTarget target, Duration patience) {
            return this == DEBUG_REGISTER
                    ? EntryPoint.of(target, new X8664(), patience)
                    : EntryPoint.byInstruction(target, new X8664(), patience);
        }
    }

    static Stream<Arguments> storiesThatLeadThere() {
        return Stream.of("nothing", "signals", "fork", "spawn", "stop", "threads")
                .flatMap(story -> Stream.of(Means.values()).map(means -> Arguments.of(story, means)));
    }

    @ParameterizedTest
    @MethodSource("storiesThatLeadThere")
    void whateverItsLibrariesDoItIsMetThereAndGoesOn(String story, Means means) throws Exception {
        try (HeldProgram program = start(story)) {
            assertThat(means.of(program.target(), PATIENCE).reach()).isEqualTo(Arrival.AT_ENTRY);
            Address entry = entryOf(program);
            assertThat(new X8664().instructionPointer(program.target().registers()))
                    .isEqualTo(entry);
            assertThat(program.mappings())
                    .extracting(Mapping::name)
                    .contains(Specimens.blocksLibrary().toString());
            assertThat(ownPagesAround(entry, program))
                    .as("pages of its code that are no longer the file's")
                    .isZero();
            assertThat(program.finish()).isEqualTo(7);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEndOnTheWayIsItsOwn(Means means) throws Exception {
        for (List<String> end : List.of(List.of("exit", "Exited[code=3]"), List.of("abort", "Killed[signal=6"))) {
            try (HeldProgram program = start(end.get(0))) {
                EntryPoint way = means.of(program.target(), PATIENCE);
                assertThatThrownBy(way::reach)
                        .isInstanceOf(TargetGoneException.class)
                        .hasMessageContaining(end.get(1));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatItExecutesOnTheWayIsAnotherProgram(Means means) throws Exception {
        try (HeldProgram program = start("exec")) {
            assertThat(means.of(program.target(), PATIENCE).reach()).isEqualTo(Arrival.OTHER_PROGRAM);
            assertThat(program.finish()).isEqualTo(9);
        }
    }

    /** It sleeps for 2 seconds, and would notice if it were woken. */
    @ParameterizedTest
    @EnumSource
    void whoTakesTooLongIsLetGoWhereItIs(Means means) throws Exception {
        try (HeldProgram program = start("sleep")) {
            assertThat(means.of(program.target(), Duration.ofMillis(700)).reach())
                    .isEqualTo(Arrival.LATE);
            assertThat(program.finish()).isEqualTo(7);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStaticProgramIsThereFromTheStart(Means means) throws Exception {
        try (HeldProgram program = new HeldProgram(library, Specimens.specimen(Linkage.STATIC), "exit", "7")) {
            List<String> before = program.layout();
            assertThat(means.of(program.target(), PATIENCE).reach()).isEqualTo(Arrival.AT_ENTRY);
            assertThat(program.layout()).isEqualTo(before);
            assertThat(program.finish()).isEqualTo(7);
        }
    }

    /** As a launch does, with no signal blocked. */
    private HeldProgram start(String story) throws Exception {
        HeldProgram program = new HeldProgram(library, Specimens.late(), story);
        program.target().setSignalMask(0);
        return program;
    }

    private static Address entryOf(HeldProgram program) throws Exception {
        return new AuxiliaryVector(program.target().procFile("auxv"))
                .entryPoint()
                .orElseThrow();
    }

    private static long ownPagesAround(Address entry, HeldProgram program) throws Exception {
        Mapping code = program.mappings().stream()
                .filter(mapping -> mapping.range().contains(entry))
                .findAny()
                .orElseThrow();
        List<MappedPages> pages = SmapsParser.parse(program.target().procFile("smaps"), code.range());
        assertThat(pages).hasSize(1);
        String layout = program.layout().stream()
                .filter(text ->
                        text.startsWith(Long.toHexString(code.range().start().bits())))
                .findAny()
                .orElseThrow();
        return layout.lines()
                .filter(line -> line.startsWith("Anonymous:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }
}
