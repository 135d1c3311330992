package org.tiexec.helper.planner;

import java.util.List;
import java.util.Optional;
import org.tiexec.helper.backing.Backing;
import org.tiexec.helper.backing.Backings;
import org.tiexec.helper.backing.Shortage;
import org.tiexec.protocol.plan.HostFacts;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Settings;

/**
 * Which backing a plan gets: the first admitted one that can be had now.
 *
 * @param backing the backing; empty if none can be had
 * @param note why it is not a better one, or why there is none; empty if the first one can be had
 */
record BackingSelection(Optional<Backing> backing, String note) {
    /** Tries what the settings admit, best first. */
    static BackingSelection of(Settings settings, HostFacts host, long hugePages) {
        List<Backing> admitted = Backings.admittedBy(settings.backing());
        StringBuilder reasons = new StringBuilder();
        StringBuilder remedies = new StringBuilder();
        StringBuilder inFull = new StringBuilder();
        for (Backing backing : admitted) {
            Optional<Shortage> obstacle = obstacle(backing, settings, host, hugePages);
            if (obstacle.isEmpty()) {
                String note = reasons.length() == 0
                        ? ""
                        : reasons + "; using " + backing.name().wireName() + " (" + remedies + ")";
                return new BackingSelection(Optional.of(backing), note);
            }
            separate(reasons).append(obstacle.get().reason());
            separate(remedies).append(obstacle.get().remedy());
            separate(inFull).append(obstacle.get().inFull());
        }
        return new BackingSelection(Optional.empty(), inFull.toString());
    }

    private static StringBuilder separate(StringBuilder list) {
        return list.length() == 0 ? list : list.append("; ");
    }

    private static Optional<Shortage> obstacle(Backing backing, Settings settings, HostFacts host, long hugePages) {
        boolean atLaunch = settings.purpose() == Purpose.LAUNCH;
        boolean moves = settings.method() == MethodChoice.STAGED_SWAP || !atLaunch;
        if (moves && !backing.isMovable(host)) {
            return Optional.of(new Shortage(
                    backing.name().wireName() + ": Linux " + host.kernelRelease() + " cannot move such memory",
                    atLaunch ? "use --method=in-place or --backing=thp" : "use --backing=thp"));
        }
        return backing.shortage(host, hugePages);
    }
}
