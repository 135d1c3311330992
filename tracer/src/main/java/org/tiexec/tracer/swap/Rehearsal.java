package org.tiexec.tracer.swap;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.outcome.PageCounts;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanRejectedException;
import org.tiexec.protocol.plan.PlanValidator;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.procfs.MappedPages;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.protocol.procfs.SmapsParser;
import org.tiexec.tracer.helper.HelperConversation;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperTasks;
import org.tiexec.tracer.helper.PlanAnswer;
import org.tiexec.tracer.remote.RemoteCalls;
import org.tiexec.tracer.target.TargetGoneException;

/**
 * A plan that is read, validated and executed in thin air while the helper is still starting.
 *
 * <p>It loads the classes that the real plan will need, which would otherwise be loaded while the program stands still:
 * tens of milliseconds in a cold JVM.
 */
public final class Rehearsal {
    private static final int PID = 1;
    private static final long STAGE = 0x200000400000L;

    private static final String MAPS = "00400000-00600000 r-xp 00000000 fe:00 42  /bin/rehearsal\n";

    private static final String SMAPS = MAPS
            + "KernelPageSize:     2048 kB\nAnonHugePages:         0 kB\nFilePmdMapped:         0 kB\nVmFlags: rd ex ht\n";

    private static final String PLAN = """
            {"type":"plan","version":1,"pid":1,"exe":"/bin/rehearsal","arch":"x86_64","strategy":"conservative",\
            "backing":"hugetlb","method":"staged-swap","regions":[{"id":"r1","start":"0x400000","length":"0x200000",\
            "mappingStart":"0x400000","mappingLength":"0x200000","fileOffset":"0x0","protection":"r-x"}],"notes":[],\
            "host":{"kernel":"6.1","thp":"madvise","hugePagesTotal":1,"hugePagesFree":1,"hugePagesReserved":0,\
            "hugePagesOvercommit":0}}
            {"type":"step","id":"s1","region":"r1","do":"syscall","call":"mmap","args":["0x200000400000","0x200000",\
            "PROT_READ|PROT_WRITE","MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|MAP_HUGE_2MB",-1,0],"expect":"address",\
            "undo":{"call":"munmap","args":[{"result":"s1"},"0x200000"]},"why":"stage"}
            {"type":"step","id":"s2","region":"r1","do":"fill","to":{"result":"s1"}}
            {"type":"step","id":"s3","region":"r1","do":"syscall","call":"mprotect","args":[{"result":"s1"},\
            "0x200000","PROT_READ|PROT_EXEC"],"expect":"zero","why":"protect"}
            {"type":"step","id":"s4","region":"r1","do":"syscall","call":"mremap","args":["0x400000","0x200000",\
            "0x200000","MREMAP_MAYMOVE|MREMAP_DONTUNMAP","0x300000400000"],"expect":"address","undo":{"call":"mremap",\
            "args":[{"result":"s4"},"0x200000","0x200000","MREMAP_MAYMOVE|MREMAP_FIXED","0x400000"]},"why":"park"}
            {"type":"step","id":"s5","region":"r1","do":"syscall","call":"mremap","args":[{"result":"s1"},"0x200000",\
            "0x200000","MREMAP_MAYMOVE|MREMAP_FIXED","0x400000"],"expect":"0x400000","why":"swap"}
            {"type":"step","id":"s6","region":"r1","do":"syscall","call":"munmap","args":[{"result":"s4"},"0x200000"],\
            "expect":"zero","why":"drop"}
            {"type":"end","steps":6}
            {"type":"done","id":"s2","result":"0x200000"}
            """;

    private Rehearsal() {}

    /**
     * Plays the whole play once, without audience.
     *
     * @throws IllegalStateException if it does not end well: a defect of ours
     */
    public static void run() {
        HelperConversation helper = new HelperConversation(
                new ByteArrayInputStream(PLAN.getBytes(StandardCharsets.US_ASCII)), new ByteArrayOutputStream());
        try {
            helper.requestPlan(PID, Settings.DEFAULT);
            PlanAnswer answer = helper.awaitPlan();
            Plan plan = ((PlanAnswer.Planned) answer).plan();
            PlanValidator.validate(plan, PID, MapsParser.parse(MAPS.getBytes(StandardCharsets.US_ASCII)));
            Stage stage = new Stage(helper);
            PlanExecutor.Execution execution = new PlanExecutor(stage, stage, stage).execute(plan);
            if (!execution.failures().containsValue(Optional.<String>empty())) {
                throw new IllegalStateException("the rehearsal failed: " + execution.failures());
            }
        } catch (HelperFailedException
                | PlanRejectedException
                | ProcFormatException
                | TargetGoneException
                | RollbackFailedException e) {
            throw new IllegalStateException("the rehearsal failed: " + e.getMessage(), e);
        }
    }

    /** Plays target, helper and guard. */
    private static final class Stage implements RemoteCalls, HelperTasks, CommitGuard {
        private final HelperTasks script;

        Stage(HelperTasks script) {
            this.script = script;
        }

        @Override
        public long call(SyscallName name, long... arguments) {
            return switch (name) {
                case MMAP -> arguments[0];
                case MREMAP -> arguments[4];
                case MUNMAP, MPROTECT, MADVISE -> 0;
            };
        }

        @Override
        public StepResult perform(StepId step, Address to) throws HelperFailedException {
            return script.perform(step, to);
        }

        @Override
        public Optional<String> differs(Region region, Address fresh, Address original) {
            return fresh.equals(new Address(STAGE)) ? Optional.empty() : Optional.of("it is not the stage");
        }

        @Override
        public Optional<String> isNotHuge(AddressRange range) {
            try {
                AddressRange region = AddressRange.ofLength(new Address(0x400000), range.length());
                var pages = SmapsParser.parse(SMAPS.getBytes(StandardCharsets.US_ASCII), region);
                PageCounts counts = PageCounts.of(pages, region);
                boolean huge = MappedPages.areWhollyHuge(pages, region) && counts.base() == 0;
                return huge ? Optional.empty() : Optional.of("not huge");
            } catch (ProcFormatException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
        }

        @Override
        public Optional<String> isNotNew(AddressRange place) {
            return Optional.empty();
        }

        @Override
        public Optional<String> isNotParked(Region region, Address place) {
            return Optional.empty();
        }

        @Override
        public Optional<String> beginsOtherwise(Region region, Address place) {
            return Optional.empty();
        }

        @Override
        public Optional<String> hasChanged(AddressRange range, Protection protection) {
            return Optional.empty();
        }

        @Override
        public Optional<String> isNotClaimed(AddressRange gap) {
            return Optional.empty();
        }

        @Override
        public Optional<String> isNotAsBefore(Region region, List<AddressRange> places) {
            return Optional.of("nothing is ever taken back here");
        }
    }
}
