package org.tiexec.tracer.target;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WaitStatusTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 7, 42, 127, 255})
    void anExitCodeIsInTheSecondByte(int code) {
        assertThat(WaitStatus.decode(code << 8)).isEqualTo(new WaitStatus.Exited(code));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 6, 9, 11, 15, 34, 64})
    void aDeadlySignalIsInTheLowSevenBits(int signal) {
        assertThat(WaitStatus.decode(signal)).isEqualTo(new WaitStatus.Killed(signal, false));
        assertThat(WaitStatus.decode(signal | 0x80)).isEqualTo(new WaitStatus.Killed(signal, true));
    }

    @Test
    void aSyscallStopIsSigtrapWithBitSeven() {
        assertThat(WaitStatus.decode(0x857f)).isEqualTo(new WaitStatus.SyscallStop());
    }

    @Test
    void aPlainSigtrapIsASignalAndNoSyscallStop() {
        assertThat(WaitStatus.decode(0x057f)).isEqualTo(new WaitStatus.Stopped(5));
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 19, 28, 35})
    void anyOtherStopCarriesItsSignal(int signal) {
        assertThat(WaitStatus.decode(signal << 8 | 0x7f)).isEqualTo(new WaitStatus.Stopped(signal));
    }

    @Test
    void aContinuationIsNoStop() {
        assertThat(WaitStatus.decode(0xffff)).isEqualTo(new WaitStatus.Continued());
    }

    @Test
    void anExecEventIsInTheThirdByte() {
        assertThat(WaitStatus.decode(4 << 16 | 0x057f)).isEqualTo(new WaitStatus.Event(WaitStatus.Event.EXEC, 5));
    }

    @Test
    void anInterruptStopIsToldFromAGroupStopByItsSignal() {
        WaitStatus interrupt = WaitStatus.decode(128 << 16 | 0x057f);
        WaitStatus group = WaitStatus.decode(128 << 16 | 19 << 8 | 0x7f);
        assertThat(interrupt).isEqualTo(new WaitStatus.Event(WaitStatus.Event.STOP, 5));
        assertThat(((WaitStatus.Event) interrupt).isGroupStop()).isFalse();
        assertThat(((WaitStatus.Event) group).isGroupStop()).isTrue();
    }
}
