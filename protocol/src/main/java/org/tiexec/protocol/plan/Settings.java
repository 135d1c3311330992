package org.tiexec.protocol.plan;

/**
 * What the user asks of a plan.
 *
 * @param purpose what the plan is for
 * @param targets whose code is meant; by an undo all that is parked
 * @param strategy how regions are chosen; an undo chooses none
 * @param backing what pages are wanted; an undo wants none
 * @param method how they are to be swapped in; never in place while the process runs
 * @param selection which of all that is meant is taken; of an undo everything
 */
public record Settings(
        Purpose purpose,
        Targets targets,
        StrategyName strategy,
        BackingChoice backing,
        MethodChoice method,
        Selection selection) {
    /** What is done when nothing is asked for. */
    public static final Settings DEFAULT =
            new Settings(StrategyName.CONSERVATIVE, BackingChoice.AUTO, MethodChoice.AUTO);

    /** Rejects what cannot be asked for together. */
    public Settings {
        if (purpose != Purpose.LAUNCH && method == MethodChoice.IN_PLACE) {
            throw new IllegalArgumentException("in-place is for launches only: it leaves a process without its code");
        }
        boolean ofAll = targets == Targets.ALL && selection.equals(Selection.ALL);
        if (purpose == Purpose.UNDO && !ofAll) {
            throw new IllegalArgumentException("an undo is of all that is parked");
        }
    }

    /** Settings by which all that is meant is taken. */
    public Settings(
            Purpose purpose, Targets targets, StrategyName strategy, BackingChoice backing, MethodChoice method) {
        this(purpose, targets, strategy, backing, method, Selection.ALL);
    }

    /** Settings of a launch of the executable. */
    public Settings(StrategyName strategy, BackingChoice backing, MethodChoice method) {
        this(Purpose.LAUNCH, Targets.EXECUTABLE, strategy, backing, method, Selection.ALL);
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
        return new Settings(purpose, targets, strategy, other, method, selection);
    }

    /** The same for other code. */
    public Settings withTargets(Targets other) {
        return new Settings(purpose, other, strategy, backing, method, selection);
    }

    /** The same of another part of what is meant. */
    public Settings withSelection(Selection other) {
        return new Settings(purpose, targets, strategy, backing, method, other);
    }

    /** The same for a process that runs meanwhile. */
    public Settings whileRunning() {
        return new Settings(Purpose.ATTACH, targets, strategy, backing, MethodChoice.AUTO, selection);
    }

    /** Whose code is meant where a request does not say. */
    public static Targets defaultTargets(Purpose purpose) {
        return purpose == Purpose.LAUNCH ? Targets.EXECUTABLE : Targets.ALL;
    }
}
