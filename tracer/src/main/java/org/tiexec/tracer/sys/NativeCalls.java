package org.tiexec.tracer.sys;

import java.util.Optional;

/**
 * Our native calls, bound when they are first needed.
 *
 * <p>Binding takes tens of milliseconds, during which the helper already starts.
 */
public final class NativeCalls {
    private Optional<NativeLibrary> library = Optional.empty();
    private Optional<Processes> processes = Optional.empty();

    /** The C library. */
    public NativeLibrary library() {
        if (library.isPresent()) {
            return library.get();
        }
        NativeLibrary bound = NativeLibrary.load();
        library = Optional.of(bound);
        return bound;
    }

    /** The calls about processes. */
    public Processes processes() {
        if (processes.isPresent()) {
            return processes.get();
        }
        Processes bound = new Processes(library());
        processes = Optional.of(bound);
        return bound;
    }
}
