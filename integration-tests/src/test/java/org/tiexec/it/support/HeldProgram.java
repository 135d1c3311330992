package org.tiexec.it.support;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.tracer.arch.X8664;
import org.tiexec.tracer.remote.RemoteExec;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.Stub;
import org.tiexec.tracer.target.TargetGoneException;
import org.tiexec.tracer.target.WaitStatus;

/**
 * A program that this JVM itself holds before its first instruction, for tests that go through a plan step by step.
 *
 * <p>For one thread, as ptrace demands. Closing it ends the program if it has not ended.
 */
public final class HeldProgram implements AutoCloseable {
    private static final int SIGKILL = 9;
    private static final List<String> LASTING =
            List.of("KernelPageSize:", "MMUPageSize:", "Anonymous:", "AnonHugePages:", "Private_Hugetlb:", "VmFlags:");
    private static final Pattern HEADLINE = Pattern.compile("^[0-9a-f]+-[0-9a-f]+ ");

    private final Processes processes;
    private final PtraceTarget target;

    /** Starts {@code program} with {@code arguments} and holds it. */
    public HeldProgram(NativeLibrary library, Path program, String... arguments)
            throws IOException, TargetGoneException {
        processes = new Processes(library);
        target = PtraceTarget.seize(library, processes, Stub.spawn(processes));
        List<byte[]> argv = new ArrayList<>();
        argv.add(program.toString().getBytes(StandardCharsets.UTF_8));
        for (String argument : arguments) {
            argv.add(argument.getBytes(StandardCharsets.UTF_8));
        }
        if (new RemoteExec(target, new X8664())
                .tryPath(argv.get(0), argv, List.of())
                .isPresent()) {
            target.kill();
            throw new IOException(program + " cannot be executed");
        }
    }

    /** The program in its ptrace-stop. */
    public PtraceTarget target() {
        return target;
    }

    /**
     * Its mappings, each with all that the kernel tells of it and that does not change by itself: where, with what
     * protection, what of, flags, the size of pages, how much of it is a private copy.
     */
    public List<String> layout() throws IOException {
        List<String> layout = new ArrayList<>();
        StringBuilder mapping = new StringBuilder();
        for (String line : new String(target.procFile("smaps"), StandardCharsets.UTF_8).split("\n", -1)) {
            if (HEADLINE.matcher(line).find() && !mapping.isEmpty()) {
                layout.add(mapping.toString());
                mapping.setLength(0);
            }
            if (mapping.isEmpty() || LASTING.stream().anyMatch(line::startsWith)) {
                mapping.append(line).append('\n');
            }
        }
        layout.add(mapping.toString());
        return layout;
    }

    /** Its mappings. */
    public List<Mapping> mappings() throws IOException {
        try {
            return MapsParser.parse(target.procFile("maps"));
        } catch (ProcFormatException e) {
            throw new IOException(e);
        }
    }

    /** The bytes that it has there. */
    public byte[] bytes(AddressRange range) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(range.length()));
        target.read(range.start(), bytes);
        return bytes.array();
    }

    /** Lets it run to its end, which must be an exit; its status. */
    public int finish() {
        target.setSignalMask(0);
        target.detach();
        WaitStatus status = WaitStatus.decode(processes.await(target.pid(), Processes.WAIT_ALL));
        if (status instanceof WaitStatus.Exited exited) {
            return exited.code();
        }
        throw new AssertionError("the program ended by " + status);
    }

    /** Kills it as anybody else might, and waits until the kernel has done so. */
    public void die() {
        LiveProcess process = new LiveProcess(target.pid());
        processes.kill(target.pid(), SIGKILL);
        Awaitility.await("the end of the program")
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> !process.isAlive());
    }

    @Override
    public void close() {
        if (Files.exists(Path.of("/proc/" + target.pid()))) {
            target.kill();
        }
    }
}
