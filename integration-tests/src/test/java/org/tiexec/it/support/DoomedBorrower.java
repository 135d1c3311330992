package org.tiexec.it.support;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.tracer.arch.X8664Live;
import org.tiexec.tracer.remote.Admission;
import org.tiexec.tracer.remote.LiveCalls;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.target.OpenedProcess;
import org.tiexec.tracer.target.RunningProcess;
import org.tiexec.tracer.target.SeizedThread;

/**
 * A tracer that takes the code of a running program away and back, by borrowed threads, and whose fate overtakes it before
 * one of the requests that it makes to the kernel about the program.
 *
 * <p>The code goes to anonymous memory with the same content, and from there back to the file, in pages of 4 KB.
 */
public final class DoomedBorrower {
    private static final int SIGKILL = 9;
    private static final long READ_WRITE = 3;
    private static final long READ_EXECUTE = 5;
    private static final long PRIVATE_ANONYMOUS = 0x22;
    private static final long MOVE_KEEPING = 1 | 4;
    private static final long MOVE_OVER = 1 | 2;

    private final NativeLibrary library;
    private final Fate fate;
    private final boolean stopAll;
    private final List<String> places = new ArrayList<>();
    private final List<Duration> stops = new ArrayList<>();

    /** What befalls it. */
    @FunctionalInterface
    public interface Fate {
        /** Comes at the place of that number, and at each that would follow. */
        void overtake(int place);
    }

    /**
     * Prepares one.
     *
     * @param stopAll whether it stops all threads whenever it borrows one
     */
    public DoomedBorrower(NativeLibrary library, boolean stopAll, Fate fate) {
        this.library = library;
        this.stopAll = stopAll;
        this.fate = fate;
    }

    /** Carries it out on the calling thread, up to its fate. */
    public void run(int pid) throws Exception {
        X8664Live arch = new X8664Live();
        // not closed: its end is sudden
        OpenedProcess real = new Admission(pid, Set.of(), arch, library).open(new Processes(library));
        Mapping code = code(real);
        RunningProcess process = doomed(RunningProcess.class, real);
        LiveCalls calls = LiveCalls.open(process, arch, stopAll, Duration.ofSeconds(10));
        if (code.inode() == 0) {
            giveBack(process, calls, code);
        } else {
            takeAway(process, calls, code.range());
            Mapping taken = code(real);
            if (taken.inode() != 0) {
                throw new IOException("not taken away: " + taken);
            }
            giveBack(process, calls, taken);
        }
        calls.close();
        stops.addAll(calls.stops());
        if (!calls.leftBehind().isEmpty() || !calls.notes().isEmpty()) {
            throw new IOException(calls.leftBehind() + " " + calls.notes());
        }
        Mapping back = code(real);
        if (back.inode() == 0) {
            throw new IOException("not given back: " + back);
        }
        real.close();
    }

    private static void takeAway(RunningProcess process, LiveCalls calls, AddressRange code) throws Exception {
        long length = code.length();
        long stage = require(calls.call(SyscallName.MMAP, 0, length, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0));
        calls.letRun();
        ByteBuffer content = ByteBuffer.allocate((int) length);
        process.read(code.start(), content);
        process.write(new Address(stage), content.array());
        require(calls.call(SyscallName.MPROTECT, stage, length, READ_EXECUTE));
        calls.letRun();
        long room = require(calls.call(SyscallName.MMAP, 0, length, 0, PRIVATE_ANONYMOUS, -1, 0));
        require(calls.call(SyscallName.MREMAP, code.start().bits(), length, length, MOVE_KEEPING | MOVE_OVER, room));
        require(calls.call(
                SyscallName.MREMAP,
                stage,
                length,
                length,
                MOVE_OVER,
                code.start().bits()));
        require(calls.call(SyscallName.MPROTECT, room, length, 0));
        calls.letRun();
    }

    private static void giveBack(RunningProcess process, LiveCalls calls, Mapping taken) throws Exception {
        long length = taken.range().length();
        Mapping park = park(process);
        require(calls.call(SyscallName.MPROTECT, park.range().start().bits(), length, READ_EXECUTE));
        require(calls.call(
                SyscallName.MREMAP,
                park.range().start().bits(),
                length,
                length,
                MOVE_OVER,
                taken.range().start().bits()));
        calls.letRun();
    }

    private static long require(long result) throws IOException {
        if (Errno.isError(result)) {
            throw new IOException(Errno.ofRawResult(result).toString());
        }
        return result;
    }

    /** What stands where the program's code belongs: behind the first mapping of its file. */
    private static Mapping code(RunningProcess process) throws Exception {
        List<Mapping> mappings = MapsParser.parse(process.procFile("maps"));
        for (int i = 0; i + 1 < mappings.size(); i++) {
            if (mappings.get(i).inode() != 0 && mappings.get(i).protection().equals(Protection.READ)) {
                return mappings.get(i + 1);
            }
        }
        throw new IOException("no code in process " + process.pid());
    }

    private static Mapping park(RunningProcess process) throws Exception {
        List<Mapping> mappings = MapsParser.parse(process.procFile("maps"));
        Mapping file = mappings.stream()
                .filter(mapping -> mapping.inode() != 0)
                .findFirst()
                .orElseThrow();
        Optional<Mapping> park = mappings.stream()
                .filter(mapping -> mapping.mapsSameFileAs(file)
                        && !mapping.protection().read()
                        && !mapping.protection().write())
                .findFirst();
        return park.or(() -> mappings.stream()
                        .filter(mapping -> mapping.mapsSameFileAs(file)
                                && mapping.protection().equals(Protection.READ_EXECUTE))
                        .findFirst())
                .orElseThrow();
    }

    private <T> T doomed(Class<T> type, T real) {
        Object proxy =
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    reach(method);
                    try {
                        Object result = method.invoke(real, arguments);
                        return result instanceof SeizedThread thread ? doomed(SeizedThread.class, thread) : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return type.cast(proxy);
    }

    /** What only looks makes no difference. */
    private void reach(Method method) {
        if (!Set.of("pid", "id", "isAlive", "threads", "procFile", "read", "forget")
                .contains(method.getName())) {
            fate.overtake(places.size());
            places.add(method.getName());
        }
    }

    /** The places that it has passed, by name. */
    public List<String> places() {
        return List.copyOf(places);
    }

    /** How long threads were away. */
    public List<Duration> stops() {
        return List.copyOf(stops);
    }

    /**
     * Dies of SIGKILL at one place.
     *
     * @param words process id, number of the place, whether all threads are stopped
     */
    public static void main(String... words) throws Exception {
        NativeLibrary library = NativeLibrary.load();
        Processes processes = new Processes(library);
        int last = Integer.parseInt(words[1]);
        new DoomedBorrower(library, Boolean.parseBoolean(words[2]), place -> {
                    if (place == last) {
                        processes.kill(processes.ownPid(), SIGKILL);
                    }
                })
                .run(Integer.parseInt(words[0]));
    }
}
