package org.tiexec.tracer.obstacle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much memory the control groups leave, in trees of files like the kernel's. */
final class MemoryRoomTest {
    private static final long MB = 1L << 20;
    private static final String NO_LIMIT = "9223372036854771712";
    private static final String V1 = "sys/fs/cgroup/memory/";
    private static final String V2 = "sys/fs/cgroup/";

    @TempDir
    private Path root = Path.of("");

    @Test
    void isEnoughWhereNoGroupIsLimited() throws Exception {
        file("proc/self/cgroup", "8:pids:/\n4:memory:/a/b\n0::/\n");
        version1("a/b/", NO_LIMIT, 500 * MB, 0, 0);
        version1("a/", NO_LIMIT, 500 * MB, 0, 0);
        version1("", NO_LIMIT, 500 * MB, 0, 0);

        assertThat(shortage(100)).isEmpty();
    }

    @Test
    void isEnoughWhereNothingIsKnown() {
        assertThat(shortage(100)).isEmpty();
    }

    @Test
    void isWhatALimitOfVersion1Leaves() throws Exception {
        file("proc/self/cgroup", "5:cpu,memory:/a\n");
        version1("a/", 300 * MB, 210 * MB);

        assertThat(shortage(90)).isEmpty();
        assertThat(shortage(91))
                .contains("the memory control group /a has 90 MB left of 300, the test takes 91"
                        + " (raise memory.limit_in_bytes)");
    }

    @Test
    void isThatOfTheProcessThatIsMeant() throws Exception {
        file("proc/self/cgroup", "5:memory:/a\n");
        file("proc/4711/cgroup", "5:memory:/b\n");
        version1("a/", NO_LIMIT, 500 * MB, 0, 0);
        version1("b/", 300 * MB, 210 * MB);

        assertThat(shortage(91)).isEmpty();
        assertThat(new MemoryRoom(root.toFile()).shortageOf(4711, 91 * MB, "the test"))
                .hasValueSatisfying(shortage -> assertThat(shortage).contains("/b has 90 MB left"));
    }

    @Test
    void isWhatALimitOfVersion2Leaves() throws Exception {
        file("proc/self/cgroup", "0::/system.slice/a.service\n");
        version2("system.slice/a.service/", "314572800", 210 * MB, 0, 0);

        assertThat(shortage(90)).isEmpty();
        assertThat(shortage(91))
                .contains("the memory control group /system.slice/a.service has 90 MB left of 300, the test takes 91"
                        + " (raise memory.max)");
    }

    @Test
    void isWhatTheNarrowestGroupAboveLeaves() throws Exception {
        file("proc/self/cgroup", "0::/a/b\n");
        version2("a/b/", "max", 10 * MB, 0, 0);
        version2("a/", "104857600", 90 * MB, 0, 0);

        assertThat(shortage(11)).get().asString().contains("group /a has 10 MB left of 100");
    }

    @Test
    void includesWhatCanBeTakenFromFiles() throws Exception {
        file("proc/self/cgroup", "0::/a\n");
        version2("a/", "104857600", 100 * MB, 30 * MB, 40 * MB);

        assertThat(shortage(50)).isEmpty();
        assertThat(shortage(51)).isPresent();
    }

    @Test
    void countsTheFilesOfGroupsBelowInVersion1() throws Exception {
        file("proc/self/cgroup", "4:memory:/a\n");
        version1("a/", Long.toString(100 * MB), 100 * MB, 20 * MB, 0);

        assertThat(shortage(20)).isEmpty();
        assertThat(shortage(21)).isPresent();
    }

    /** A container is told the host's path of its group, but only its own group is mounted. */
    @Test
    void isThatOfTheMountedGroupInAContainer() throws Exception {
        file("proc/self/cgroup", "0::/docker/0123abcd\n");
        version2("", "104857600", 90 * MB, 0, 0);

        assertThat(shortage(11)).get().asString().contains("group / has 10 MB left of 100");
    }

    @Test
    void isEnoughIfTheFilesMakeNoSense() throws Exception {
        file("proc/self/cgroup", "what\n:\n0:\n0::/a\n4:memory:\n");
        version2("a/", "a lot", 90 * MB, 0, 0);

        assertThat(shortage(11)).isEmpty();
    }

    private Optional<String> shortage(long megabytes) {
        return new MemoryRoom(root.toFile()).shortage(megabytes * MB, "the test");
    }

    private void version1(String group, long limit, long usage) throws IOException {
        version1(group, Long.toString(limit), usage, 0, 0);
    }

    private void version1(String group, String limit, long usage, long inactive, long active) throws IOException {
        file(V1 + group + "memory.limit_in_bytes", limit + "\n");
        file(V1 + group + "memory.usage_in_bytes", usage + "\n");
        file(
                V1 + group + "memory.stat",
                "inactive_file 7\ntotal_inactive_file " + inactive + "\ntotal_active_file " + active + "\n");
    }

    private void version2(String group, String limit, long usage, long inactive, long active) throws IOException {
        file(V2 + group + "memory.max", limit + "\n");
        file(V2 + group + "memory.current", usage + "\n");
        file(V2 + group + "memory.stat", "inactive_file " + inactive + "\nactive_file " + active + "\nslab 5\n");
    }

    private void file(String name, String content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.resolveSibling("x").getParent());
        Files.writeString(file, content);
    }
}
