package org.tiexec.protocol.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.protocol.memory.Address;

final class AuxiliaryVectorTest {
    private static byte[] pairs(long... words) {
        ByteBuffer buffer = ByteBuffer.allocate(words.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (long word : words) {
            buffer.putLong(word);
        }
        return buffer.array();
    }

    @ParameterizedTest
    @CsvSource({
        "bash,       /usr/bin/bash,                               0x5609792c2040, 0x5609792f3750",
        "gdb,        /usr/bin/gdb,                                0x5641fa071040, 0x5641fa171e10",
        "java,       /usr/lib/jvm/java-17-openjdk-amd64/bin/java, 0x55af8bb42040, 0x55af8bb43280",
        "postgres,   /usr/lib/postgresql/15/bin/postgres,         0x5583fda5e040, 0x5583fdbb10c0",
        "node,       /usr/bin/node,                               0x400040,       0xbb8330",
        "etcd,       /usr/bin/etcd,                               0x400040,       0x4022f0",
        "go-static,  /tmp/pb/cap/go-static,                       0x400040,       0x457200",
        "static,     /tmp/pb/cap/static,                          0x400040,       0x4023f0",
        "static-pie, /tmp/pb/cap/static-pie,                      0x7fa522600040, 0x7fa52260a3f0",
    })
    void pointsAtTheMainExecutableOfRealPrograms(String program, String path, String headers, String entry)
            throws ProcFormatException {
        AuxiliaryVector auxv = new AuxiliaryVector(ProcFixtures.auxv(program));
        assertThat(auxv.programHeaders()).contains(Address.parse(headers));
        assertThat(auxv.entryPoint()).contains(Address.parse(entry));

        List<Mapping> mappings = MapsParser.parse(ProcFixtures.maps(program));
        assertThat(at(mappings, Address.parse(headers)).name()).isEqualTo(path);
        assertThat(at(mappings, Address.parse(entry)).name()).isEqualTo(path);
        assertThat(at(mappings, Address.parse(entry)).isReplaceableCode()).isTrue();
    }

    private static Mapping at(List<Mapping> mappings, Address address) {
        return mappings.stream()
                .filter(mapping -> mapping.range().contains(address))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void readsLittleEndianPairsUpToTheNull() {
        AuxiliaryVector auxv = new AuxiliaryVector(pairs(33, 7, 9, 0x401000, 3, 0x400040, 0, 0));
        assertThat(auxv.programHeaders()).contains(Address.parse("0x400040"));
        assertThat(auxv.entryPoint()).contains(Address.parse("0x401000"));
    }

    @Test
    void nothingCountsAfterTheNull() {
        AuxiliaryVector auxv = new AuxiliaryVector(pairs(33, 7, 0, 0, 3, 0x400040, 9, 0x401000));
        assertThat(auxv.programHeaders()).isEmpty();
        assertThat(auxv.entryPoint()).isEmpty();
    }

    @Test
    void theFirstOfSeveralCounts() {
        assertThat(new AuxiliaryVector(pairs(3, 1, 3, 2, 0, 0)).programHeaders())
                .contains(new Address(1));
    }

    @Test
    void aVectorThatIsCutHoldsWhatIsWholeInIt() {
        byte[] whole = pairs(3, 0x400040, 9, 0x401000, 0, 0);
        for (int length = 0; length <= whole.length; length++) {
            AuxiliaryVector auxv = new AuxiliaryVector(Arrays.copyOf(whole, length));
            assertThat(auxv.programHeaders().isPresent()).isEqualTo(length >= 16);
            assertThat(auxv.entryPoint().isPresent()).isEqualTo(length >= 32);
        }
    }

    @Test
    void keepsItsOwnCopy() {
        byte[] bytes = pairs(3, 0x400040, 0, 0);
        AuxiliaryVector auxv = new AuxiliaryVector(bytes);
        Arrays.fill(bytes, (byte) 0);
        assertThat(auxv.programHeaders()).contains(Address.parse("0x400040"));
    }
}
