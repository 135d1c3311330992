package org.tiexec.tracer.swap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.HelperTask;
import org.tiexec.protocol.plan.MethodName;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanHeader;
import org.tiexec.protocol.plan.PlanRejectedException;
import org.tiexec.protocol.plan.PlanValidator;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.wire.Message;
import org.tiexec.protocol.wire.MessageReader;
import org.tiexec.protocol.wire.MessageWriter;
import org.tiexec.protocol.wire.ProtocolException;
import org.tiexec.tracer.arch.X8664;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.remote.RemoteSyscalls;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.FakeMemory;
import org.tiexec.tracer.target.FakeTarget;

/**
 * Whatever a hostile helper sends and does, the program is as before or swapped with equal bytes.
 *
 * <p>{@code -Dtiexec.fuzz.seed} repeats a run; {@code -Psoak} makes fifty times as many inputs.
 */
class PlanFuzzTest {
    private static final boolean SOAK = Boolean.getBoolean("tiexec.soak");
    private static final int PLANS = SOAK ? 1_000_000 : 20_000;
    private static final long SLOW_NANOS = Duration.ofSeconds(10).toNanos();

    private static final long HEAD = 0x3ff000;
    private static final long TEXT = 0x400000;
    private static final int LENGTH = (int) PageSize.HUGE;
    private static final long TAIL = TEXT + LENGTH;
    private static final long DATA = 0x700000;
    private static final int HUGE_PAGES = 2;

    private final byte[] code = bytes(LENGTH, 1);
    private final byte[] page = bytes((int) PageSize.BASE, 2);
    private final long seed = Long.getLong("tiexec.fuzz.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private FakeMemory memory = new FakeMemory(HUGE_PAGES);
    private FakeTarget target = new FakeTarget(memory);

    private int accepted;
    private int swapped;

    private void loadTheProgram() {
        memory = new FakeMemory(HUGE_PAGES);
        target = new FakeTarget(memory);
        memory.addFile(HEAD, page, "rx", "/bin/program", 0);
        memory.addFile(TEXT, code, "rx", "/bin/program", PageSize.BASE);
        memory.addFile(TAIL, page, "rx", "/bin/program", PageSize.BASE + LENGTH);
        memory.addFile(DATA, page, "rw", "/bin/data");
    }

    @Test
    void noPlanChangesAProgramButInTheOneWayThatIsAllowed() throws Exception {
        System.out.println("fuzz seed: -Dtiexec.fuzz.seed=" + seed);
        List<List<String>> good = goodPlans();
        for (List<String> plan : good) {
            run(plan, false);
        }
        assertThat(swapped).as("good plans that are done").isEqualTo(good.size());

        PlanMutations mutations = new PlanMutations(random, good);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < PLANS; i++) {
            List<String> lines = mutations.next();
            long before = System.nanoTime();
            try {
                // what passes once is executed each time, with other faults
                run(lines, i % 2 == 1);
            } catch (RuntimeException | AssertionError | StackOverflowError e) {
                throw new AssertionError(
                        "-Dtiexec.fuzz.seed=" + seed + ", input " + i + ":\n" + String.join("\n", lines), e);
            }
            assertThat(System.nanoTime() - before)
                    .as("-Dtiexec.fuzz.seed=%d, input %d", seed, i)
                    .isLessThan(SLOW_NANOS);
            seen.add(String.join("\n", lines));
        }

        System.out.println(PLANS + " plans, " + seen.size() + " different, " + accepted + " accepted, " + swapped
                + " done to their end");
        assertThat(accepted).isGreaterThan(PLANS / 50);
        assertThat(swapped).isBetween(PLANS / 200, accepted);
    }

    private void run(List<String> lines, boolean faults) throws Exception {
        Optional<Plan> plan = read(lines);
        if (plan.isEmpty()) {
            return;
        }
        loadTheProgram();
        List<Mapping> mappings = MapsParser.parse(memory.maps());
        try {
            PlanValidator.validate(plan.get(), FakeTarget.PID, mappings);
        } catch (PlanRejectedException e) {
            return;
        }
        accepted++;
        execute(plan.get(), mappings, faults);
    }

    /** As the tracer takes it from the helper. */
    private static Optional<Plan> read(List<String> lines) {
        Optional<PlanHeader> header = Optional.empty();
        List<Step> steps = new ArrayList<>();
        try {
            for (String line : lines) {
                Message message = MessageReader.parse(line.getBytes(UTF_8));
                if (message instanceof Message.PlanStart start && header.isEmpty()) {
                    header = Optional.of(start.header());
                } else if (message instanceof Message.PlanStep step && header.isPresent()) {
                    steps.add(step.step());
                } else {
                    return Optional.empty();
                }
            }
        } catch (ProtocolException e) {
            return Optional.empty();
        }
        return header.map(found -> new Plan(found, steps));
    }

    private void execute(Plan plan, List<Mapping> mappings, boolean faults) throws Exception {
        String mapsBefore = maps();
        boolean faulty = faults && random.nextBoolean();
        if (faulty) {
            long answer = random.nextBoolean() ? -Errno.ENOMEM.number() : 0x1234_5678_9000L;
            target.fail(2 + random.nextInt(8), answer);
        }
        boolean fatal = false;
        boolean done = false;
        try (RemoteSyscalls calls = RemoteSyscalls.open(target, new X8664())) {
            PlanExecutor.Execution execution = new PlanExecutor(
                            calls,
                            (step, to) -> perform(plan, step, to, faults),
                            new TargetGuard(target, this::firstDifference, mappings))
                    .execute(plan);
            done = execution.failures().values().stream().allMatch(Optional::isEmpty);
        } catch (RollbackFailedException e) {
            fatal = true;
            assertThat(faulty)
                    .as("a rollback fails only if a call fails: %s", e.getMessage())
                    .isTrue();
        }
        swapped += done ? 1 : 0;
        assertThat(memory.read(HEAD, page.length)).isEqualTo(page);
        assertThat(memory.read(TAIL, page.length)).isEqualTo(page);
        assertThat(memory.read(DATA, page.length)).isEqualTo(page);
        if (fatal) {
            // the program is ended: what else became of its code, nobody will see
            return;
        }
        assertThat(Arrays.equals(memory.read(TEXT, LENGTH), code))
                .as("the code")
                .isTrue();
        if (done) {
            assertThat(maps().lines().filter(line -> !mapsBefore.contains(line)).toList())
                    .allMatch(line -> line.contains(" r-xp "));
            assertThat(maps().lines().filter(line -> line.startsWith("400000-600000 r-xp")))
                    .hasSize(1);
        } else if (!faulty) {
            assertThat(maps()).isEqualTo(mapsBefore);
            assertThat(memory.freeHugePages()).isEqualTo(HUGE_PAGES);
        }
    }

    /** An honest helper, or one that lies, fails, or fills the wrong bytes. */
    private StepResult perform(Plan plan, StepId id, Address to, boolean faults) throws HelperFailedException {
        boolean fills = plan.steps().stream()
                .anyMatch(step ->
                        step.id().equals(id) && step instanceof Step.HelperStep task && task.task() == HelperTask.FILL);
        int mood = faults ? random.nextInt(8) : 7;
        if (mood == 0) {
            throw new HelperFailedException("ended before it answered");
        }
        if (mood == 1) {
            return new StepResult.Failed(Errno.EFAULT);
        }
        if (fills && mood != 2) {
            byte[] bytes = code.clone();
            bytes[random.nextInt(LENGTH)] ^= (byte) (mood == 3 ? 1 : 0);
            try {
                memory.write(to.bits(), bytes);
            } catch (IllegalArgumentException e) {
                // a faulty answer of mmap
                return new StepResult.Failed(Errno.EFAULT);
            }
        }
        return new StepResult.Succeeded(LENGTH);
    }

    private long firstDifference(Address place, Address otherPlace, long length) {
        try {
            byte[] bytes = memory.read(place.bits(), (int) length);
            int mismatch = Arrays.mismatch(bytes, memory.read(otherPlace.bits(), (int) length));
            return mismatch < 0 ? length : mismatch;
        } catch (IllegalArgumentException e) {
            throw new SysException("process_vm_readv", Errno.EFAULT, "process " + FakeTarget.PID);
        }
    }

    private String maps() {
        return new String(memory.maps(), UTF_8);
    }

    private static List<List<String>> goodPlans() throws IOException {
        List<List<String>> plans = new ArrayList<>();
        for (MethodName method : MethodName.values()) {
            for (BackingName backing : BackingName.values()) {
                Plan plan = SamplePlans.within(method, backing, TEXT, LENGTH, HEAD, LENGTH + 2 * (int) PageSize.BASE);
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                MessageWriter writer = new MessageWriter(out);
                writer.send(new Message.PlanStart(plan.header()));
                for (Step step : plan.steps()) {
                    writer.send(new Message.PlanStep(step));
                }
                plans.add(out.toString(UTF_8).lines().toList());
            }
        }
        return plans;
    }

    private static byte[] bytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
