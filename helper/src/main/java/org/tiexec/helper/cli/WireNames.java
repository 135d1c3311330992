package org.tiexec.helper.cli;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Targets;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The values of an option, named on the command line as they are in plans.
 *
 * @param <T> the type of the values
 */
abstract class WireNames<T> implements ITypeConverter<T>, Iterable<String> {
    private final List<String> names;

    private WireNames(List<String> names) {
        this.names = names;
    }

    abstract Optional<T> named(String name);

    @Override
    public T convert(String value) {
        return named(value)
                .orElseThrow(
                        () -> new TypeConversionException("'" + value + "' is none of " + String.join(", ", names)));
    }

    @Override
    public Iterator<String> iterator() {
        return names.iterator();
    }

    /** The values of {@code --strategy}. */
    static final class Strategies extends WireNames<StrategyName> {
        Strategies() {
            super(names());
        }

        private static List<String> names() {
            List<String> names = new ArrayList<>();
            for (StrategyName value : StrategyName.values()) {
                names.add(value.wireName());
            }
            return names;
        }

        @Override
        Optional<StrategyName> named(String name) {
            return StrategyName.named(name);
        }
    }

    /** The values of {@code --backing}. */
    static final class Backings extends WireNames<BackingChoice> {
        Backings() {
            super(names());
        }

        private static List<String> names() {
            List<String> names = new ArrayList<>();
            for (BackingChoice value : BackingChoice.values()) {
                names.add(value.wireName());
            }
            return names;
        }

        @Override
        Optional<BackingChoice> named(String name) {
            return BackingChoice.named(name);
        }
    }

    /** The values of {@code --method}. */
    static final class Methods extends WireNames<MethodChoice> {
        Methods() {
            super(names());
        }

        private static List<String> names() {
            List<String> names = new ArrayList<>();
            for (MethodChoice value : MethodChoice.values()) {
                names.add(value.wireName());
            }
            return names;
        }

        @Override
        Optional<MethodChoice> named(String name) {
            return MethodChoice.named(name);
        }
    }

    /** The values of {@code --for}. */
    static final class Purposes extends WireNames<Purpose> {
        Purposes() {
            super(names());
        }

        private static List<String> names() {
            List<String> names = new ArrayList<>();
            for (Purpose value : Purpose.values()) {
                names.add(value.wireName());
            }
            return names;
        }

        @Override
        Optional<Purpose> named(String name) {
            return Purpose.named(name);
        }
    }

    /** The values of {@code --targets}, in either order. */
    static final class TargetSets extends WireNames<Targets> {
        TargetSets() {
            super(names());
        }

        private static List<String> names() {
            List<String> names = new ArrayList<>();
            for (Targets value : Targets.values()) {
                names.add(value.wireName());
            }
            return names;
        }

        @Override
        Optional<Targets> named(String name) {
            return Targets.named(name.equals("libs,exe") ? "exe,libs" : name);
        }
    }
}
