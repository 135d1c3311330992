package org.tiexec.protocol.memory;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A non-empty half-open stretch of addresses, {@code [start, end)}.
 *
 * @param start the first address in the range
 * @param end the first address above it; always above {@code start}
 */
public record AddressRange(Address start, Address end) {
    /** Rejects empty and inverted ranges. */
    public AddressRange {
        if (!start.isBelow(end)) {
            throw new IllegalArgumentException("empty or inverted range " + start + "-" + end);
        }
    }

    /** The range of {@code length} bytes (more than zero) from {@code start} on, which must not wrap around. */
    public static AddressRange ofLength(Address start, long length) {
        return new AddressRange(start, start.plus(length));
    }

    /** The size in bytes, as an unsigned number. */
    public long length() {
        return end.distanceFrom(start);
    }

    /** Whether {@code address} lies inside. */
    public boolean contains(Address address) {
        return !address.isBelow(start) && address.isBelow(end);
    }

    /** Whether {@code other} lies wholly inside. */
    public boolean contains(AddressRange other) {
        return !other.start.isBelow(start) && !end.isBelow(other.end);
    }

    /** Whether at least one address lies in both. */
    public boolean overlaps(AddressRange other) {
        return start.isBelow(other.end) && other.start.isBelow(end);
    }

    /** Whether both ends are multiples of {@code alignment}, a power of two. */
    public boolean isAligned(long alignment) {
        return start.isAligned(alignment) && end.isAligned(alignment);
    }

    /** What lies in both, if they overlap. */
    public Optional<AddressRange> intersection(AddressRange other) {
        Address first = start.isBelow(other.start) ? other.start : start;
        Address last = end.isBelow(other.end) ? end : other.end;
        return first.isBelow(last) ? Optional.of(new AddressRange(first, last)) : Optional.empty();
    }

    /** The largest range with both ends on multiples of {@code alignment} that lies inside, if there is one. */
    public Optional<AddressRange> alignedInterior(long alignment) {
        Address first = start.alignUp(alignment);
        Address last = end.alignDown(alignment);
        boolean wrapped = first.isBelow(start);
        return wrapped || !first.isBelow(last) ? Optional.empty() : Optional.of(new AddressRange(first, last));
    }

    /** How many pages of {@code pageSize} bytes the range spans, rounded down. */
    public long pages(long pageSize) {
        return Long.divideUnsigned(length(), pageSize);
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof AddressRange other && start.equals(other.start) && end.equals(other.end);
    }

    @Override
    public int hashCode() {
        return 31 * start.hashCode() + end.hashCode();
    }

    @Override
    public String toString() {
        return start + "-" + end;
    }
}
