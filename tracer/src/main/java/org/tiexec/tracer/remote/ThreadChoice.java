package org.tiexec.tracer.remote;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.tracer.arch.Interruption;
import org.tiexec.tracer.arch.LiveArchitecture;

/** Which threads may be borrowed, the one that notices least first. Pure. */
final class ThreadChoice {
    /** {@code restart_syscall(2)}: its own frame's return would end it. */
    private static final int NOTICES_NOTHING = 0;

    private static final int RUNS = 1;
    private static final int IN_USER_CODE = 2;
    private static final int MAY_NOTICE = 3;
    private static final int WAITS_FOR_A_TIME = 4;
    private static final int FAILS = 5;
    private static final int UNFIT = 6;

    private final LiveArchitecture arch;

    ThreadChoice(LiveArchitecture arch) {
        this.arch = arch;
    }

    /**
     * Orders threads.
     *
     * @param stacks if the thread must lend its stack, too: where stacks are
     * @return those that may be borrowed; whoever is on a stack that is known to be one comes first
     */
    List<ThreadFacts> order(List<ThreadFacts> threads, Optional<Stacks> stacks) {
        List<ThreadFacts> fit = new ArrayList<>();
        for (ThreadFacts thread : threads) {
            if (rank(thread) < UNFIT && mayLendItsStack(thread, stacks)) {
                fit.add(thread);
            }
        }
        fit.sort(Comparator.<ThreadFacts, Boolean>comparing(thread -> !isOnKnownStack(thread, stacks))
                .thenComparingInt(this::rank));
        return fit;
    }

    private static boolean isOnKnownStack(ThreadFacts thread, Optional<Stacks> stacks) {
        return stacks.isEmpty()
                || thread.stackPointer().isEmpty()
                || stacks.get().hasRoomBelow(thread.stackPointer().get());
    }

    private static boolean mayLendItsStack(ThreadFacts thread, Optional<Stacks> stacks) {
        if (stacks.isEmpty()) {
            return true;
        }
        Optional<Address> end = thread.stackPointer();
        return !thread.shadowStack()
                && (end.isEmpty() || stacks.get().frameBelow(end.get()).isPresent());
    }

    private int rank(ThreadFacts thread) {
        return switch (thread.state()) {
            case 'R' -> RUNS;
            case 'S' -> thread.call().map(this::rank).orElse(IN_USER_CODE);
            default -> UNFIT;
        };
    }

    private int rank(ThreadFacts.WaitedCall call) {
        Interruption interruption = arch.interruption(call.number(), call.arguments());
        return switch (interruption) {
            case RESTARTS -> arch.isRestartedCall(call.number()) ? WAITS_FOR_A_TIME : NOTICES_NOTHING;
            case MAY_FAIL -> MAY_NOTICE;
            case FAILS -> FAILS;
            case CUT_SHORT -> UNFIT;
        };
    }
}
