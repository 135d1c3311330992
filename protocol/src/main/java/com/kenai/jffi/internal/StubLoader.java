package com.kenai.jffi.internal;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * Loads jffi's native library, in place of the class of this name in jffi, which stands behind ours on the class path.
 *
 * <p>That one asks for a logger, to which it writes nothing unless something fails: the logging system, which looks for
 * its own implementation in every jar, takes 20 ms of each launch, and that in both JVMs. jffi finds this class and these two
 * methods by their names ({@code com.kenai.jffi.Init}).
 */
public final class StubLoader {
    private static final String DIRECTORY = System.getProperty("jffi.boot.library.path", "");
    private static final String PLATFORM =
            (System.getProperty("os.arch", "").equals("aarch64") ? "aarch64" : "x86_64") + "-Linux";
    private static final String NAME = "libjffi-1.2.so";

    @SuppressWarnings("StaticAssignmentOfThrowable") // jffi asks for it later
    private static final @Nullable Throwable FAILURE = load();

    private StubLoader() {}

    /** Whether the library is there. */
    public static boolean isLoaded() {
        return FAILURE == null;
    }

    /** Why it is not; null if it is, as jffi wants it. */
    public static @Nullable Throwable getFailureCause() {
        return FAILURE;
    }

    private static @Nullable Throwable load() {
        try {
            if (DIRECTORY.isEmpty()) {
                loadFromClassPath();
            } else {
                System.load(DIRECTORY + "/" + NAME);
            }
            return null;
        } catch (IOException | LinkageError e) {
            return e;
        }
    }

    /** As in tests: the launchers always name a directory. */
    private static void loadFromClassPath() throws IOException {
        try (InputStream packed = StubLoader.class.getResourceAsStream("/jni/" + PLATFORM + "/" + NAME)) {
            if (packed == null) {
                throw new FileNotFoundException("no jni/" + PLATFORM + "/" + NAME + " on the class path");
            }
            Path unpacked = Files.createTempFile("libjffi", ".so");
            try {
                Files.copy(packed, unpacked, StandardCopyOption.REPLACE_EXISTING);
                System.load(unpacked.toString());
            } finally {
                Files.delete(unpacked);
            }
        }
    }
}
