package org.tiexec.it.support;

import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.it.support.Specimens.Linkage;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.tracer.helper.HelperTasks;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.Target;

/**
 * A tracer that carries out a real change and whose fate overtakes it at one of its places: before one of the requests
 * that it makes to the kernel about the program, or before one of the helper's tasks.
 */
public final class DoomedTracer {
    /** The place from which on the program dies with its tracer. */
    public static final String BEGINNING = "die with tracer";

    /** The place from which on it does not any more. */
    public static final String END = "live without tracer";

    private static final int SIGKILL = 9;

    private final NativeLibrary library;
    private final NativeCalls helperCalls;
    private final Shape shape;
    private final List<String> places = new ArrayList<>();

    /** Prepares a change of this shape. */
    public DoomedTracer(NativeLibrary library, NativeCalls helperCalls, Shape shape) {
        this.library = library;
        this.helperCalls = helperCalls;
        this.shape = shape;
    }

    /** What befalls it. */
    @FunctionalInterface
    public interface Fate {
        /** Comes at the place of that number, and at each that would follow. */
        void overtake(int place);
    }

    /**
     * Carries out the change on the calling thread, up to its fate.
     *
     * @param kernel may let the change fail, so that it is taken back
     */
    public void run(HeldProgram program, FaultyKernel kernel, Fate fate) throws Exception {
        PtraceTarget real = program.target();
        // as a launch does: from here on the program could do without its tracer
        real.setSignalMask(0);
        real.dieWithTracer(false);
        try (PlannedChange change = new PlannedChange(library, helperCalls, program, shape)) {
            Target target = Interposed.between(Target.class, real, (method, arguments) -> {
                if (!method.getName().equals("pid")) {
                    reach(name(method, arguments), fate);
                    kernel.before(program, method.getName());
                }
            });
            HelperTasks helper = (step, to) -> {
                reach("task", fate);
                return change.perform(step, to);
            };
            change.execute(target, helper);
        }
        reach("end", fate);
    }

    private static String name(Method method, Object[] arguments) {
        return method.getName().equals("dieWithTracer") ? ((boolean) arguments[0] ? BEGINNING : END) : method.getName();
    }

    private void reach(String place, Fate fate) {
        fate.overtake(places.size());
        places.add(place);
    }

    /** The places that it has passed, by name. */
    public List<String> places() {
        return List.copyOf(places);
    }

    /**
     * Dies of SIGKILL at one place.
     *
     * @param words linkage, backing, method, number of the place, number of a call that fails or −1, program, its arguments
     */
    public static void main(String... words) throws Exception {
        Shape shape = new Shape(Linkage.valueOf(words[0]), Backing.valueOf(words[1]), MethodChoice.valueOf(words[2]));
        int last = Integer.parseInt(words[3]);
        FaultyKernel kernel = FaultyKernel.withoutMemoryFor(Integer.parseInt(words[4]));
        NativeLibrary library = NativeLibrary.load();
        Processes processes = new Processes(library);
        HeldProgram program = new HeldProgram(library, Path.of(words[5]), Arrays.copyOfRange(words, 6, words.length));
        new DoomedTracer(library, NativeCalls.bind(), shape).run(program, kernel, place -> {
            if (place == last) {
                processes.kill(processes.ownPid(), SIGKILL);
            }
        });
    }
}
