package org.tiexec.helper.region;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.testing.RecordedProcess;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;

final class MainExecutableTest {
    @ParameterizedTest
    @CsvSource({
        "bash,                   0x55dc8bc83000-0x55dc8bd44000",
        "c-static,               0x401000-0x979000",
        "c-static-pie,           0x7fc503a09000-0x7fc503f82000",
        "c-static-pie-exec-stop, 0x7ffff7a09000-0x7ffff7f82000",
        "cc1plus,                0x658000-0x1b8b000",
        "deleted,                0x7fd461209000-0x7fd461782000",
        "etcd,                   0x402000-0xe02000",
        "gdb,                    0x5558152af000-0x555815892000",
        "gdb-exec-stop,          0x555555627000-0x555555c0a000",
        "go-pie,                 0x55bf37a06000-0x55bf37c15000",
        "go-static,              0x400000-0x60e000",
        "java,                   0x561abb25e000-0x561abb25f000",
        // the last one: V8 maps the file once more to have its builtins near generated code
        "node, 0xb6f000-0xb71000 0xb72000-0x25fe000 0x2600000-0x2601000 0x7f1389e00000-0x7f1389f92000",
        "node-exec-stop,         0xb6f000-0xb71000 0xb72000-0x25fe000 0x2600000-0x2601000",
        "perl,                   0x55f1b6d60000-0x55f1b6ef5000",
        "postgres,               0x5569aff12000-0x5569b043c000",
        "prometheus,             0x402000-0x1923000",
        "python3,                0x557d0e901000-0x557d0e902000",
        "sleep,                  0x5584d02da000-0x5584d02df000",
        "sqlite3,                0x55593187c000-0x5559318aa000",
    })
    void findsTheCodeOfRealPrograms(String program, String ranges) {
        ProcessFacts process = RecordedProcess.named(program).facts();
        MainExecutable executable = MainExecutable.find(
                        process.mappings(), process.anchor().orElseThrow())
                .orElseThrow();
        assertThat(ranges(executable.code())).isEqualTo(ranges);
        assertThat(executable.otherCode()).isEmpty();
    }

    @Test
    void neverTakesTheKernelsOwnCode() {
        for (String program : RecordedProcess.NAMES) {
            for (Mapping mapping : RecordedProcess.named(program).mappings()) {
                if (mapping.name().startsWith("[")) {
                    assertThat(MainExecutable.find(
                                    List.of(mapping), mapping.range().start()))
                            .as(mapping.name())
                            .isEmpty();
                }
            }
        }
    }

    @Test
    void keepsApartWhatTheProgramMayChangeOrShare() throws Exception {
        MainExecutable executable = find("""
                400000-800000 r-xp 00000000 08:01 7 /bin/x
                800000-c00000 rwxp 00400000 08:01 7 /bin/x
                c00000-1000000 r-xs 00800000 08:01 7 /bin/x
                1000000-1400000 --xp 00c00000 08:01 7 /bin/x
                1400000-1800000 rw-p 01000000 08:01 7 /bin/x
                """);
        assertThat(ranges(executable.code())).isEqualTo("0x400000-0x800000");
        assertThat(ranges(executable.otherCode()))
                .isEqualTo("0x800000-0xc00000 0xc00000-0x1000000 0x1000000-0x1400000");
    }

    @Test
    void goesByDeviceAndInodeNotByPath() throws Exception {
        MainExecutable executable = find("""
                400000-800000 r-xp 00000000 08:01 7 /bin/x
                800000-c00000 r-xp 00000000 08:02 7 /bin/x
                c00000-1000000 r-xp 00000000 08:01 8 /bin/x
                1000000-1400000 r-xp 00400000 08:01 7 /overlay/other name (deleted)
                """);
        assertThat(ranges(executable.code())).isEqualTo("0x400000-0x800000 0x1000000-0x1400000");
    }

    @Test
    void findsNothingWhereTheProgramHeadersAreNoLongerOnTheFile() throws Exception {
        List<Mapping> mappings = parse("""
                400000-800000 r-xp 00000000 00:0f 1234 /anon_hugepage (deleted)
                800000-c00000 r-xp 00000000 00:00 0
                """);
        assertThat(MainExecutable.find(mappings, new Address(0x800040))).isEmpty();
        assertThat(MainExecutable.find(mappings, new Address(0x10))).isEmpty();
    }

    private static MainExecutable find(String maps) throws Exception {
        return MainExecutable.find(parse(maps), new Address(0x400040)).orElseThrow();
    }

    private static List<Mapping> parse(String maps) throws Exception {
        return MapsParser.parse(maps.getBytes(StandardCharsets.UTF_8));
    }

    private static String ranges(List<Mapping> mappings) {
        List<String> ranges = new ArrayList<>();
        for (Mapping mapping : mappings) {
            ranges.add(mapping.range().toString());
        }
        return String.join(" ", ranges);
    }
}
