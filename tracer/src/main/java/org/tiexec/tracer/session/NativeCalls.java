package org.tiexec.tracer.session;

import java.util.Optional;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.Processes;

/**
 * Our native calls, bound when they are first needed.
 *
 * <p>Binding takes tens of milliseconds, during which the helper already starts.
 */
final class NativeCalls {
    private Optional<NativeLibrary> library = Optional.empty();
    private Optional<Processes> processes = Optional.empty();

    NativeLibrary library() {
        if (library.isPresent()) {
            return library.get();
        }
        NativeLibrary bound = NativeLibrary.load();
        library = Optional.of(bound);
        return bound;
    }

    Processes processes() {
        if (processes.isPresent()) {
            return processes.get();
        }
        Processes bound = new Processes(library());
        processes = Optional.of(bound);
        return bound;
    }
}
