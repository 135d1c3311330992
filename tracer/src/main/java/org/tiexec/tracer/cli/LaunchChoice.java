package org.tiexec.tracer.cli;

import java.util.Optional;

/** Where a program is to be launched; the launcher has chosen by the time that this process starts. */
enum LaunchChoice {
    AUTO("auto"),
    IN_PLACE("in-place"),
    CHILD("child");

    private final String word;

    LaunchChoice(String word) {
        this.word = word;
    }

    static Optional<LaunchChoice> named(String word) {
        for (LaunchChoice choice : values()) {
            if (choice.word.equals(word)) {
                return Optional.of(choice);
            }
        }
        return Optional.empty();
    }
}
