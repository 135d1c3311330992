package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.FaultyKernel;
import org.tiexec.it.support.HeldProgram;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Interposed;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.PlannedChange;
import org.tiexec.it.support.Shape;
import org.tiexec.it.support.Soak;
import org.tiexec.it.support.WrongAnswer;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.tracer.arch.X8664;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.remote.RemoteSyscalls;
import org.tiexec.tracer.swap.RollbackFailedException;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.Target;

/**
 * Whatever fails within a change, and however it fails: the program has the same bytes, protections and mappings as before,
 * and comes to its own end. Where the tracer cannot know what the program has done, it says so and lets it not run on.
 */
@InLab
final class FaultInjectionIT {
    private static final int EXIT = 7;

    private static final int EIO = 5;

    /** A line of smaps: 4 KB that belong to no file. */
    private static final Pattern IS_A_PAGE = Pattern.compile("^([0-9a-f]+)000-[0-9a-f]+000 \\S+ 0+ 00:00 0 *\\R");

    private final NativeLibrary library = NativeLibrary.load();
    private final NativeCalls helperCalls = NativeCalls.bind();

    static List<Shape> launches() {
        return Stream.of(Shape.all(), Shape.widenedLaunches())
                .flatMap(List::stream)
                .toList();
    }

    static List<Shape> shapes() {
        return Stream.of(launches(), Shape.widenedAttaches())
                .flatMap(List::stream)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aCallThatFailsLeavesTheProgramAsItWas(Shape shape, Lab lab) throws Exception {
        lab.provide(shape.backing());
        int calls = callsOf(shape);
        assertThat(calls).isGreaterThanOrEqualTo(7);
        Tally tally = new Tally(shape + ", calls");
        for (int call = 0; call < calls; call++) {
            for (WrongAnswer answer : WrongAnswer.all()) {
                String what = answer.name() + " from call " + call;
                FaultyKernel kernel = new FaultyKernel(call, answer.value());
                Verdict verdict = tally.add(attempt(shape, what, kernel::before, GOOD_HELPER));
                assertThat(kernel.calls()).as(what).isGreaterThan(call);
                assertThat(verdict).as(what).isNotEqualTo(Verdict.ENDED);
                if (verdict == Verdict.SWAPPED) {
                    // a call that may fail, such as an advice, whose work was done without it
                    assertThat(shape.backing()).as(what).isEqualTo(Backing.THP);
                }
                if (verdict == Verdict.A_PAGE_MORE) {
                    assertThat(call)
                            .as(what + "; it is the last that removes the page")
                            .isEqualTo(calls - 1);
                }
            }
        }
        System.out.println(tally);
    }

    private static final String CLAIMS_TO_HAVE_DONE_IT = "claims to have done it";

    /** How a helper fails at one of its tasks. */
    private static Map<String, Helper> failingHelpers() {
        return Map.of(
                "is gone",
                (real, program, step, to) -> {
                    throw new HelperFailedException("ended before it answered");
                },
                "is gone when it has done it",
                (real, program, step, to) -> {
                    real.perform(step, to);
                    throw new HelperFailedException("ended before it answered");
                },
                "cannot",
                (real, program, step, to) -> new StepResult.Failed(Errno.EFAULT),
                "refuses",
                (real, program, step, to) -> new StepResult.Refused("byte 0x1234 differs"),
                "spoils a byte",
                (real, program, step, to) -> {
                    StepResult result = real.perform(step, to);
                    Address spot = to.plus(0x12345);
                    // It can write only where the program could.
                    for (Mapping mapping : program.mappings()) {
                        if (mapping.range().contains(spot)
                                && mapping.protection().write()) {
                            program.target().write(spot, new byte[] {0x66});
                            return result;
                        }
                    }
                    return new StepResult.Failed(Errno.EFAULT);
                },
                CLAIMS_TO_HAVE_DONE_IT,
                (real, program, step, to) -> new StepResult.Succeeded(2 << 20));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aHelperThatFailsAtATaskLeavesTheProgramAsItWas(Shape shape, Lab lab) throws Exception {
        lab.provide(shape.backing());
        Tally tally = new Tally(shape + ", tasks of the helper");
        for (StepId task : tasksOf(shape)) {
            for (Map.Entry<String, Helper> failing : failingHelpers().entrySet()) {
                String what = "a helper that " + failing.getKey() + " at " + task;
                Helper helper = (real, program, step, to) ->
                        (step.equals(task) ? failing.getValue() : GOOD_HELPER).perform(real, program, step, to);
                Verdict verdict = tally.add(attempt(shape, what, NO_FAULT, helper));
                if (verdict == Verdict.SWAPPED) {
                    // a check only, and the tracer takes nobody's word for it that the bytes are right
                    assertThat(failing.getKey()).as(what).isEqualTo(CLAIMS_TO_HAVE_DONE_IT);
                } else {
                    assertThat(verdict).as(what).isEqualTo(Verdict.AS_BEFORE);
                }
            }
        }
        System.out.println(tally);
    }

    /** A request to the kernel about the program that fails: once, or each one from then on. */
    @ParameterizedTest
    @MethodSource("launches")
    void aRequestThatFailsNeverLetsAHalfChangedProgramRun(Shape shape, Lab lab) throws Exception {
        lab.provide(shape.backing());
        int opening = requestsOfOpening(shape);
        int all = requestsOf(shape);
        List<Integer> requests = new ArrayList<>();
        for (int request = 0; request < all; request++) {
            requests.add(request);
        }
        Tally once = new Tally(shape + ", requests, each once");
        Tally forGood = new Tally(shape + ", requests, each with all that follow");
        for (int request : Soak.share(requests)) {
            String what = "request " + request + " of " + all;
            FaultyRequests one = new FaultyRequests(request, 1);
            Verdict verdict = attempt(shape, what, one, GOOD_HELPER);
            once.add(verdict, one.failed);
            if (request < opening) {
                assertThat(verdict).as(what + ", " + one.failed).isIn(Verdict.AS_BEFORE, Verdict.A_PAGE_MORE);
            }
            FaultyRequests rest = new FaultyRequests(request, Integer.MAX_VALUE);
            forGood.add(attempt(shape, what + " and all that follow", rest, GOOD_HELPER), rest.failed);
        }
        System.out.println(once + "\n" + forGood + "\n" + Soak.seed());
    }

    /** What became of a program. */
    private enum Verdict {
        AS_BEFORE,
        SWAPPED,
        A_PAGE_MORE,
        ENDED
    }

    /** Goes wrong before a request to the kernel about a program. */
    @FunctionalInterface
    private interface Fault {
        void before(HeldProgram program, String request) throws Exception;
    }

    /** Does a helper's step, properly or not. */
    @FunctionalInterface
    private interface Helper {
        StepResult perform(PlannedChange real, HeldProgram program, StepId step, Address to) throws Exception;
    }

    private static final Fault NO_FAULT = (program, request) -> {};
    private static final Helper GOOD_HELPER = (real, program, step, to) -> real.perform(step, to);

    /** Does what a launch does with a change, and looks at the program. */
    private Verdict attempt(Shape shape, String how, Fault fault, Helper helper) throws Exception {
        String what = shape + ": " + how;
        try (HeldProgram program = start(shape);
                PlannedChange change = new PlannedChange(library, helperCalls, program, shape)) {
            assertThat(change.plan().header().regions().get(0).isWidened())
                    .isEqualTo(shape.strategy() == StrategyName.AGGRESSIVE);
            byte[] text = change.text();
            List<String> layout = program.layout();
            long mask = program.target().signalMask();
            long[] registers =
                    new X8664().restoring(program.target().registers()).words();
            Optional<PlannedChange.Result> result;
            try {
                result = Optional.of(change.execute(
                        Interposed.between(
                                Target.class,
                                program.target(),
                                (method, arguments) -> fault.before(program, method.getName())),
                        (step, to) -> perform(helper, change, program, step, to)));
            } catch (IOException notSetUp) {
                result = Optional.empty();
            } catch (RollbackFailedException | RuntimeException e) {
                // A launch ends it then, and says so; closing does that here.
                return Verdict.ENDED;
            }
            assertThat(Arrays.equals(change.text(), text))
                    .as("the same bytes after " + what)
                    .isTrue();
            assertThat(program.target().signalMask())
                    .as("the mask after " + what)
                    .isEqualTo(mask);
            if (result.isPresent()) {
                assertThat(program.target().registers().words())
                        .as("the registers after " + what)
                        .isEqualTo(registers);
            }
            Verdict verdict = verdict(what, result, layout, program.layout());
            assertThat(program.finish()).as("the status after " + what).isEqualTo(EXIT);
            return verdict;
        }
    }

    private static StepResult perform(Helper helper, PlannedChange change, HeldProgram program, StepId step, Address to)
            throws HelperFailedException {
        try {
            return helper.perform(change, program, step, to);
        } catch (HelperFailedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Verdict verdict(
            String what, Optional<PlannedChange.Result> result, List<String> before, List<String> now) {
        if (result.isPresent() && result.get().isSwapped()) {
            return result.get().leftBehind().isPresent() ? Verdict.A_PAGE_MORE : Verdict.SWAPPED;
        }
        List<String> more = new ArrayList<>(now);
        more.removeAll(before);
        if (more.size() == 1 && IS_A_PAGE.matcher(more.get(0)).find()) {
            assertThat(now).as("the mappings after " + what).containsAll(before).hasSize(before.size() + 1);
            return Verdict.A_PAGE_MORE;
        }
        assertThat(now).as("the mappings after " + what).isEqualTo(before);
        return Verdict.AS_BEFORE;
    }

    private HeldProgram start(Shape shape) throws Exception {
        return new HeldProgram(library, shape.program(), "mute", "check", "exit", Integer.toString(EXIT));
    }

    /** How many calls the program makes for us when all goes well. */
    private int callsOf(Shape shape) throws Exception {
        FaultyKernel none = FaultyKernel.without();
        assertThat(attempt(shape, "no fault", none::before, GOOD_HELPER)).isEqualTo(Verdict.SWAPPED);
        return none.calls();
    }

    private int requestsOf(Shape shape) throws Exception {
        FaultyRequests none = new FaultyRequests(-1, 0);
        assertThat(attempt(shape, "no fault", none, GOOD_HELPER)).isEqualTo(Verdict.SWAPPED);
        return none.requests;
    }

    /** How many requests it takes until the program is ready to make calls. */
    private int requestsOfOpening(Shape shape) throws Exception {
        FaultyRequests none = new FaultyRequests(-1, 0);
        try (HeldProgram program = start(shape)) {
            Target target = Interposed.between(
                    Target.class, program.target(), (method, arguments) -> none.before(program, method.getName()));
            RemoteSyscalls.open(target, new X8664());
            return none.requests;
        }
    }

    private List<StepId> tasksOf(Shape shape) throws Exception {
        try (HeldProgram program = start(shape);
                PlannedChange change = new PlannedChange(library, helperCalls, program, shape)) {
            return change.plan().steps().stream()
                    .filter(step -> step instanceof Step.HelperStep)
                    .map(Step::id)
                    .toList();
        }
    }

    /** Refuses requests to the kernel about the program. */
    private static final class FaultyRequests implements Fault {
        private static final Set<String> READING = Set.of("procFile", "read", "write");

        private final int first;
        private final int count;
        private int requests;
        private String failed = "";

        FaultyRequests(int first, int count) {
            this.first = first;
            this.count = count;
        }

        @Override
        public void before(HeldProgram program, String request) throws IOException {
            if (request.equals("pid")) {
                return;
            }
            int number = requests;
            requests++;
            if (first >= 0 && number >= first && number - first < count) {
                failed = failed.isEmpty() ? request : failed;
                if (READING.contains(request)) {
                    throw new IOException(request + ": the kernel does not want to");
                }
                throw new SysException("ptrace(" + request + ")", new Errno(EIO), "process");
            }
        }
    }

    /** Counts what became of the programs of one shape. */
    private static final class Tally {
        private final String of;
        private final Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
        private final Map<String, Integer> ended = new TreeMap<>();
        private int runs;

        Tally(String of) {
            this.of = of;
        }

        Verdict add(Verdict verdict) {
            runs++;
            counts.merge(verdict, 1, Integer::sum);
            return verdict;
        }

        void add(Verdict verdict, String place) {
            if (add(verdict) == Verdict.ENDED) {
                ended.merge(place, 1, Integer::sum);
            }
        }

        @Override
        public String toString() {
            return of + ": " + runs + " faults " + counts + (ended.isEmpty() ? "" : ", ended at " + ended);
        }
    }
}
