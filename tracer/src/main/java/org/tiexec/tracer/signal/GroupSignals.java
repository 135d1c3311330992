package org.tiexec.tracer.signal;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.tiexec.tracer.sys.SignalInfo;

/**
 * The signals that the whole process group was sent and whose copy for this process has not been fetched yet.
 *
 * <p>Every member of a group gets the same bytes, so that a copy is known by them.
 */
final class GroupSignals {
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
    }

    /**
     * Whether a signal that this process was sent went to the group, of whose copies each counts once.
     *
     * @param moreWait whether this process still has another signal of the same number to fetch
     */
    boolean claim(SignalInfo arrival, boolean moreWait) {
        boolean seen = unclaimed.remove(arrival);
        boolean wasThere = beforeTheWitness.remove(arrival);
        if (!moreWait) {
            // Signals of one number that wait at the same time may be one: no copy of what is left will ever come.
            drop(arrival.number());
        }
        return seen || wasThere;
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
