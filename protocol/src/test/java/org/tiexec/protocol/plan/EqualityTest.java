package org.tiexec.protocol.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tiexec.protocol.memory.Protection.READ;
import static org.tiexec.protocol.memory.Protection.READ_EXECUTE;

import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;

/** The records that define {@code equals} and {@code hashCode} by hand do it as the generated ones would. */
final class EqualityTest {
    private static final Arg LENGTH = Arg.length(4096);

    /** Each supplier makes a value that equals no other one here. */
    private static List<Supplier<Object>> values() {
        return List.of(
                () -> new Address(1),
                () -> new Address(-1),
                () -> AddressRange.ofLength(new Address(1), 1),
                () -> AddressRange.ofLength(new Address(1), 2),
                () -> AddressRange.ofLength(new Address(2), 1),
                () -> new Protection(true, false, false),
                () -> new Protection(true, true, false),
                () -> new Protection(true, false, true),
                () -> new Protection(false, false, false),
                () -> new Errno(1),
                () -> new Errno(2),
                () -> new StepId("a"),
                () -> new StepId("b"),
                () -> new RegionId("a"),
                () -> new RegionId("b"),
                () -> new Arg.Hex(1),
                () -> new Arg.Hex(2),
                () -> new Arg.Number(1),
                () -> new Arg.Number(2),
                () -> new Arg.ResultOf(new StepId("a")),
                () -> new Arg.ResultOf(new StepId("b")),
                () -> new Arg.Symbols(List.copyOf(ProtFlag.of(READ))),
                () -> new Arg.Symbols(List.copyOf(ProtFlag.of(READ_EXECUTE))),
                () -> Arg.flags(ProtFlag.PROT_EXEC, ProtFlag.PROT_READ),
                () -> Call.of(SyscallName.MUNMAP, Arg.at(new Address(1)), LENGTH),
                () -> Call.of(SyscallName.MUNMAP, Arg.at(new Address(2)), LENGTH),
                () -> Call.of(SyscallName.MPROTECT, Arg.at(new Address(1)), LENGTH, Arg.flags(ProtFlag.PROT_READ)),
                () -> Call.of(SyscallName.MADVISE, Arg.at(new Address(1)), LENGTH, Arg.flags(ProtFlag.PROT_READ)),
                () -> new Expectation.Exactly(new Address(1)),
                () -> new Expectation.Exactly(new Address(2)));
    }

    @Test
    void valuesAreEqualIfAndOnlyIfAllTheirFieldsAre() {
        List<Supplier<Object>> values = values();
        for (int i = 0; i < values.size(); i++) {
            Object value = values.get(i).get();
            assertThat(value).isNotEqualTo(null).isNotEqualTo("x");
            for (int j = 0; j < values.size(); j++) {
                Object other = values.get(j).get();
                assertThat(value.equals(other)).as(value + " equals " + other).isEqualTo(i == j);
                if (i == j) {
                    assertThat(value).hasSameHashCodeAs(other);
                }
            }
        }
    }
}
