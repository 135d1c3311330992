package org.tiexec.tracer.signal;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntPredicate;
import org.tiexec.tracer.sys.SignalInfo;

/**
 * The signals that the whole process group was sent and whose copy for this process has not been fetched yet.
 *
 * <p>Every member of a group gets the same bytes, so that a copy is known by them.
 */
final class GroupSignals {
    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;
    private static final int SIGTSTP = 20;
    private static final int SIGTTIN = 21;
    private static final int SIGTTOU = 22;

    private final List<SignalInfo> unclaimed = new ArrayList<>();
    private final List<SignalInfo> beforeTheWitness = new ArrayList<>();

    /**
     * Begins with what the program had been sent when the witness joined the group: it may have been sent to the group
     * just before.
     */
    GroupSignals(List<SignalInfo> waitingForTheProgram) {
        beforeTheWitness.addAll(waitingForTheProgram);
    }

    /** Takes note of what the witness has been sent. */
    void add(List<SignalInfo> seen) {
        unclaimed.addAll(seen);
        // No copy of it is ever fetched.
        drop(SIGSTOP);
    }

    /**
     * Whether a signal that this process was sent went to the group, of whose copies each counts once.
     *
     * @param waiting tells which signals this process still has to fetch
     */
    boolean claim(SignalInfo arrival, IntPredicate waiting) {
        boolean seen = unclaimed.remove(arrival);
        boolean wasThere = beforeTheWitness.remove(arrival);
        boolean takenAway = !seen && tookAway(arrival.number(), waiting);
        if (!waiting.test(arrival.number())) {
            // Signals of one number that wait at the same time may be one: no copy of what is left will ever come.
            drop(arrival.number());
        }
        return seen || wasThere || takenAway;
    }

    /**
     * Whether the witness's copy of a signal may be gone because its opposite has come to the group since: SIGCONT takes the
     * stop signals away that wait, and they take SIGCONT away. The program has had both.
     */
    private boolean tookAway(int number, IntPredicate waiting) {
        for (SignalInfo later : unclaimed) {
            boolean opposite = number == SIGCONT ? isStop(later.number()) : isStop(number) && later.number() == SIGCONT;
            if (opposite && waiting.test(later.number())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isStop(int number) {
        return number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
    }

    private void drop(int number) {
        for (Iterator<SignalInfo> left = unclaimed.iterator(); left.hasNext(); ) {
            if (left.next().number() == number) {
                left.remove();
            }
        }
    }

    /** All that was sent before the witness joined has been fetched. */
    void forgetWhatWasBeforeTheWitness() {
        beforeTheWitness.clear();
    }
}
