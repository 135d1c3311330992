package org.tiexec.tracer.signal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.tracer.sys.SignalInfo;

class ForwardingTest {
    private static final int SI_USER = 0;
    private static final int SI_KERNEL = 0x80;
    private static final int SIGALRM = 14;
    private static final int SIGCHLD = 17;
    private static final int SIGXCPU = 24;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 6, 10, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 34, 64})
    void whatAnyoneSendsIsFetchedAndConcernsTheProgram(int number) {
        assertThat(Forwarding.FETCHED & 1L << (number - 1)).isNotZero();
        assertThat(Forwarding.concernsTheProgram(SignalInfo.of(number, SI_USER, 100, 0, 0)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 7, 8, 9, 11, 19, 32, 33})
    void whatTheJvmTheKernelOrTheLibraryLivesOnIsNotFetched(int number) {
        assertThat(Forwarding.FETCHED & 1L << (number - 1)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void whatTheKernelTellsOfOurChildrenIsOurs(int code) {
        assertThat(Forwarding.concernsTheProgram(SignalInfo.of(SIGCHLD, code, 100, 0, 0)))
                .isFalse();
    }

    @Test
    void anAlarmThatWasSetBeforeWeWereStartedIsTheProgramsAndOurProcessorTimeIsOurs() {
        assertThat(Forwarding.concernsTheProgram(SignalInfo.of(SIGALRM, SI_KERNEL, 0, 0, 0)))
                .isTrue();
        assertThat(Forwarding.concernsTheProgram(SignalInfo.of(SIGXCPU, SI_KERNEL, 0, 0, 0)))
                .isFalse();
    }
}
