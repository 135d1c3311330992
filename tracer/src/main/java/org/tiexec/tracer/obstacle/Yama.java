package org.tiexec.tracer.obstacle;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.tiexec.protocol.procfs.Capabilities;
import org.tiexec.protocol.procfs.ProcFormatException;

/**
 * Whom the kernel lets this process trace, and the helper copy from, apart from the usual rights.
 *
 * <p>Source: {@code kernel.yama.ptrace_scope} (kernel documentation, {@code admin-guide/LSM/Yama.rst}). Kernels without
 * Yama have no such setting; many distributions set it to 1.
 */
public final class Yama {
    private static final int ANYBODY = 0;
    private static final int DESCENDANTS = 1;
    private static final int PRIVILEGED = 2;
    private static final int LENGTH = 16;

    private final int scope;
    private final boolean restrictsUs;

    private Yama(int scope, boolean restrictsUs) {
        this.scope = scope;
        this.restrictsUs = restrictsUs;
    }

    /**
     * Reads the setting as it is now, and only if it restricts anybody, whether it restricts this process.
     *
     * @param root the directory that holds {@code proc}; {@code /} but in tests
     */
    public static Yama read(File root) {
        int scope = scope(new File(root, "proc/sys/kernel/yama/ptrace_scope"));
        return new Yama(scope, scope != ANYBODY && (scope > PRIVILEGED || !isPrivileged(root)));
    }

    private static int scope(File setting) {
        try (FileInputStream in = new FileInputStream(setting)) {
            String text = new String(in.readNBytes(LENGTH), StandardCharsets.US_ASCII).trim();
            return Integer.parseInt(text);
        } catch (IOException | NumberFormatException e) {
            // No Yama, or nothing that we understand: the kernel will say what it does not let us do.
            return ANYBODY;
        }
    }

    private static boolean isPrivileged(File root) {
        try (FileInputStream in = new FileInputStream(new File(root, "proc/self/status"))) {
            return new Capabilities(in.readAllBytes()).includeTracing();
        } catch (IOException | ProcFormatException e) {
            return false;
        }
    }

    /** Why this process may trace none, not even a child of its own; empty if it may. */
    public Optional<String> objection() {
        if (!restrictsUs || scope <= DESCENDANTS) {
            return Optional.empty();
        }
        return Optional.of(
                scope == PRIVILEGED
                        ? "kernel.yama.ptrace_scope is 2: tracing takes CAP_SYS_PTRACE (as root: sysctl kernel.yama.ptrace_scope=1)"
                        : "kernel.yama.ptrace_scope is " + scope
                                + ": nobody may trace until the machine is started anew");
    }

    /** Whether a child of this process, as the helper is, needs leave to touch the memory of another child. */
    public boolean separatesSiblings() {
        return restrictsUs && scope == DESCENDANTS;
    }
}
