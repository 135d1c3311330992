package org.tiexec.it.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The kernel's setting of who may trace whom ({@code kernel.yama.ptrace_scope}); closing puts it back. */
public final class YamaSetting implements AutoCloseable {
    /** What stands for a kernel without Yama among the values of the setting. */
    public static final int NONE = -1;

    private static final Path FILE = Path.of("/proc/sys/kernel/yama/ptrace_scope");
    private static final int UNTIL_RESTART = 3;

    private final int before;

    /** Sets it. */
    public YamaSetting(int value) {
        before = now();
        set(value);
    }

    /** The values under which an ordinary user may trace its own children: the one that there is without Yama. */
    public static List<Integer> thatAllowTracing() {
        return now() == NONE ? List.of(NONE) : List.of(0, 1);
    }

    /** The values under which it may not, but root may; none without Yama. */
    public static List<Integer> thatAllowRootAlone() {
        return now() == NONE ? List.of() : List.of(2);
    }

    private static int now() {
        try {
            return Files.exists(FILE) ? Integer.parseInt(Files.readString(FILE).strip()) : NONE;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void set(int value) {
        if (value == now()) {
            return;
        }
        assumeTrue(User.isRoot(), "only root can set " + FILE);
        try {
            Files.writeString(FILE, Integer.toString(value), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (now() != UNTIL_RESTART) {
            set(before);
        }
    }
}
