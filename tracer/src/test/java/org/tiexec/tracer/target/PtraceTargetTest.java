package org.tiexec.tracer.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.tracer.arch.X8664;
import org.tiexec.tracer.remote.RemoteExec;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.Processes;

/** A real process keeps the contract, too. */
class PtraceTargetTest extends TargetContract {
    private final NativeLibrary library = NativeLibrary.load();
    private final Processes processes = new Processes(library);
    private PtraceTarget stub;

    @BeforeEach
    void startAStub() throws Exception {
        stub = PtraceTarget.seize(library, processes, Stub.spawn(processes));
    }

    @AfterEach
    void endIt() {
        if (Files.exists(Path.of("/proc/" + stub.pid()))) {
            stub.kill();
        }
    }

    @Override
    Target target() {
        return stub;
    }

    @Test
    void aStubBecomesTheProgramWithArgumentsAndEnvironmentOfOurs() throws Exception {
        RemoteExec exec = new RemoteExec(stub, new X8664());
        Optional<Errno> refused = exec.tryPath(
                bytes("/bin/sleep"), List.of(bytes("other name"), bytes("11")), List.of(bytes("a.b=\u00e9")));
        assertThat(refused).isEmpty();
        assertThat(stub.procFile("cmdline")).isEqualTo(bytes("other name\00011\000"));
        assertThat(stub.procFile("environ")).isEqualTo(bytes("a.b=\u00e9\000"));
    }

    @Test
    void aRefusedExecveNamesTheReasonAndTheNextOneMayWork() throws Exception {
        RemoteExec exec = new RemoteExec(stub, new X8664());
        assertThat(exec.tryPath(bytes("/nowhere"), List.of(bytes("x")), List.of()))
                .contains(Errno.ENOENT);
        assertThat(exec.tryPath(bytes("/etc"), List.of(bytes("x")), List.of())).contains(Errno.EACCES);
        assertThat(exec.tryPath(bytes("/bin/true"), List.of(bytes("true")), List.of()))
                .isEmpty();
        stub.setSignalMask(0);
        stub.detach();
        assertThat(WaitStatus.decode(processes.await(stub.pid(), Processes.WAIT_ALL)))
                .isEqualTo(new WaitStatus.Exited(0));
    }

    @Test
    void aSignalThatComesWhileItIsHeldIsDeliveredOnceItIsLetGo() throws Exception {
        RemoteExec exec = new RemoteExec(stub, new X8664());
        assertThat(exec.tryPath(bytes("/bin/sleep"), List.of(bytes("sleep"), bytes("11")), List.of()))
                .isEmpty();
        processes.kill(stub.pid(), 15);
        stub.setSignalMask(0);
        stub.detach();
        assertThat(WaitStatus.decode(processes.await(stub.pid(), Processes.WAIT_ALL)))
                .isEqualTo(new WaitStatus.Killed(15, false));
    }

    @Test
    void aStopThatComesWhileItIsHeldStopsItOnceItIsLetGo() throws Exception {
        stopWhileItRunsToItsFirstCall();
        stub.detach();
        assertThat(WaitStatus.decode(processes.await(stub.pid(), Processes.WAIT_ALL | Processes.WAIT_STOPPED)))
                .isEqualTo(new WaitStatus.Stopped(19));
    }

    @Test
    void aStopThatIsTakenBackWhileItIsHeldDoesNotStopIt() throws Exception {
        stopWhileItRunsToItsFirstCall();
        processes.kill(stub.pid(), 18);
        stub.detach();
        processes.kill(stub.pid(), 15);
        assertThat(WaitStatus.decode(processes.await(stub.pid(), Processes.WAIT_ALL | Processes.WAIT_STOPPED)))
                .isEqualTo(new WaitStatus.Killed(15, false));
    }

    private void stopWhileItRunsToItsFirstCall() throws Exception {
        RemoteExec exec = new RemoteExec(stub, new X8664());
        assertThat(exec.tryPath(bytes("/bin/sleep"), List.of(bytes("sleep"), bytes("11")), List.of()))
                .isEmpty();
        processes.kill(stub.pid(), 19);
        stub.runToSyscallStop();
        stub.setSignalMask(-1L & ~(1L << 14));
    }

    @Test
    void justTheSignalsThatAreAskedForAreIgnored() throws Exception {
        RemoteExec exec = new RemoteExec(stub, new X8664());
        exec.ignoreSignals(1L << 12 | 1L << 10);
        assertThat(exec.tryPath(bytes("/bin/sleep"), List.of(bytes("sleep"), bytes("11")), List.of()))
                .isEmpty();
        assertThat(new String(stub.procFile("status"), StandardCharsets.UTF_8)).contains("SigIgn:\t0000000000001400");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
