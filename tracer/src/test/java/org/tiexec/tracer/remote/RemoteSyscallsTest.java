package org.tiexec.tracer.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.tracer.arch.X8664;
import org.tiexec.tracer.target.FakeMemory;
import org.tiexec.tracer.target.FakeTarget;

class RemoteSyscallsTest {
    private static final int ENOMEM = -12;

    private final FakeTarget target = new FakeTarget(new FakeMemory(0));
    private final X8664 arch = new X8664();

    @ParameterizedTest
    @CsvSource({
        "0, -12, 'no scratch page in process 4242: ENOMEM'",
        "1, -13, 'process 4242 may not make memory executable (mprotect: EACCES)'",
        "1, 1, 'process 4242 may not make memory executable (mprotect: answered 0x1)'"
    })
    void aTargetThatCannotBeMadeReadyIsAsItWas(int call, long answer, String reason) {
        byte[] maps = target.procFile("maps");
        long mask = target.signalMask();
        long[] registers = arch.restoring(target.registers()).words();
        target.fail(call, answer);

        assertThatThrownBy(() -> RemoteSyscalls.open(target, arch))
                .isInstanceOf(IOException.class)
                .hasMessage(reason);

        assertThat(target.procFile("maps")).isEqualTo(maps);
        assertThat(target.signalMask()).isEqualTo(mask);
        assertThat(target.registers().words()).isEqualTo(registers);
        assertThat(target.diesWithTracer()).isFalse();
    }

    @Test
    void aScratchPageThatStaysBehindIsToldOf() throws Exception {
        RemoteSyscalls calls = RemoteSyscalls.open(target, arch);
        try (calls) {
            target.fail(0, ENOMEM);
        }

        assertThat(calls.remains())
                .hasValueSatisfying(told -> assertThat(told)
                        .matches("the scratch page at 0x[0-9a-f]+ could not be removed from process 4242: ENOMEM"));
        assertThat(target.diesWithTracer()).isFalse();
    }
}
