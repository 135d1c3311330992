package org.tiexec.tracer.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;

class X8664LiveTest {
    private static final long EINTR = -4;
    private static final long EPOLL_WAIT = 232;
    private static final long CLOSE = 3;
    private static final int STACK = 0x7000_0000;

    private final X8664Live arch = new X8664Live();

    private static Registers registers(long rax, long origRax) {
        long[] words = new long[X8664Register.COUNT];
        for (int i = 0; i < words.length; i++) {
            words[i] = 0x1000L + i;
        }
        return new Registers(words)
                .with(X8664Register.RAX, rax)
                .with(X8664Register.ORIG_RAX, origRax)
                .with(X8664Register.RSP, STACK)
                .with(X8664Register.RIP, 0x401002);
    }

    @Test
    void aCallThatFailedBecauseOfTheStopIsRestartedByTheKernelUnlessAHandlerRuns() {
        Registers home = arch.nativeHome(registers(EINTR, EPOLL_WAIT));
        assertThat(home.word(X8664Register.RAX)).isEqualTo(-514);
        assertThat(home.word(X8664Register.ORIG_RAX)).isEqualTo(EPOLL_WAIT);
    }

    @Test
    void anErrorOfACallThatMustNotBeMadeTwiceStays() {
        Registers stopped = registers(EINTR, CLOSE);
        assertThat(arch.nativeHome(stopped).words()).isEqualTo(stopped.words());
    }

    @Test
    void aRegisterThatHoldsTheNumberOfAnErrorOutsideACallStays() {
        Registers stopped = registers(EINTR, -1);
        assertThat(arch.nativeHome(stopped).words()).isEqualTo(stopped.words());
        assertThat(arch.isToBeMadeAgain(stopped)).isFalse();
    }

    @ParameterizedTest(name = "call {0} with third argument {1}: {2}")
    @CsvSource({
        "202, 0, RESTARTS",
        "232, 0, FAILS",
        "220, 0, FAILS",
        "128, 0, FAILS",
        "1, 4096, RESTARTS",
        "1, 4097, CUT_SHORT",
        "1, -1, CUT_SHORT",
        "47, 0, MAY_FAIL",
        "47, 256, CUT_SHORT",
        "40, 0, CUT_SHORT"
    })
    void aCallIsJudgedByItsNumberAndArguments(long number, long third, Interruption expected) {
        assertThat(arch.interruption(number, 0, 0, third, 0, 0, 0)).isEqualTo(expected);
    }

    @Test
    void aRingThatHasTakenSomethingInIsCutShort() {
        assertThat(arch.interruption(426, 5, 1, 1, 0, 0, 0)).isEqualTo(Interruption.CUT_SHORT);
        assertThat(arch.interruption(426, 5, 0, 1, 0, 0, 0)).isEqualTo(Interruption.FAILS);
    }

    @Test
    void aTimeoutIsRoundedUpToMilliseconds() {
        Registers stopped = registers(EINTR, EPOLL_WAIT).with(X8664Register.R10, 1500);
        assertThat(arch.timeoutInRegister(stopped)).contains(Duration.ofMillis(1500));
        assertThat(arch.withTimeout(stopped, Duration.ofNanos(2_000_001)).word(X8664Register.R10))
                .isEqualTo(3);
        assertThat(arch.withTimeout(stopped, Duration.ZERO).word(X8664Register.R10))
                .isZero();
        assertThat(arch.timeoutInRegister(stopped.with(X8664Register.R10, 0xffff_ffffL)))
                .isEmpty();
    }

    @Test
    void theStubLoadsWhatItsDataHolds() {
        byte[] code = arch.stubCode();
        assertThat(code).hasSize(2 + 9 * 7 + 6).startsWith(0x0f, 0x05);
        ByteBuffer words = ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN);
        for (int load = 0; load < 9; load++) {
            int end = 2 + (load + 1) * 7;
            assertThat(end + words.getInt(end - 4)).isEqualTo((int) PageSize.BASE + load * 8);
        }
        assertThat(code.length + words.getInt(code.length - 4)).isEqualTo((int) PageSize.BASE + 72);

        ByteBuffer data = ByteBuffer.wrap(arch.stubData(registers(-512, 0))).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(data.getLong(0)).as("rax: the call").isZero();
        assertThat(data.getLong(72)).as("rip: before the call").isEqualTo(0x401000);
        assertThat(data.getLong(8)).as("rcx").isEqualTo(0x1000 + X8664Register.RCX);
        assertThat(data.getLong(64)).as("r11").isEqualTo(0x1000 + X8664Register.R11);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "0f05c3, 0",
        "900f0531d231c931f631ff4531dbc3, 1",
        // the stack pointer is cleared, something else follows, the code ends
        "0f0531e4c3, -1",
        "0f054883c430c3, -1",
        "0f0531d2, -1"
    })
    void aSystemCallBeforeAReturnIsFound(String hex, int at) {
        byte[] code = HexFormat.of().parseHex(hex);
        assertThat(arch.callThenReturn(code).orElse(-1)).isEqualTo(at);
    }

    @ParameterizedTest
    @CsvSource({"9048c7c00f0000000f05, 1", "b80f0000000f05, 0", "b80e0000000f05, -1"})
    void aReturnFromASignalIsFound(String hex, int at) {
        assertThat(arch.signalReturn(HexFormat.of().parseHex(hex)).orElse(-1)).isEqualTo(at);
    }

    @Test
    void aFrameLiesBelowTheRedZoneWithTheStateWhereTheProcessorWantsIt() {
        byte[] state = new byte[832];
        state[464] = 7;
        SignalFrame frame =
                arch.signalFrame(registers(-516, 230), new Address(STACK), new Address(0x5555), 0x4000, state);
        ByteBuffer words = ByteBuffer.wrap(frame.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(frame.place().bits() + words.capacity()).isLessThanOrEqualTo(STACK - 128);
        assertThat(words.getLong(0)).as("return address").isEqualTo(0x5555);
        assertThat(words.getLong(8)).as("flags").isEqualTo(7);
        int context = 8 + 40;
        assertThat(words.getLong(context + 13 * 8))
                .as("rax: the whole call again")
                .isEqualTo(230);
        assertThat(words.getLong(context + 15 * 8)).as("rsp").isEqualTo(STACK);
        assertThat(words.getLong(context + 16 * 8)).as("rip").isEqualTo(0x401000);
        long at = words.getLong(context + 184);
        assertThat(at % 64).isZero();
        assertThat(words.getLong(8 + 296)).as("mask").isEqualTo(0x4000);
        int inFrame = (int) (at - frame.place().bits());
        assertThat(words.getInt(inFrame + 464)).as("magic").isEqualTo(0x46505853);
        assertThat(words.getLong(inFrame + 472)).as("components").isEqualTo(7);
        assertThat(words.getInt(inFrame + 480)).as("size").isEqualTo(832);
        assertThat(words.getInt(inFrame + 832)).as("magic").isEqualTo(0x46505845);
        assertThat(words.capacity()).isLessThanOrEqualTo(arch.signalFrameBytes(state));
    }
}
