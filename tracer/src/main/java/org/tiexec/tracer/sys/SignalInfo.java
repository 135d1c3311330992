package org.tiexec.tracer.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A signal as its receiver sees it: which one, who sent it, what was sent along ({@code siginfo_t}, {@code
 * sigaction(2)}). Two are equal if every byte is.
 */
public final class SignalInfo {
    /** The size of {@code siginfo_t} ({@code asm-generic/siginfo.h}). */
    public static final int BYTES = 128;

    private static final int SI_CODE = 8;
    private static final int SI_PID = 16;
    private static final int SI_UID = 20;
    private static final int SI_VALUE = 24;

    private static final int SI_USER = 0;
    private static final int SI_KERNEL = 0x80;
    private static final int SIGCHLD = 17;

    private final byte[] bytes;

    private SignalInfo(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * One from the kernel's bytes.
     *
     * @param bytes {@link #BYTES} of them
     */
    public static SignalInfo of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a siginfo_t has " + BYTES + " bytes, not " + bytes.length);
        }
        return new SignalInfo(bytes.clone());
    }

    /**
     * One from its fields.
     *
     * @param number which signal
     * @param code {@code si_code}: how it was sent
     * @param sender {@code si_pid}
     * @param user {@code si_uid}
     * @param value {@code si_value}
     */
    public static SignalInfo of(int number, int code, int sender, int user, long value) {
        ByteBuffer fields = ByteBuffer.allocate(BYTES).order(ByteOrder.nativeOrder());
        fields.putInt(0, number).putInt(SI_CODE, code);
        fields.putInt(SI_PID, sender).putInt(SI_UID, user).putLong(SI_VALUE, value);
        return new SignalInfo(fields.array());
    }

    /** Which signal. */
    public int number() {
        return field(0);
    }

    /** How it was sent, {@code si_code}. */
    public int code() {
        return field(SI_CODE);
    }

    /** Whether the kernel itself sent it, as for keys of the terminal and for timers. */
    public boolean isFromKernel() {
        return code() == SI_KERNEL;
    }

    /** Whether the kernel sent it because of a child of the receiver. */
    public boolean isAboutChild() {
        return number() == SIGCHLD && code() > 0 && code() != SI_KERNEL;
    }

    /** Whether it carries what its sender chose, as {@code sigqueue(3)} does, so that anyone may send the same again. */
    public boolean isQueued() {
        return code() < SI_USER;
    }

    /** Whether a process sent it by a system call. */
    public boolean isFrom(int pid) {
        return code() <= SI_USER && field(SI_PID) == pid;
    }

    /** The kernel's bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    private int field(int offset) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt(offset);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SignalInfo that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "signal " + number() + " (code " + code() + ", from " + field(SI_PID) + ")";
    }
}
