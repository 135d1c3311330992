package org.tiexec.protocol.plan;

import java.util.Optional;

/** Whose code of a process is meant. */
public enum Targets {
    /** The main executable's. */
    EXECUTABLE("exe", true, false),
    /** That of every other file, in practice of libraries. */
    LIBRARIES("libs", false, true),
    /** That of every file. */
    ALL("exe,libs", true, true);

    private final String wireName;
    private final boolean executable;
    private final boolean libraries;

    Targets(String wireName, boolean executable, boolean libraries) {
        this.wireName = wireName;
        this.executable = executable;
        this.libraries = libraries;
    }

    /** The name in messages and on command lines. */
    public String wireName() {
        return wireName;
    }

    /** Whether the main executable is meant. */
    public boolean includeExecutable() {
        return executable;
    }

    /** Whether files other than the main executable are meant. */
    public boolean includeLibraries() {
        return libraries;
    }

    /** The value with this name, if there is one. */
    public static Optional<Targets> named(String wireName) {
        for (Targets value : values()) {
            if (value.wireName.equals(wireName)) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
