package org.tiexec.tracer.arch;

import org.tiexec.protocol.memory.Address;

/** A signal frame that was made by hand, for one place in one thread's stack. */
public final class SignalFrame {
    private final Address place;
    private final byte[] bytes;

    SignalFrame(Address place, byte[] bytes) {
        this.place = place;
        this.bytes = bytes;
    }

    /** Where it belongs; at the same time the stack pointer of who returns by it. */
    public Address place() {
        return place;
    }

    /** Its bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }
}
