package org.tiexec.tracer.program;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;

/**
 * Looks for a program as {@code execvp(3)} does: along PATH unless the name has a slash, files without {@code #!} by
 * the shell.
 */
public final class ExecutableSearch {
    private static final byte[] DEFAULT_PATH = bytes("/bin:/usr/bin");
    private static final byte[] SHELL = bytes("/bin/sh");
    private static final int ESTALE = 116;
    private static final int ENODEV = 19;
    private static final int ETIMEDOUT = 110;

    private final List<byte[]> candidates;
    private final List<byte[]> argv;

    /**
     * Prepares a search.
     *
     * @param argv the program's name, then its arguments
     * @param environment where PATH is looked up
     */
    public ExecutableSearch(List<byte[]> argv, List<byte[]> environment) {
        this.argv = List.copyOf(argv);
        this.candidates = candidates(argv.get(0), environment);
    }

    /**
     * One try to execute a file.
     *
     * @param <X> what it may throw
     * @param <Y> what else it may throw
     */
    public interface Attempt<X extends Exception, Y extends Exception> {
        /**
         * Executes a file.
         *
         * @return why the kernel refused; empty if it worked
         */
        Optional<Errno> execute(byte[] path, List<byte[]> argv) throws X, Y;
    }

    /** The paths that are tried, in order. */
    public List<byte[]> candidates() {
        return candidates;
    }

    /**
     * Tries one path after the other.
     *
     * @return why none worked; empty if one did
     */
    public <X extends Exception, Y extends Exception> Optional<Errno> execute(Attempt<X, Y> attempt) throws X, Y {
        Errno failure = Errno.ENOENT;
        boolean denied = false;
        for (byte[] path : candidates) {
            Optional<Errno> refused = attempt.execute(path, argv);
            if (refused.equals(Optional.of(Errno.ENOEXEC))) {
                refused = attempt.execute(SHELL, scriptArguments(path));
            }
            if (refused.isEmpty()) {
                return refused;
            }
            failure = refused.get();
            denied |= failure.equals(Errno.EACCES);
            if (!mayContinueAfter(failure)) {
                return refused;
            }
        }
        return Optional.of(denied ? Errno.EACCES : failure);
    }

    private static boolean mayContinueAfter(Errno errno) {
        return errno.equals(Errno.ENOENT)
                || errno.equals(Errno.ENOTDIR)
                || errno.equals(Errno.EACCES)
                || errno.number() == ESTALE
                || errno.number() == ENODEV
                || errno.number() == ETIMEDOUT;
    }

    private List<byte[]> scriptArguments(byte[] path) {
        List<byte[]> arguments = new ArrayList<>();
        arguments.add(SHELL);
        arguments.add(path);
        arguments.addAll(argv.subList(1, argv.size()));
        return arguments;
    }

    private static List<byte[]> candidates(byte[] name, List<byte[]> environment) {
        List<byte[]> paths = new ArrayList<>();
        if (name.length == 0) {
            return paths;
        }
        for (byte b : name) {
            if (b == '/') {
                paths.add(name);
                return paths;
            }
        }
        byte[] path = valueOf(bytes("PATH="), environment).orElse(DEFAULT_PATH);
        int start = 0;
        for (int i = 0; i <= path.length; i++) {
            if (i == path.length || path[i] == ':') {
                ByteArrayOutputStream candidate = new ByteArrayOutputStream();
                candidate.write(path, start, i - start);
                if (i > start) {
                    candidate.write('/');
                }
                candidate.write(name, 0, name.length);
                paths.add(candidate.toByteArray());
                start = i + 1;
            }
        }
        return paths;
    }

    private static Optional<byte[]> valueOf(byte[] prefix, List<byte[]> environment) {
        for (byte[] variable : environment) {
            int matched = 0;
            while (matched < prefix.length && matched < variable.length && variable[matched] == prefix[matched]) {
                matched++;
            }
            if (matched == prefix.length) {
                return Optional.of(Arrays.copyOfRange(variable, matched, variable.length));
            }
        }
        return Optional.empty();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
