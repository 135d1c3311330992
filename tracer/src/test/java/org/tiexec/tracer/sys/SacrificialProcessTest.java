package org.tiexec.tracer.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.tracer.arch.InjectedCall;
import org.tiexec.tracer.arch.TrialCall;
import org.tiexec.tracer.arch.X8664;
import org.tiexec.tracer.target.WaitStatus;

/** Calls that are made for trial by a process of their own. */
final class SacrificialProcessTest {
    private static final int INIT = 1;
    private static final int SIGSEGV = 11;

    /** Where the trial's own file is mapped, which begins like a signal that came from {@code kill(2)}. */
    private static final long OWN_IMAGE = 0x400000;

    private final NativeLibrary library = NativeLibrary.load();
    private final X8664 arch = new X8664();

    @Test
    void exitWithZeroIfNoneWasRefused() {
        assertThat(run(harmless(), harmless(), harmless())).isEqualTo(new WaitStatus.Exited(0));
    }

    @Test
    void exitWithTheNumberOfTheFirstThatWasRefused() {
        assertThat(run(harmless(), refused(true), harmless(), refused(true))).isEqualTo(new WaitStatus.Exited(2));
    }

    @Test
    void goOnWhereARefusalDoesNotCount() {
        assertThat(run(harmless(), refused(false), harmless())).isEqualTo(new WaitStatus.Exited(0));
    }

    @Test
    void mayBeAsManyAsALaunchHasAndMore() {
        List<TrialCall> calls = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            calls.add(harmless());
        }
        calls.add(refused(true));

        assertThat(run(calls.toArray(TrialCall[]::new))).isEqualTo(new WaitStatus.Exited(201));
    }

    @Test
    void mayEndTheirProcess() {
        TrialCall exit = new TrialCall("exit_group", arch.number(InjectedCall.EXIT_GROUP), true, 9);
        TrialCall unmapping = new TrialCall("munmap", arch.number(SyscallName.MUNMAP), true, OWN_IMAGE, PageSize.BASE);

        assertThat(run(exit)).isEqualTo(new WaitStatus.Exited(9));
        assertThat(run(undumpable(), unmapping)).isEqualTo(new WaitStatus.Killed(SIGSEGV, false));
    }

    @Test
    void cannotBeMadeWhereNothingMayBeExecuted() {
        assertThat(process(List.of("/proc", "/nowhere")).run(arch.trialProgram(List.of(harmless()))))
                .isEqualTo(Optional.empty());
    }

    @Test
    void areMadeInTheNextDirectoryIfTheFirstWillNotDo() {
        assertThat(process(List.of("/proc", "/tmp"))
                        .run(arch.trialProgram(List.of(harmless())))
                        .map(WaitStatus::decode))
                .contains(new WaitStatus.Exited(0));
        assertThat(new File("/tmp").list()).noneMatch(name -> name.startsWith(".tiexec-trial-"));
    }

    private WaitStatus run(TrialCall... calls) {
        return WaitStatus.decode(
                process(List.of("/tmp")).run(arch.trialProgram(List.of(calls))).orElseThrow());
    }

    private SacrificialProcess process(List<String> directories) {
        return new SacrificialProcess(library, new Processes(library), directories);
    }

    private TrialCall undumpable() {
        return new TrialCall("prctl", arch.number(InjectedCall.PRCTL), true, 4, 0);
    }

    private TrialCall harmless() {
        return new TrialCall("close_range", arch.number(InjectedCall.CLOSE_RANGE), true, 0xffff_ffffL, 0xffff_ffffL);
    }

    /** Nobody may pretend to another process that a signal came from {@code kill(2)}, not even root. */
    private TrialCall refused(boolean counts) {
        return new TrialCall("rt_sigqueueinfo", arch.number(InjectedCall.RT_SIGQUEUEINFO), counts, INIT, 0, OWN_IMAGE);
    }
}
