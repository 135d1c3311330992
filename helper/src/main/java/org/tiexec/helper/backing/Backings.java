package org.tiexec.helper.backing;

import java.util.List;
import org.tiexec.protocol.plan.BackingChoice;

/** The backings that a choice of the user admits; a new one is one class and one line here. */
public final class Backings {
    private Backings() {}

    /** The admitted backings, best first. */
    public static List<Backing> admittedBy(BackingChoice choice) {
        return switch (choice) {
            case AUTO -> List.of(new Hugetlb(), new Thp());
            case HUGETLB -> List.of(new Hugetlb());
            case THP -> List.of(new Thp());
        };
    }
}
