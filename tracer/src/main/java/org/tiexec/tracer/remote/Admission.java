package org.tiexec.tracer.remote;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.tracer.arch.InjectedCall;
import org.tiexec.tracer.arch.LiveArchitecture;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.ProcessDescriptor;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.OpenedProcess;

/** The way to a running process, on which it is found out whether it can be worked on at all; it is not stopped for that. */
public final class Admission {
    /** {@code PF_KTHREAD} ({@code linux/sched.h}), in the field {@code flags} of {@code stat}. */
    private static final long KERNEL_THREAD = 0x200000;

    private static final int FLAGS_AFTER_STATE = 6;
    private static final int ELF_HEADER_BYTES = 20;
    private static final int ELF_CLASS_AT = 4;
    private static final int ELF_CLASS_64 = 2;
    private static final int ELF_MACHINE_AT = 18;

    /** {@code EM_X86_64} ({@code linux/elf-em.h}). */
    private static final int X86_64 = 62;

    private final int pid;
    private final Set<Integer> own;
    private final LiveArchitecture arch;
    private final NativeLibrary library;

    /**
     * Prepares the way to a process.
     *
     * @param own the ids of processes of ours
     */
    public Admission(int pid, Set<Integer> own, LiveArchitecture arch, NativeLibrary library) {
        this.pid = pid;
        this.own = Set.copyOf(own);
        this.arch = arch;
        this.library = library;
    }

    /**
     * Takes hold of the process.
     *
     * @param processes used by the thread that is going to trace, and by it alone
     * @throws RefusedException if it cannot be worked on
     */
    public OpenedProcess open(Processes processes) throws RefusedException {
        if (own.contains(pid)) {
            throw refused(Refusal.Kind.ITSELF, "is tiexec itself");
        }
        ProcessDescriptor descriptor = descriptor();
        try {
            examine(descriptor);
            return OpenedProcess.open(library, processes, pid, descriptor);
        } catch (IOException e) {
            descriptor.close();
            throw notPermitted(e);
        } catch (RefusedException e) {
            descriptor.close();
            throw e;
        }
    }

    private ProcessDescriptor descriptor() throws RefusedException {
        try {
            return ProcessDescriptor.open(library, arch.number(InjectedCall.PIDFD_OPEN), pid);
        } catch (SysException e) {
            if (e.errno().equals(Errno.ESRCH)) {
                throw new RefusedException(Refusal.Kind.NO_PROCESS, "no such process: " + pid);
            }
            if (e.errno().equals(Errno.EINVAL) || e.errno().equals(Errno.ENOENT)) {
                throw new RefusedException(
                        Refusal.Kind.NO_PROCESS,
                        pid + " is only a thread" + processOf(pid) + "; attach to the process");
            }
            throw e;
        }
    }

    private void examine(ProcessDescriptor descriptor) throws RefusedException, IOException {
        String stat;
        String status;
        try {
            stat = text("stat");
            status = text("status");
        } catch (IOException e) {
            throw refused(Refusal.Kind.NO_PROCESS, "has ended");
        }
        String fields = stat.substring(stat.lastIndexOf(')') + 2);
        if ((Long.parseLong(fields.split(" ", -1)[FLAGS_AFTER_STATE]) & KERNEL_THREAD) != 0) {
            throw refused(Refusal.Kind.KERNEL_THREAD, "is a kernel thread");
        }
        char state = fields.charAt(0);
        if (state == 'Z' || state == 'X' || descriptor.hasEnded()) {
            throw refused(
                    Refusal.Kind.ZOMBIE, "is a zombie, or its main thread is one: it has ended and waits for others");
        }
        String tracer = ThreadFacts.field(status, "TracerPid:");
        if (!tracer.equals("0")) {
            throw refused(Refusal.Kind.TRACED, "is traced by process " + tracer + nameOf(tracer) + "; end that first");
        }
        if (state == 'T') {
            throw refused(Refusal.Kind.STOPPED, "is stopped by a signal; continue it first (kill -CONT " + pid + ")");
        }
        requireArchitecture();
        if (Freezer.holds(pid)) {
            throw refused(Refusal.Kind.FROZEN, "is frozen by its control group; thaw it first");
        }
        if (ThreadFacts.field(status, "x86_Thread_features:").contains("shstk")) {
            throw refused(
                    Refusal.Kind.SHADOW_STACK,
                    "uses shadow stacks; start it without them (GLIBC_TUNABLES=glibc.cpu.hwcaps=-SHSTK)");
        }
    }

    private void requireArchitecture() throws RefusedException, IOException {
        byte[] header;
        try (FileInputStream in = new FileInputStream("/proc/" + pid + "/exe")) {
            header = in.readNBytes(ELF_HEADER_BYTES);
        }
        if (header.length < ELF_HEADER_BYTES
                || header[ELF_CLASS_AT] != ELF_CLASS_64
                || header[ELF_MACHINE_AT] != X86_64) {
            throw refused(
                    Refusal.Kind.FOREIGN_ARCHITECTURE,
                    "is a 32-bit program, or one for another processor; only those for " + arch.name()
                            + " can be done");
        }
    }

    /** The process to which a thread belongs, as far as this user may know. */
    private static String processOf(int thread) {
        try {
            return " of process "
                    + ThreadFacts.field(
                            Files.readString(Path.of("/proc/" + thread + "/status"), StandardCharsets.ISO_8859_1),
                            "Tgid:");
        } catch (IOException e) {
            return "";
        }
    }

    /** What a process calls itself, in parentheses. */
    private static String nameOf(String process) {
        try {
            return " ("
                    + Files.readString(Path.of("/proc/" + process + "/comm"), StandardCharsets.ISO_8859_1)
                            .strip()
                    + ")";
        } catch (IOException e) {
            return "";
        }
    }

    private String text(String file) throws IOException {
        return Files.readString(Path.of("/proc/" + pid + "/" + file), StandardCharsets.ISO_8859_1);
    }

    private RefusedException refused(Refusal.Kind kind, String what) {
        return new RefusedException(kind, "process " + pid + " " + what);
    }

    private RefusedException notPermitted(IOException reason) {
        Optional<String> yama = yamaScope();
        return refused(
                Refusal.Kind.NOT_PERMITTED,
                "may not be traced: it is not permitted to this user (" + reason.getMessage() + "); be root or its user"
                        + yama.map(scope -> ", and look at kernel.yama.ptrace_scope, which is " + scope)
                                .orElse(""));
    }

    private static Optional<String> yamaScope() {
        try {
            return Optional.of(Files.readString(Path.of("/proc/sys/kernel/yama/ptrace_scope"))
                    .trim());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
