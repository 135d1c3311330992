package org.tiexec.protocol.plan;

import org.jspecify.annotations.Nullable;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;

/** What the raw result of a system call must be for the plan to go on. */
public sealed interface Expectation {
    /** Whether a raw kernel result satisfies this expectation. */
    boolean accepts(long rawResult);

    /** The form in plans: {@code zero}, {@code address}, {@code any} or {@code 0x…}. */
    String wireName();

    /** Reads the form that {@link #wireName} writes; throws IllegalArgumentException on any other. */
    static Expectation parse(String text) {
        for (Kind kind : Kind.values()) {
            if (kind.wireName.equals(text)) {
                return kind;
            }
        }
        return new Exactly(Address.parse(text));
    }

    /** The expectations that carry no value. */
    enum Kind implements Expectation {
        /** Success without a value. */
        ZERO("zero") {
            @Override
            public boolean accepts(long rawResult) {
                return rawResult == 0;
            }
        },
        /** A page-aligned address of user space other than zero. */
        ADDRESS("address") {
            @Override
            public boolean accepts(long rawResult) {
                return rawResult > 0 && new Address(rawResult).isAligned(PageSize.BASE);
            }
        },
        /** Whatever it is: a hint to the kernel whose effect is measured later. */
        ANY("any") {
            @Override
            public boolean accepts(long rawResult) {
                return true;
            }
        };

        private final String wireName;

        Kind(String wireName) {
            this.wireName = wireName;
        }

        @Override
        public String wireName() {
            return wireName;
        }
    }

    /**
     * Just this address.
     *
     * @param address the only accepted result
     */
    record Exactly(Address address) implements Expectation {
        @Override
        public boolean equals(@Nullable Object object) {
            return object instanceof Exactly other && address.equals(other.address);
        }

        @Override
        public int hashCode() {
            return address.hashCode();
        }

        @Override
        public boolean accepts(long rawResult) {
            return rawResult == address.bits();
        }

        @Override
        public String wireName() {
            return address.toString();
        }
    }
}
