package org.tiexec.tracer.sys;

/** The bound C library, the key to everything else in this package. */
public final class NativeLibrary {
    private final LibC libc;

    private NativeLibrary(LibC libc) {
        this.libc = libc;
    }

    /**
     * Binds the C library of this process; takes some 50 ms when nothing is warm.
     *
     * @throws UnsatisfiedLinkError if a function is missing
     */
    public static NativeLibrary load() {
        return new NativeLibrary(new LibC());
    }

    LibC libc() {
        return libc;
    }
}
