package org.tiexec.helper.cli;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.tiexec.helper.planner.Decision;
import org.tiexec.helper.planner.Planner;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.snapshot.Crew;
import org.tiexec.helper.snapshot.RegionTasks;
import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.helper.sys.NativeMemory;
import org.tiexec.helper.sys.SysException;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.HelperTask;
import org.tiexec.protocol.plan.HostFacts;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.protocol.wire.Message;
import org.tiexec.protocol.wire.MessageReader;
import org.tiexec.protocol.wire.MessageWriter;
import org.tiexec.protocol.wire.ProtocolException;

/**
 * Our part played once without an audience, while there is nothing else to do.
 *
 * <p>Most of the time that a first plan and a first copy take goes into loading classes; the real ones then find them
 * loaded.
 */
final class Rehearsal {
    private static final String REQUEST =
            "{\"type\":\"start\",\"version\":1,\"pid\":1,\"strategy\":\"conservative\",\"backing\":\"auto\","
                    + "\"method\":\"auto\"}";
    private static final String MAPS = """
            00400000-00900000 r-xp 00000000 00:01 2 /rehearsed
            00900000-00901000 rw-p 00500000 00:01 2 /rehearsed
            7ffff7ff8000-7ffff7ffa000 r-xp 00000000 00:00 0 [vdso]
            """;
    private static final HostFacts HOST = new HostFacts("6.1.0", "madvise", 0, 0, 0, 0);

    private static final int BYTES = 1 << 16;

    private Rehearsal() {}

    /** Goes from a request to the plan for a process that does not exist. */
    static void plan() {
        try {
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
        } catch (ProtocolException | ProcFormatException | IOException e) {
            throw new IllegalStateException("the rehearsal is wrong", e);
        }
    }

    /**
     * Copies some bytes of our own to another place of our own.
     *
     * @param pid our own process
     * @return what came of it; a failure will come again with the first real copy, with a program to tell it of
     * @throws SysException if there is not enough memory
     */
    @CanIgnoreReturnValue
    static StepResult copy(NativeCalls calls, Crew crew, int pid) throws SysException {
        try (NativeMemory from = calls.allocate(BYTES);
                NativeMemory to = calls.allocate(BYTES);
                RegionTasks tasks = new RegionTasks(calls, crew, pid)) {
            AddressRange range = AddressRange.ofLength(from.start(), BYTES);
            Region region = new Region(new RegionId("rehearsed"), range, range, 0, Protection.READ_EXECUTE);
            return tasks.perform(HelperTask.FILL, region, to.start());
        }
    }
}
