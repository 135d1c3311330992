package org.tiexec.tracer.signal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tiexec.tracer.sys.SignalInfo;

class GroupSignalsTest {
    private static final int SI_USER = 0;
    private static final int SI_QUEUE = -1;

    private static final SignalInfo TERM = SignalInfo.of(15, SI_USER, 100, 0, 0);
    private static final SignalInfo TERM_OF_ANOTHER = SignalInfo.of(15, SI_USER, 200, 0, 0);
    private static final SignalInfo WINCH = SignalInfo.of(28, SI_USER, 100, 0, 0);
    private static final SignalInfo STOP = SignalInfo.of(20, 0x80, 0, 0, 0);
    private static final SignalInfo CONT = SignalInfo.of(18, SI_USER, 100, 0, 0);
    private static final SignalInfo PAYLOAD = SignalInfo.of(35, SI_QUEUE, 100, 0, 7);
    private static final SignalInfo OTHER_PAYLOAD = SignalInfo.of(35, SI_QUEUE, 100, 0, 8);

    private static boolean moreWait(int signal) {
        return signal > 0;
    }

    private static boolean noneWaits(int signal) {
        return signal <= 0;
    }

    private final GroupSignals group = new GroupSignals(List.of());

    @Test
    void whatTheWitnessHasNotSeenIsNotOfTheGroup() {
        assertThat(group.claim(TERM, GroupSignalsTest::noneWaits)).isFalse();
    }

    @Test
    void eachCopyCountsOnce() {
        group.add(List.of(TERM));
        assertThat(group.claim(TERM, GroupSignalsTest::noneWaits)).isTrue();
        assertThat(group.claim(TERM, GroupSignalsTest::noneWaits)).isFalse();
    }

    @Test
    void realTimeSignalsOfOneNumberAreCountedOneByOne() {
        group.add(List.of(PAYLOAD, PAYLOAD));
        assertThat(group.claim(PAYLOAD, GroupSignalsTest::moreWait)).isTrue();
        assertThat(group.claim(PAYLOAD, GroupSignalsTest::moreWait)).isTrue();
        assertThat(group.claim(PAYLOAD, GroupSignalsTest::noneWaits)).isFalse();
    }

    @Test
    void theSameNumberWithAnotherPayloadIsAnotherSignal() {
        group.add(List.of(PAYLOAD));
        assertThat(group.claim(OTHER_PAYLOAD, GroupSignalsTest::moreWait)).isFalse();
        assertThat(group.claim(PAYLOAD, GroupSignalsTest::noneWaits)).isTrue();
    }

    @Test
    void whatWasSeenOfOtherNumbersIsKeptUntilTheirOwnArrival() {
        group.add(List.of(TERM, WINCH));
        assertThat(group.claim(TERM, GroupSignalsTest::noneWaits)).isTrue();
        assertThat(group.claim(WINCH, GroupSignalsTest::noneWaits)).isTrue();
    }

    /** The first to come stays, the second of the same number is dropped while it waits: the group's copy never comes. */
    @Test
    void aCopyThatHasMergedWithASignalOfSomeoneElseIsForgotten() {
        group.add(List.of(TERM));
        assertThat(group.claim(TERM_OF_ANOTHER, GroupSignalsTest::noneWaits)).isFalse();
        assertThat(group.claim(TERM, GroupSignalsTest::noneWaits))
                .as("sent to this process alone, later")
                .isFalse();
    }

    @Test
    void aCopyThatStillWaitsIsNotForgotten() {
        group.add(List.of(TERM));
        assertThat(group.claim(TERM_OF_ANOTHER, GroupSignalsTest::moreWait)).isFalse();
        assertThat(group.claim(TERM, GroupSignalsTest::noneWaits)).isTrue();
    }

    @Test
    void whatTheProgramHadBeforeTheWitnessCameIsOfTheGroup() {
        GroupSignals late = new GroupSignals(List.of(PAYLOAD));
        assertThat(late.claim(PAYLOAD, GroupSignalsTest::noneWaits)).isTrue();
        assertThat(late.claim(PAYLOAD, GroupSignalsTest::noneWaits)).isFalse();
    }

    @Test
    void whatBothHaveIsOneSignal() {
        GroupSignals overlapping = new GroupSignals(List.of(PAYLOAD, PAYLOAD));
        overlapping.add(List.of(PAYLOAD));
        assertThat(overlapping.claim(PAYLOAD, GroupSignalsTest::moreWait)).isTrue();
        assertThat(overlapping.claim(PAYLOAD, GroupSignalsTest::moreWait)).isTrue();
        assertThat(overlapping.claim(PAYLOAD, GroupSignalsTest::noneWaits)).isFalse();
    }

    /** The kernel has taken the witness's copy of the one away when the other came. */
    @Test
    void aStopAndAContinuationOfTheGroupThatCrossedAreBothOfTheGroup() {
        group.add(List.of(CONT));
        assertThat(group.claim(STOP, signal -> signal == CONT.number())).isTrue();
        assertThat(group.claim(CONT, GroupSignalsTest::noneWaits)).isTrue();

        group.add(List.of(STOP));
        assertThat(group.claim(CONT, signal -> signal == STOP.number())).isTrue();
        assertThat(group.claim(STOP, GroupSignalsTest::noneWaits)).isTrue();
    }

    @Test
    void aStopOfThisProcessAloneIsNotOfTheGroupWhateverCameEarlier() {
        group.add(List.of(CONT, TERM));
        assertThat(group.claim(STOP, GroupSignalsTest::noneWaits)).isFalse();
        assertThat(group.claim(STOP, signal -> signal == TERM.number())).isFalse();
    }

    @Test
    void theTimeBeforeTheWitnessEndsOnceItsSignalsAreFetched() {
        GroupSignals late = new GroupSignals(List.of(TERM));
        late.forgetWhatWasBeforeTheWitness();
        assertThat(late.claim(TERM, GroupSignalsTest::noneWaits)).isFalse();
    }
}
