package org.tiexec.it.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An account that tests run programs as; becoming it takes root.
 *
 * @param uid its user id
 * @param gid its group id
 */
public record User(int uid, int gid) {
    /** Somebody without any privilege ({@code nobody}). */
    public static final User NOBODY = new User(65534, 65534);

    /** Somebody else, the owner of set-id programs ({@code daemon}). */
    public static final User DAEMON = new User(1, 1);

    /** An account of this machine by its name. */
    public static User named(String name) {
        try (var lines = Files.lines(Path.of("/etc/passwd"), StandardCharsets.UTF_8)) {
            List<String[]> found = lines.map(line -> line.split(":", -1))
                    .filter(fields -> fields[0].equals(name))
                    .toList();
            assumeTrue(!found.isEmpty(), "there is no user '" + name + "'");
            return new User(Integer.parseInt(found.get(0)[2]), Integer.parseInt(found.get(0)[3]));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The words before a command line that run it as this user. */
    Object[] becoming() {
        assumeTrue(isRoot(), "only root can run a program as another user");
        assumeTrue(mayRead(Lab.root().resolve("tracer/bin/tracer")), Lab.root() + " is closed to other users");
        return prefix().toArray();
    }

    private List<String> prefix() {
        return List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups");
    }

    private boolean mayRead(Path file) {
        try {
            List<String> command = new ArrayList<>(prefix());
            command.addAll(List.of("test", "-r", file.toString()));
            return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes it the owner of a file. */
    public void own(Path file) {
        assumeTrue(isRoot(), "only root can give a file away");
        try {
            Files.setAttribute(file, "unix:uid", uid);
            Files.setAttribute(file, "unix:gid", gid);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean isRoot() {
        return new LiveProcess(ProcessHandle.current().pid()).status("Uid").startsWith("0\t");
    }
}
