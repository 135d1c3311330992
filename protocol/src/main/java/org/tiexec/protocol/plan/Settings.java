package org.tiexec.protocol.plan;

/**
 * What the user asks of a plan.
 *
 * @param purpose what the plan is for
 * @param targets whose code is meant: at launch the executable's, by an undo all that is parked
 * @param strategy how regions are chosen; an undo chooses none
 * @param backing what pages are wanted; an undo wants none
 * @param method how they are to be swapped in; never in place while the process runs
 */
public record Settings(
        Purpose purpose, Targets targets, StrategyName strategy, BackingChoice backing, MethodChoice method) {
    /** What is done when nothing is asked for. */
    public static final Settings DEFAULT =
            new Settings(StrategyName.CONSERVATIVE, BackingChoice.AUTO, MethodChoice.AUTO);

    /** Rejects what cannot be asked for together. */
    public Settings {
        if (purpose != Purpose.LAUNCH && method == MethodChoice.IN_PLACE) {
            throw new IllegalArgumentException("in-place is for launches only: it leaves a process without its code");
        }
        if (purpose == Purpose.LAUNCH && targets != Targets.EXECUTABLE) {
            throw new IllegalArgumentException("a launch is of the executable only: libraries are not loaded yet");
        }
        if (purpose == Purpose.UNDO && targets != Targets.ALL) {
            throw new IllegalArgumentException("an undo is of all that is parked");
        }
    }

    /** Settings of a launch. */
    public Settings(StrategyName strategy, BackingChoice backing, MethodChoice method) {
        this(Purpose.LAUNCH, Targets.EXECUTABLE, strategy, backing, method);
    }

    /** Settings of an attach. */
    public static Settings attach(Targets targets, StrategyName strategy, BackingChoice backing) {
        return new Settings(Purpose.ATTACH, targets, strategy, backing, MethodChoice.AUTO);
    }

    /** Settings of an undo. */
    public static Settings undo() {
        return new Settings(
                Purpose.UNDO, Targets.ALL, StrategyName.CONSERVATIVE, BackingChoice.AUTO, MethodChoice.AUTO);
    }

    /** The same with other pages. */
    public Settings withBacking(BackingChoice other) {
        return new Settings(purpose, targets, strategy, other, method);
    }

    /** Whose code is meant where a request does not say. */
    public static Targets defaultTargets(Purpose purpose) {
        return purpose == Purpose.LAUNCH ? Targets.EXECUTABLE : Targets.ALL;
    }
}
