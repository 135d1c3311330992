package org.tiexec.it.support;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.tiexec.it.support.Specimens.Linkage;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StrategyName;

/**
 * One kind of program and one kind of plan for it.
 *
 * @param linkage how the program is linked
 * @param backing what pages it gets
 * @param method how they are swapped in
 */
public record Shape(Linkage linkage, Backing backing, MethodChoice method) {
    /** The kinds that differ for a plan. */
    public static List<Shape> all() {
        return Stream.of(Linkage.STATIC, Linkage.PIE, Linkage.NON_PIE)
                .flatMap(linkage -> Stream.of(Backing.values())
                        .flatMap(backing -> Stream.of(MethodChoice.STAGED_SWAP, MethodChoice.IN_PLACE)
                                .map(method -> new Shape(linkage, backing, method))))
                .toList();
    }

    /** What the helper is asked for. */
    public Settings settings() {
        BackingChoice choice = backing == Backing.HUGETLB ? BackingChoice.HUGETLB : BackingChoice.THP;
        return new Settings(StrategyName.CONSERVATIVE, choice, method);
    }

    @Override
    public String toString() {
        return (linkage + " " + backing + " " + method).toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
