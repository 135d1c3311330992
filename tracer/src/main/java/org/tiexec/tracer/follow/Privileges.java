package org.tiexec.tracer.follow;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.procfs.Capabilities;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.arch.ExecForm;
import org.tiexec.tracer.program.PathText;
import org.tiexec.tracer.program.PrivilegedFile;
import org.tiexec.tracer.sys.SyscallEntry;
import org.tiexec.tracer.target.Tracee;

/**
 * The privileges that followed processes get from files with set-id bits or capabilities, unless they are traced when they
 * execute them.
 *
 * <p>The kernel takes them away from whoever is traced by somebody without {@code CAP_SYS_PTRACE} ({@code
 * cap_bprm_creds_from_file}, {@code security/commoncap.c}), and nothing gives them back. So where we have not got it, each
 * execve is looked at when it begins. A file that cannot be looked at, or may be another one for the process than for us,
 * counts as one that gives privileges.
 */
public final class Privileges {
    private static final String NO_NEW_PRIVILEGES = "NoNewPrivs:\t1";

    /** {@code PATH_MAX}, with the zero at its end. */
    private static final int MAX_PATH = 4096;

    private static final int CURRENT_DIRECTORY = -100;
    private static final String PROC = "/proc/";
    private static final String DEVICES = "/dev/";
    private static final String OWN_PROC = "/proc/self/";
    private static final String OWN_DESCRIPTORS = "/dev/fd/";

    private final Architecture arch;
    private final PrivilegedFile files;
    private final boolean mayBeLost;

    private Privileges(Architecture arch, PrivilegedFile files, boolean mayBeLost) {
        this.arch = arch;
        this.files = files;
        this.mayBeLost = mayBeLost;
    }

    /**
     * Finds out whether any can be lost.
     *
     * @param root the directory that holds {@code proc}; {@code /} but in tests
     */
    public static Privileges read(File root, Architecture arch, PrivilegedFile files) {
        return new Privileges(arch, files, !isSafe(new File(root, "proc/self/status")));
    }

    private static boolean isSafe(File status) {
        try (FileInputStream in = new FileInputStream(status)) {
            byte[] text = in.readAllBytes();
            return new Capabilities(text).includeTracing()
                    || new String(text, StandardCharsets.UTF_8).contains(NO_NEW_PRIVILEGES);
        } catch (IOException | ProcFormatException e) {
            return false;
        }
    }

    /** Whether there are any to lose, so that system calls have to be looked at. */
    boolean mayBeLost() {
        return mayBeLost;
    }

    /** Whether a call would give some to a thread that is not traced. */
    boolean areAtStake(Tracee tracee, SyscallEntry call) {
        ExecForm form = arch.execForm(call.abi(), call.number());
        if (form == ExecForm.NONE) {
            return false;
        }
        Optional<Boolean> atStake = TimedLook.at(new TimedLook.Question<Boolean>() {
            @Override
            public Optional<Boolean> ask() {
                return Optional.of(areAtStake(tracee, form, call));
            }
        });
        return atStake.isEmpty() || atStake.get();
    }

    private boolean areAtStake(Tracee tracee, ExecForm form, SyscallEntry call) {
        try {
            if (!seesOurFiles(tracee.id())) {
                return true;
            }
            Path file = file(tracee, form, call);
            return !isOutOfReach(file, tracee.id())
                    && files.givesPrivileges(file, Path.of("/proc/" + tracee.id() + "/cwd"));
        } catch (IOException | InvalidPathException e) {
            return true;
        }
    }

    /** In another root directory, or among other mounts, a path leads elsewhere. */
    private static boolean seesOurFiles(int pid) throws IOException {
        return isTheSame(pid, "root") && isTheSame(pid, "ns/mnt");
    }

    /**
     * Whether it lies where neither we nor the process may look, as when somebody has another one's {@code PATH}: what we are
     * not permitted to, it is not either, but in a user namespace of its own.
     */
    private static boolean isOutOfReach(Path file, int pid) throws IOException {
        try {
            Files.readAttributes(file, BasicFileAttributes.class);
            return false;
        } catch (AccessDeniedException e) {
            return isTheSame(pid, "ns/user");
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isTheSame(int pid, String link) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/" + pid + "/" + link))
                .equals(Files.readSymbolicLink(Path.of("/proc/self/" + link)));
    }

    private static Path file(Tracee tracee, ExecForm form, SyscallEntry call) throws IOException {
        String process = "/proc/" + tracee.id();
        if (form == ExecForm.PATH) {
            return from(process, process + "/cwd", text(tracee, call.first()));
        }
        int descriptor = (int) call.first();
        String start = descriptor == CURRENT_DIRECTORY ? process + "/cwd" : process + "/fd/" + descriptor;
        return from(process, start, text(tracee, call.second()));
    }

    /** What the process names by its own entry in {@code /proc} is not in ours. */
    private static Path from(String process, String start, String path) throws IOException {
        if (path.startsWith(OWN_PROC)) {
            return Path.of(process + "/" + path.substring(OWN_PROC.length()));
        }
        if (path.startsWith(OWN_DESCRIPTORS)) {
            return Path.of(process + "/fd/" + path.substring(OWN_DESCRIPTORS.length()));
        }
        if (path.startsWith(PROC) || path.startsWith(DEVICES)) {
            throw new IOException(path + " may be another file for each process");
        }
        if (!path.startsWith("/") && Files.readSymbolicLink(Path.of(start)).startsWith(PROC)) {
            throw new IOException("below /proc " + path + " may be another file for each process");
        }
        return path.isEmpty() ? Path.of(start) : Path.of(start).resolve(path);
    }

    private static String text(Tracee tracee, long at) throws IOException {
        return PathText.of(tracee.text(new Address(at), MAX_PATH));
    }
}
