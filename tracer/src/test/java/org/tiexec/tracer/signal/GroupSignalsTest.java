package org.tiexec.tracer.signal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tiexec.tracer.sys.SignalInfo;

class GroupSignalsTest {
    private static final int SI_USER = 0;
    private static final int SI_QUEUE = -1;
    private static final boolean MORE_WAIT = true;
    private static final boolean NONE_WAITS = false;

    private static final SignalInfo TERM = SignalInfo.of(15, SI_USER, 100, 0, 0);
    private static final SignalInfo TERM_OF_ANOTHER = SignalInfo.of(15, SI_USER, 200, 0, 0);
    private static final SignalInfo WINCH = SignalInfo.of(28, SI_USER, 100, 0, 0);
    private static final SignalInfo PAYLOAD = SignalInfo.of(35, SI_QUEUE, 100, 0, 7);
    private static final SignalInfo OTHER_PAYLOAD = SignalInfo.of(35, SI_QUEUE, 100, 0, 8);

    private final GroupSignals group = new GroupSignals(List.of());

    @Test
    void whatTheWitnessHasNotSeenIsNotOfTheGroup() {
        assertThat(group.claim(TERM, NONE_WAITS)).isFalse();
    }

    @Test
    void eachCopyCountsOnce() {
        group.add(List.of(TERM));
        assertThat(group.claim(TERM, NONE_WAITS)).isTrue();
        assertThat(group.claim(TERM, NONE_WAITS)).isFalse();
    }

    @Test
    void realTimeSignalsOfOneNumberAreCountedOneByOne() {
        group.add(List.of(PAYLOAD, PAYLOAD));
        assertThat(group.claim(PAYLOAD, MORE_WAIT)).isTrue();
        assertThat(group.claim(PAYLOAD, MORE_WAIT)).isTrue();
        assertThat(group.claim(PAYLOAD, NONE_WAITS)).isFalse();
    }

    @Test
    void theSameNumberWithAnotherPayloadIsAnotherSignal() {
        group.add(List.of(PAYLOAD));
        assertThat(group.claim(OTHER_PAYLOAD, MORE_WAIT)).isFalse();
        assertThat(group.claim(PAYLOAD, NONE_WAITS)).isTrue();
    }

    @Test
    void whatWasSeenOfOtherNumbersIsKeptUntilTheirOwnArrival() {
        group.add(List.of(TERM, WINCH));
        assertThat(group.claim(TERM, NONE_WAITS)).isTrue();
        assertThat(group.claim(WINCH, NONE_WAITS)).isTrue();
    }

    /** The first to come stays, the second of the same number is dropped while it waits: the group's copy never comes. */
    @Test
    void aCopyThatHasMergedWithASignalOfSomeoneElseIsForgotten() {
        group.add(List.of(TERM));
        assertThat(group.claim(TERM_OF_ANOTHER, NONE_WAITS)).isFalse();
        assertThat(group.claim(TERM, NONE_WAITS))
                .as("sent to this process alone, later")
                .isFalse();
    }

    @Test
    void aCopyThatStillWaitsIsNotForgotten() {
        group.add(List.of(TERM));
        assertThat(group.claim(TERM_OF_ANOTHER, MORE_WAIT)).isFalse();
        assertThat(group.claim(TERM, NONE_WAITS)).isTrue();
    }

    @Test
    void whatTheProgramHadBeforeTheWitnessCameIsOfTheGroup() {
        GroupSignals late = new GroupSignals(List.of(PAYLOAD));
        assertThat(late.claim(PAYLOAD, NONE_WAITS)).isTrue();
        assertThat(late.claim(PAYLOAD, NONE_WAITS)).isFalse();
    }

    @Test
    void whatBothHaveIsOneSignal() {
        GroupSignals overlapping = new GroupSignals(List.of(PAYLOAD, PAYLOAD));
        overlapping.add(List.of(PAYLOAD));
        assertThat(overlapping.claim(PAYLOAD, MORE_WAIT)).isTrue();
        assertThat(overlapping.claim(PAYLOAD, MORE_WAIT)).isTrue();
        assertThat(overlapping.claim(PAYLOAD, NONE_WAITS)).isFalse();
    }

    @Test
    void theTimeBeforeTheWitnessEndsOnceItsSignalsAreFetched() {
        GroupSignals late = new GroupSignals(List.of(TERM));
        late.forgetWhatWasBeforeTheWitness();
        assertThat(late.claim(TERM, NONE_WAITS)).isFalse();
    }
}
