package org.tiexec.helper.cli;

import java.util.Optional;
import org.tiexec.helper.sys.NativeCalls;

/** Binds the native calls aside; that takes as long as all other preparations together. */
final class NativeBinding implements Runnable {
    private final Thread thread = new Thread(this, "native binding");
    private Optional<NativeCalls> calls = Optional.empty();
    private String failure = "";

    private NativeBinding() {}

    static NativeBinding begin() {
        NativeBinding binding = new NativeBinding();
        binding.thread.start();
        return binding;
    }

    @Override
    public void run() {
        try {
            calls = Optional.of(NativeCalls.bind());
        } catch (RuntimeException | LinkageError e) {
            failure = String.valueOf(e.getMessage());
        }
    }

    /** Waits until it is done. */
    NativeCalls await() throws ConversationException {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new ConversationException("interrupted while the native calls were bound");
        }
        if (calls.isEmpty()) {
            throw new ConversationException("the native calls cannot be bound: " + failure);
        }
        return calls.get();
    }
}
