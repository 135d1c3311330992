package org.tiexec.helper.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tiexec.helper.proc.OwnProcess;
import org.tiexec.helper.proc.ProcessFiles;
import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.helper.sys.NativeMemory;
import org.tiexec.helper.sys.SysException;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.procfs.Mapping;

final class RegionDigestTest {
    private static final File ROOT = new File("/");
    private static final int BYTES = 3_000_000;

    private final NativeCalls calls = NativeCalls.bind();

    @TempDir
    private Path directory = Path.of("");

    @Test
    void digestsMemory() throws Exception {
        byte[] content = random();
        try (NativeMemory memory = calls.allocate(BYTES)) {
            memory.set(content);
            Region region = region(AddressRange.ofLength(memory.start(), BYTES), 0);
            assertThat(new RegionDigest(region).ofMemory(calls, OwnProcess.id(ROOT)))
                    .isEqualTo(sha256(content));
        }
    }

    @Test
    void digestsTheMappedPartOfAFile() throws Exception {
        byte[] content = random();
        Path file = Files.write(directory.resolve("file"), content);
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            Region region = region(AddressRange.ofLength(new Address(0x400000), 1_500_000), 4096);
            assertThat(new RegionDigest(region).ofFile(open))
                    .isEqualTo(sha256(Arrays.copyOfRange(content, 4096, 4096 + 1_500_000)));
        }
    }

    @Test
    void fillsUpTheLastPageOfAFileWithZerosAsTheKernelDoes() throws Exception {
        Path file = Files.write(directory.resolve("file"), new byte[] {1, 2, 3});
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            Region region = region(AddressRange.ofLength(new Address(0x400000), 4096), 0);
            assertThat(new RegionDigest(region).ofFile(open))
                    .isEqualTo(sha256(Arrays.copyOf(new byte[] {1, 2, 3}, 4096)));
        }
    }

    @Test
    void findsTheCodeOfAProgramInMemoryAsItIsInItsFile() throws Exception {
        Process cat = new ProcessBuilder("cat").start();
        int pid = (int) cat.pid();
        try (RandomAccessFile file = new ProcessFiles(ROOT, pid).openExecutable()) {
            Region region = code(pid);
            String inMemory = new RegionDigest(region).ofMemory(calls, pid);
            assertThat(new RegionDigest(region).ofFile(file)).isEqualTo(inMemory);
            cat.destroyForcibly().waitFor();
            assertThatThrownBy(() -> new RegionDigest(region).ofMemory(calls, pid))
                    .isInstanceOf(SysException.class)
                    .hasMessageContaining("ESRCH");
            assertThat(new RegionDigest(region).ofFile(file)).isEqualTo(inMemory);
        } finally {
            cat.destroyForcibly().waitFor();
        }
    }

    private static Region code(int pid) throws Exception {
        for (Mapping mapping : new ProcessFiles(ROOT, pid).read().mappings()) {
            if (mapping.isReplaceableCode()) {
                return region(mapping.range(), mapping.fileOffset());
            }
        }
        throw new IllegalStateException("cat has no code");
    }

    private static Region region(AddressRange range, long fileOffset) {
        return new Region(new RegionId("r1"), range, range, fileOffset, Protection.READ_EXECUTE);
    }

    private static byte[] random() {
        byte[] content = new byte[BYTES];
        new Random(42).nextBytes(content);
        return content;
    }

    private static String sha256(byte[] content) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }
}
