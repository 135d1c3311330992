package org.tiexec.helper.planner;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.region.ParkedCode;
import org.tiexec.helper.testing.Hosts;
import org.tiexec.protocol.elf.ElfHeaders;
import org.tiexec.protocol.elf.LoadSegment;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanRejectedException;
import org.tiexec.protocol.plan.PlanValidator;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Targets;
import org.tiexec.protocol.procfs.Mapping;

/** Whatever a process or a file looks like, what the planner proposes is what the validator accepts. */
final class PlannerFuzzTest {
    private static final int INPUTS = Boolean.getBoolean("tiexec.soak") ? 1_000_000 : 20_000;
    private static final int PID = 4242;
    private static final long USER_SPACE_PAGES = (1L << 47) / PageSize.BASE;
    private static final List<Protection> PROTECTIONS = List.of(
            Protection.READ_EXECUTE,
            Protection.READ_EXECUTE,
            Protection.READ_EXECUTE,
            Protection.READ,
            Protection.READ_WRITE,
            new Protection(true, true, true),
            new Protection(false, false, true),
            new Protection(false, false, false));

    private final long seed = Long.getLong("tiexec.fuzz.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void aPlanForAnyProcessIsValid() {
        System.out.println("fuzz seed: -Dtiexec.fuzz.seed=" + seed);
        int proposed = 0;
        for (int i = 0; i < INPUTS; i++) {
            List<Mapping> mappings = mappings();
            Address anchor =
                    mappings.isEmpty() ? Address.ZERO : any(mappings).range().start();
            List<AddressRange> sealed = random.nextInt(4) == 0 && !mappings.isEmpty()
                    ? List.of(any(mappings).range())
                    : List.of();
            ProcessFacts process = new ProcessFacts(PID, "/x", mappings, Optional.of(anchor), sealed, List.of());
            proposed += isProposed(any(List.of(StrategyName.values())), process, PID, "input " + i) ? 1 : 0;
        }
        assertThat(proposed).isBetween(INPUTS / 20, INPUTS * 19 / 20);
    }

    @Test
    void anAttachToAnyProcessIsValidAndSoIsItsUndo() throws Exception {
        System.out.println("fuzz seed: -Dtiexec.fuzz.seed=" + seed);
        int proposed = 0;
        int undone = 0;
        for (int i = 0; i < INPUTS / 4; i++) {
            List<Mapping> mappings = mappings();
            Address anchor =
                    mappings.isEmpty() ? Address.ZERO : any(mappings).range().start();
            ProcessFacts process = new ProcessFacts(PID, "/x", mappings, Optional.of(anchor), List.of(), List.of());
            Settings settings = Settings.attach(
                    any(List.of(Targets.values())),
                    any(List.of(StrategyName.values())),
                    any(List.of(BackingChoice.values())));
            Decision decision = Planner.plan(process, Hosts.withFree(random.nextInt(1 << 20)), settings);
            if (decision instanceof Decision.Proposed plan) {
                proposed++;
                assertValid(plan.plan(), process, "input " + i);
                undone += isUndone(new ExecutedPlan(process).of(plan.plan()), "input " + i) ? 1 : 0;
            }
            isUndone(process, "input " + i);
        }
        assertThat(proposed).isGreaterThan(INPUTS / 80);
        assertThat(undone).isGreaterThan(proposed / 4);
    }

    private boolean isUndone(ProcessFacts process, String input) {
        Decision decision = UndoPlanner.plan(process, ParkedCode.in(process.mappings()), Hosts.withFree(0));
        if (decision instanceof Decision.Proposed plan) {
            assertValid(plan.plan(), process, input + ", undo");
            return true;
        }
        return false;
    }

    private void assertValid(Plan plan, ProcessFacts process, String input) {
        try {
            PlanValidator.validate(plan, PID, process.mappings());
        } catch (PlanRejectedException e) {
            throw new AssertionError("-Dtiexec.fuzz.seed=" + seed + ", " + input + ": " + process, e);
        }
    }

    @Test
    void aPlanForAnyFileIsValid() {
        System.out.println("fuzz seed: -Dtiexec.fuzz.seed=" + seed);
        int proposed = 0;
        for (int i = 0; i < INPUTS / 10; i++) {
            ElfHeaders headers = headers();
            StrategyName strategy = any(List.of(StrategyName.values()));
            try {
                proposed += isProposed(strategy, ElfPrediction.of("/x", headers, strategy), 0, "file " + i) ? 1 : 0;
            } catch (RuntimeException e) {
                throw new AssertionError("-Dtiexec.fuzz.seed=" + seed + ", file " + i + ": " + headers, e);
            }
        }
        assertThat(proposed).isBetween(INPUTS / 200, INPUTS / 10);
    }

    private boolean isProposed(StrategyName strategy, ProcessFacts process, int pid, String input) {
        Settings settings =
                new Settings(strategy, any(List.of(BackingChoice.values())), any(List.of(MethodChoice.values())));
        Decision decision = Planner.plan(process, Hosts.withFree(random.nextInt(64)), settings);
        if (!(decision instanceof Decision.Proposed proposed)) {
            return false;
        }
        try {
            PlanValidator.validate(proposed.plan(), pid, process.mappings());
        } catch (PlanRejectedException e) {
            throw new AssertionError("-Dtiexec.fuzz.seed=" + seed + ", " + input + ": " + process, e);
        }
        return true;
    }

    /** Ascending and disjoint, as the kernel shows them, else anything. */
    private List<Mapping> mappings() {
        List<Mapping> mappings = new ArrayList<>();
        long page = random.nextInt(4) == 0 ? USER_SPACE_PAGES - random.nextInt(1 << 20) : random.nextInt(1 << 20);
        for (int i = random.nextInt(12); i > 0 && page < USER_SPACE_PAGES - 1; i--) {
            page += random.nextBoolean() ? 0 : pages();
            long end = Math.min(USER_SPACE_PAGES - 1, page + 1 + pages());
            if (page < end) {
                mappings.add(new Mapping(
                        new AddressRange(new Address(page * PageSize.BASE), new Address(end * PageSize.BASE)),
                        any(PROTECTIONS),
                        random.nextInt(8) == 0,
                        (random.nextLong() >>> random.nextInt(64)) & -PageSize.BASE,
                        "fe:00",
                        random.nextInt(3),
                        random.nextBoolean() ? "/x\\012 (deleted)" : ""));
            }
            page = Math.max(page, end);
        }
        return mappings;
    }

    /** Mostly around 2 MB, now and then as large as can be. */
    private long pages() {
        return random.nextInt(16) == 0 ? random.nextLong() >>> (17 + random.nextInt(47)) : random.nextInt(4096);
    }

    /** As the reader of headers lets them pass. */
    private ElfHeaders headers() {
        List<LoadSegment> segments = new ArrayList<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
            long address = bounded();
            long memory = Math.min(bounded(), (1L << 47) - 1 - address);
            long file = random.nextBoolean() ? memory : Math.min(memory, bounded());
            long alignment = random.nextInt(4) == 0 ? 0 : 1L << random.nextInt(63);
            segments.add(new LoadSegment(any(PROTECTIONS), random.nextLong() >>> 1, address, file, memory, alignment));
        }
        return new ElfHeaders(true, ElfHeaders.EM_X86_64, random.nextBoolean(), random.nextBoolean(), segments);
    }

    private long bounded() {
        return random.nextLong() >>> (17 + random.nextInt(40));
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
