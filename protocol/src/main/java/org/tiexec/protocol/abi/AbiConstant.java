package org.tiexec.protocol.abi;

import java.util.Optional;

/** A named constant of the kernel's user interface, written by name in plans so that people can read them. */
public sealed interface AbiConstant permits ProtFlag, MmapFlag, MremapFlag, Advice {
    /** The C name, such as {@code MAP_PRIVATE}. */
    String name();

    /** The value on every architecture that this project supports. */
    long value();

    /** The constant with this C name, if plans know it. */
    static Optional<AbiConstant> named(String name) {
        for (AbiConstant[] family :
                new AbiConstant[][] {ProtFlag.values(), MmapFlag.values(), MremapFlag.values(), Advice.values()}) {
            for (AbiConstant constant : family) {
                if (constant.name().equals(name)) {
                    return Optional.of(constant);
                }
            }
        }
        return Optional.empty();
    }
}
