package org.tiexec.tracer.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.tracer.program.Judgement;

class FollowingTest {
    private static final Optional<String> SMALL = Optional.of("it is small");

    private static Judgement.Promising byItsLibraries(String path) {
        return new Judgement.Promising(Path.of(path), SMALL);
    }

    private static Judgement.Promising byItself(String path) {
        return new Judgement.Promising(Path.of(path), Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, /bin/sh, false",
        "STARTERS, /bin/sh, true",
        "STARTERS, /usr/bin/cat, false",
        "EXEC, /usr/bin/env, true",
        "EXEC, /usr/bin/cat, false",
        "TREE, /usr/bin/bash, true",
        "TREE, /usr/bin/make, false",
    })
    void thoseOfStartersAreNotTheLibrariesThatAreMeant(FollowMode mode, String path, boolean isSeenThrough) {
        Following following = new Following(mode, List.of(), Optional.empty());

        assertThat(following.seesThrough(byItsLibraries(path))).isEqualTo(isSeenThrough);
        assertThat(following.seesThrough(byItself(path))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, /bin/sh, false, false",
        "STARTERS, /bin/sh, true, true",
        "STARTERS, /usr/bin/cat, false, false",
        "EXEC, /usr/bin/env, true, true",
        "EXEC, /usr/bin/cat, true, false",
        "TREE, /usr/bin/make, true, false",
    })
    void whoMayTurnOutToHaveNothingLeadsOn(FollowMode mode, String path, boolean byLibraries, boolean byOwnCode) {
        Following following = new Following(mode, List.of(), Optional.empty());

        assertThat(following.mayLeadOn(byItsLibraries(path))).isEqualTo(byLibraries);
        assertThat(following.mayLeadOn(byItself(path))).isEqualTo(byOwnCode);
    }
}
