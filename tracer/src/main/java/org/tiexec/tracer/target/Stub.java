package org.tiexec.tracer.target;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.sys.SysException;

/**
 * The process that becomes the program.
 *
 * <p>It is started as {@code sleep}, with an empty environment and every signal blocked, and seized. What it does
 * before that is of no consequence: its memory is replaced by the execve that is then made in its name. Should nobody
 * seize it, it ends by itself.
 */
public final class Stub {
    private static final List<String> SLEEPERS = List.of("/bin/sleep", "/usr/bin/sleep");
    private static final List<byte[]> ARGUMENTS = List.of(bytes("sleep"), bytes("30"));

    private Stub() {}

    /**
     * Starts a stub.
     *
     * @return its process id
     * @throws SysException if no stub can be started
     */
    public static int spawn(Processes processes) {
        return spawnWithout(Set.of(), processes);
    }

    /**
     * Starts a stub that does not get some of the descriptors that are inherited.
     *
     * @return its process id
     * @throws SysException if no stub can be started
     */
    public static int spawnWithout(Set<Integer> descriptors, Processes processes) {
        SysException failure = new SysException("posix_spawn", Errno.ENOENT, "stub");
        for (String sleeper : SLEEPERS) {
            try {
                return processes.spawn(bytes(sleeper), ARGUMENTS, descriptors);
            } catch (SysException e) {
                failure = e;
            }
        }
        throw failure;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
