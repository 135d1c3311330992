package org.tiexec.protocol.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tiexec.protocol.abi.AbiConstant;
import org.tiexec.protocol.memory.Address;

/** One argument of a planned system call. */
public sealed interface Arg {
    /** Dispatches on the variant; a new variant fails to compile where it is not handled. */
    <R, X extends Exception> R match(Cases<R, X> cases) throws X;

    /**
     * One method for each variant.
     *
     * @param <R> what each returns
     * @param <X> what each may throw
     */
    interface Cases<R, X extends Exception> {
        R hex(Hex arg) throws X;

        R number(Number arg) throws X;

        R symbols(Symbols arg) throws X;

        R resultOf(ResultOf arg) throws X;
    }

    /** An address, written {@code "0x…"}. */
    static Arg at(Address address) {
        return new Hex(address.bits());
    }

    /** A length in bytes, written {@code "0x…"}. */
    static Arg length(long bytes) {
        return new Hex(bytes);
    }

    /** Constants that are or-ed together, written by name. */
    static Arg flags(List<? extends AbiConstant> constants) {
        return new Symbols(List.copyOf(constants));
    }

    /** Constants that are or-ed together, written by name. */
    static Arg flags(AbiConstant... constants) {
        return new Symbols(List.of(constants));
    }

    /** An address or a length, written {@code "0x…"}. */
    record Hex(long bits) implements Arg {
        @Override
        public boolean equals(@Nullable Object object) {
            return object instanceof Hex other && bits == other.bits;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(bits);
        }

        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.hex(this);
        }
    }

    /** A small plain number such as the descriptor −1, written as a JSON number. */
    @SuppressWarnings("JavaLangClash") // always written Arg.Number
    record Number(long value) implements Arg {
        @Override
        public boolean equals(@Nullable Object object) {
            return object instanceof Number other && value == other.value;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(value);
        }

        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.number(this);
        }
    }

    /**
     * Named constants, written {@code "A|B"}.
     *
     * @param constants at least one
     */
    record Symbols(List<AbiConstant> constants) implements Arg {
        /** Takes a copy; rejects an empty list. */
        public Symbols {
            constants = List.copyOf(constants);
            if (constants.isEmpty()) {
                throw new IllegalArgumentException("no constant named");
            }
        }

        /** All constants or-ed together. */
        public long value() {
            long value = 0;
            for (AbiConstant constant : constants) {
                value |= constant.value();
            }
            return value;
        }

        @Override
        public boolean equals(@Nullable Object object) {
            return object instanceof Symbols other && constants.equals(other.constants);
        }

        @Override
        public int hashCode() {
            return constants.hashCode();
        }

        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.symbols(this);
        }
    }

    /** The value that an earlier step returned, written {@code {"result":"s1"}}. */
    record ResultOf(StepId step) implements Arg {
        @Override
        public boolean equals(@Nullable Object object) {
            return object instanceof ResultOf other && step.equals(other.step);
        }

        @Override
        public int hashCode() {
            return step.hashCode();
        }

        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.resultOf(this);
        }
    }
}
