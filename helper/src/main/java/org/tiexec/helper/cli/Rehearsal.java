package org.tiexec.helper.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.tiexec.helper.planner.Decision;
import org.tiexec.helper.planner.Planner;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.protocol.elf.MalformedElfException;
import org.tiexec.protocol.elf.TextRelocations;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.HostFacts;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.protocol.wire.Message;
import org.tiexec.protocol.wire.MessageReader;
import org.tiexec.protocol.wire.MessageWriter;
import org.tiexec.protocol.wire.ProtocolException;

/**
 * A plan for a process that does not exist, made while the native calls are bound.
 *
 * <p>Most of the time that a first plan takes goes into loading classes; the real one finds them loaded.
 */
final class Rehearsal {
    private static final String REQUEST =
            "{\"type\":\"start\",\"version\":1,\"pid\":1,\"strategy\":\"conservative\",\"backing\":\"auto\","
                    + "\"method\":\"auto\"}";
    private static final String TASK = "{\"type\":\"do\",\"id\":\"s1\",\"to\":\"0x1000\"}";
    private static final String MAPS = """
            00400000-00900000 r-xp 00000000 00:01 2 /rehearsed
            00900000-00901000 r-xp 00500000 00:01 2 /rehearsed
            00901000-00902000 rw-p 00501000 00:01 2 /rehearsed
            7ffff7ff8000-7ffff7ffa000 r-xp 00000000 00:00 0 [vdso]
            """;
    private static final HostFacts HOST = new HostFacts("6.1.0", "madvise", 0, 0, 0, 0);

    private Rehearsal() {}

    /** Goes from a request to the plan for a process that does not exist. */
    static void run() {
        try (RandomAccessFile executable = new RandomAccessFile("/proc/self/exe", "r")) {
            TextRelocations.areIn(executable);
            Message request = MessageReader.parse(REQUEST.getBytes(StandardCharsets.UTF_8));
            ProcessFacts process = new ProcessFacts(
                    1,
                    "/rehearsed",
                    MapsParser.parse(MAPS.getBytes(StandardCharsets.UTF_8)),
                    Optional.of(new Address(0x400040)),
                    List.of(),
                    List.of());
            Decision decision = Planner.plan(process, HOST, Settings.DEFAULT);
            MessageWriter nowhere = new MessageWriter(new ByteArrayOutputStream());
            if (request instanceof Message.Start && decision instanceof Decision.Proposed proposed) {
                nowhere.send(proposed.plan());
            }
            Message task = MessageReader.parse(TASK.getBytes(StandardCharsets.UTF_8));
            if (task instanceof Message.Task wanted) {
                nowhere.send(new Message.TaskDone(wanted.step(), new StepResult.Succeeded(1)));
            }
        } catch (ProtocolException | ProcFormatException | MalformedElfException | IOException e) {
            throw new IllegalStateException("the rehearsal is wrong", e);
        }
    }
}
