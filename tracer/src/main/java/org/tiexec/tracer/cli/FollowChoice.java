package org.tiexec.tracer.cli;

import java.util.Optional;
import org.tiexec.tracer.launch.FollowMode;

/** What can be said about following. */
enum FollowChoice {
    EXEC("exec", FollowMode.EXEC),
    TREE("tree", FollowMode.TREE),
    NONE("none", FollowMode.NONE);

    private final String word;
    private final FollowMode mode;

    FollowChoice(String word, FollowMode mode) {
        this.word = word;
        this.mode = mode;
    }

    static Optional<FollowMode> named(String word) {
        for (FollowChoice choice : values()) {
            if (choice.word.equals(word)) {
                return Optional.of(choice.mode);
            }
        }
        return Optional.empty();
    }
}
