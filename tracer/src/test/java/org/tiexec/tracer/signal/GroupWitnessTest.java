package org.tiexec.tracer.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.security.auth.module.UnixSystem;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tiexec.tracer.arch.InjectedCall;
import org.tiexec.tracer.arch.X8664;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.sys.SignalInfo;
import org.tiexec.tracer.sys.SysException;
import org.tiexec.tracer.target.Stub;

/** A real process as a witness. */
class GroupWitnessTest {
    private static final int SIGKILL = 9;
    private static final int SIGTERM = 15;
    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;
    private static final int SIGTSTP = 20;
    private static final int SIGWINCH = 28;
    private static final int SIGRTMIN = 34;

    private final NativeLibrary library = NativeLibrary.load();
    private final Processes processes = new Processes(library);
    private final int pid = Stub.spawnWithout(Set.of(), processes);
    private final GroupWitness witness =
            GroupWitness.seize(library, processes, pid).orElseThrow();
    private boolean gone;

    @AfterEach
    void endIt() {
        if (!gone) {
            processes.kill(pid, SIGKILL);
            processes.await(pid, Processes.WAIT_ALL);
        }
    }

    @Test
    void hasSeenNothingAtFirst() {
        assertThat(witness.takeSignals()).isEmpty();
    }

    @Test
    void seesWhatItIsSentWithTheSender() {
        processes.kill(pid, SIGWINCH);
        assertThat(witness.takeSignals()).containsExactly(sent(SIGWINCH));
    }

    @Test
    void seesPayloadsAndCountsRealTimeSignals() {
        List<SignalInfo> payloads = List.of(payload(1), payload(2), payload(2));
        for (SignalInfo payload : payloads) {
            processes.queue(new X8664().number(InjectedCall.RT_SIGQUEUEINFO), pid, payload);
        }
        assertThat(witness.takeSignals()).isEqualTo(payloads);
    }

    @Test
    void neitherDiesNorStopsNorRunsOfWhatItIsSent() {
        for (int round = 0; round < 3; round++) {
            processes.kill(pid, SIGTERM);
            processes.kill(pid, SIGSTOP);
            assertThat(witness.takeSignals()).containsExactly(sent(SIGTERM), sent(SIGSTOP));
            processes.kill(pid, SIGCONT);
            assertThat(witness.takeSignals()).containsExactly(sent(SIGCONT));
        }
    }

    @Test
    void aContinuationTakesTheStopsBeforeItAway() {
        processes.kill(pid, SIGTSTP);
        processes.kill(pid, SIGCONT);
        assertThat(witness.takeSignals()).containsExactly(sent(SIGCONT));
        processes.kill(pid, SIGCONT);
        processes.kill(pid, SIGTSTP);
        assertThat(witness.takeSignals()).containsExactly(sent(SIGTSTP));
    }

    @Test
    void whatWasTakenIsNotSeenAgain() {
        processes.kill(pid, SIGTERM);
        processes.kill(pid, SIGWINCH);
        assertThat(witness.takeSignals()).hasSize(2);
        assertThat(witness.takeSignals()).isEmpty();
    }

    @Test
    @Timeout(20)
    void itsEndIsFoundOut() {
        gone = true;
        processes.kill(pid, SIGKILL);
        assertThatThrownBy(this::takeUntilItIsGone).isInstanceOf(SysException.class);
    }

    private void takeUntilItIsGone() {
        while (true) {
            witness.takeSignals();
        }
    }

    private SignalInfo sent(int signal) {
        return SignalInfo.of(signal, 0, processes.ownPid(), ownUser(), 0);
    }

    private SignalInfo payload(long value) {
        return SignalInfo.of(SIGRTMIN + 1, -1, processes.ownPid(), ownUser(), value);
    }

    private static int ownUser() {
        return (int) new UnixSystem().getUid();
    }
}
