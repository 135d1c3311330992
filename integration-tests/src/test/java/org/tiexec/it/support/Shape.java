package org.tiexec.it.support;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.tiexec.it.support.Specimens.Linkage;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Targets;

/**
 * One kind of program and one kind of plan for it.
 *
 * @param linkage how the program is linked
 * @param backing what pages it gets
 * @param method how they are swapped in
 * @param strategy which of its code
 * @param purpose whether as a launch or as an attach would do it
 */
public record Shape(Linkage linkage, Backing backing, MethodChoice method, StrategyName strategy, Purpose purpose) {
    /** A launch that takes what is whole pages. */
    public Shape(Linkage linkage, Backing backing, MethodChoice method) {
        this(linkage, backing, method, StrategyName.CONSERVATIVE, Purpose.LAUNCH);
    }

    /** The kinds that differ for a plan. */
    public static List<Shape> all() {
        return Stream.of(Linkage.STATIC, Linkage.PIE, Linkage.NON_PIE)
                .flatMap(linkage -> Stream.of(Backing.values())
                        .flatMap(backing -> Stream.of(MethodChoice.STAGED_SWAP, MethodChoice.IN_PLACE)
                                .map(method -> new Shape(linkage, backing, method))))
                .toList();
    }

    /** The kinds of launches in which regions are widened, over read-only parts of the file or over gaps. */
    public static List<Shape> widenedLaunches() {
        return Stream.of(Linkage.STATIC, Linkage.PIE, Linkage.NON_PIE)
                .flatMap(linkage -> Stream.of(Backing.values())
                        .flatMap(backing -> Stream.of(MethodChoice.STAGED_SWAP, MethodChoice.IN_PLACE)
                                .map(method ->
                                        new Shape(linkage, backing, method, StrategyName.AGGRESSIVE, Purpose.LAUNCH))))
                .toList();
    }

    /** The kinds of attaches in which regions are widened. */
    public static List<Shape> widenedAttaches() {
        return Stream.of(Linkage.STATIC, Linkage.PIE)
                .flatMap(linkage -> Stream.of(Backing.values())
                        .map(backing -> new Shape(
                                linkage, backing, MethodChoice.AUTO, StrategyName.AGGRESSIVE, Purpose.ATTACH)))
                .toList();
    }

    /** The program: one with gaps if regions are to be widened over them. */
    public Path program() {
        return strategy == StrategyName.CONSERVATIVE || linkage == Linkage.STATIC
                ? Specimens.specimen(linkage)
                : Specimens.specimenWithGaps(linkage);
    }

    /** What the helper is asked for. */
    public Settings settings() {
        BackingChoice choice = backing == Backing.HUGETLB ? BackingChoice.HUGETLB : BackingChoice.THP;
        return purpose == Purpose.LAUNCH
                ? new Settings(strategy, choice, method)
                : Settings.attach(Targets.EXECUTABLE, strategy, choice);
    }

    @Override
    public String toString() {
        return (linkage + " " + backing + " " + method + " " + strategy + " " + purpose)
                .toLowerCase(Locale.ROOT)
                .replace('_', '-');
    }
}
