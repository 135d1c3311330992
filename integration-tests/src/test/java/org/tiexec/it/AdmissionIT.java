package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.StrangerProgram;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.tracer.arch.X8664Live;
import org.tiexec.tracer.remote.Admission;
import org.tiexec.tracer.remote.LiveCalls;
import org.tiexec.tracer.remote.Refusal;
import org.tiexec.tracer.remote.RefusedException;
import org.tiexec.tracer.remote.ThreadUnavailableException;
import org.tiexec.tracer.sys.NativeLibrary;
import org.tiexec.tracer.sys.Processes;
import org.tiexec.tracer.target.OpenedProcess;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;
import org.tiexec.tracer.target.WaitStatus;

/** Processes that cannot be worked on, or not any more, are left as they are, with a reason. */
@InLab
final class AdmissionIT {
    private static final int SIGKILL = 9;
    private static final int SIGTERM = 15;
    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;
    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final Duration LONG_PATIENCE = Duration.ofSeconds(10);

    private final NativeLibrary library = NativeLibrary.load();
    private final Processes processes = new Processes(library);
    private final X8664Live arch = new X8664Live();

    private OpenedProcess open(int pid) throws RefusedException {
        return new Admission(pid, Set.of(processes.ownPid()), arch, library).open(processes);
    }

    private void assertRefused(int pid, Refusal.Kind kind) {
        assertThatThrownBy(() -> open(pid)).isInstanceOfSatisfying(RefusedException.class, refused -> {
            System.out.println(refused.getMessage());
            assertThat(refused.refusal().kind()).isEqualTo(kind);
            assertThat(refused.getMessage()).contains(Integer.toString(pid));
        });
    }

    @Test
    void itself() {
        assertRefused(processes.ownPid(), Refusal.Kind.ITSELF);
    }

    @Test
    void oneThatIsNotThere() {
        assertRefused(Integer.MAX_VALUE, Refusal.Kind.NO_PROCESS);
    }

    @Test
    void aThreadOfTheKernel() throws Exception {
        assumeTrue(
                Files.readString(Path.of("/proc/2/comm")).equals("kthreadd\n"), "kernel threads cannot be seen here");
        assertRefused(2, Refusal.Kind.KERNEL_THREAD);
    }

    @Test
    void aThreadOfAProcess(Lab lab) throws Exception {
        try (StrangerProgram program = StrangerProgram.start(library, lab, Specimens.selfcheck());
                OpenedProcess opened = open(program.pid())) {
            assertRefused(opened.threads().get(1), Refusal.Kind.NO_PROCESS);
        }
    }

    @Test
    void aZombie(Lab lab) throws Exception {
        StrangerProgram program = StrangerProgram.start(library, lab, Specimens.selfcheck());
        program.signal(SIGKILL);
        Awaitility.await().until(() -> program.process().state() == 'Z');
        assertRefused(program.pid(), Refusal.Kind.ZOMBIE);
        assertThat(program.awaitEnd()).isEqualTo(new WaitStatus.Killed(SIGKILL, false));
    }

    @Test
    void a32BitProgram(Lab lab) throws Exception {
        try (StrangerProgram program = StrangerProgram.startUnready(library, lab, Specimens.waiting32())) {
            Path executable = Specimens.waiting32();
            Awaitility.await().until(() -> program.process().executable().equals(Optional.of(executable)));
            assertRefused(program.pid(), Refusal.Kind.FOREIGN_ARCHITECTURE);
        }
    }

    @Test
    void oneThatIsTraced(Lab lab) throws Exception {
        try (StrangerProgram program = StrangerProgram.start(library, lab, Specimens.selfcheck())) {
            PtraceTarget held = PtraceTarget.seizeGently(library, processes, program.pid());
            assertRefused(program.pid(), Refusal.Kind.TRACED);
            held.detach();
            assertIsRight(program);
        }
    }

    @Test
    void oneThatIsStopped(Lab lab) throws Exception {
        try (StrangerProgram program = StrangerProgram.start(library, lab, Specimens.selfcheck())) {
            program.signal(SIGSTOP);
            Awaitility.await().until(() -> program.process().state() == 'T');
            assertRefused(program.pid(), Refusal.Kind.STOPPED);
            assertThat(program.process().state()).isEqualTo('T');
            program.signal(SIGCONT);
            assertIsRight(program);
        }
    }

    @Test
    void oneThatIsStoppedWhileWorkIsDoneStaysStoppedAndGoesOnAfterwards(Lab lab) throws Exception {
        try (StrangerProgram program = StrangerProgram.start(library, lab, Specimens.selfcheck());
                OpenedProcess opened = open(program.pid())) {
            LiveCalls calls = LiveCalls.open(opened, arch, false, PATIENCE);
            program.signal(SIGSTOP);
            Awaitility.await().until(() -> program.process().state() == 'T');
            assertThatThrownBy(() -> calls.call(SyscallName.MUNMAP, 0, 4096))
                    .isInstanceOfSatisfying(
                            ThreadUnavailableException.class,
                            unavailable ->
                                    assertThat(unavailable.refusal().kind()).isEqualTo(Refusal.Kind.STOPPED));
            assertThat(program.process().state()).isEqualTo('T');
            program.signal(SIGCONT);
            assertThat(calls.call(SyscallName.MUNMAP, 0, 4096)).isZero();
            calls.close();
            assertThat(calls.leftBehind()).isEmpty();
            assertIsRight(program);
        }
    }

    @Test
    void oneThatIsStoppedWhileAThreadIsBorrowedStopsWhenItGoesHome(Lab lab) throws Exception {
        try (StrangerProgram program = StrangerProgram.start(library, lab, Specimens.selfcheck());
                OpenedProcess opened = open(program.pid())) {
            LiveCalls calls = LiveCalls.open(opened, arch, false, LONG_PATIENCE);
            assertThat(calls.call(SyscallName.MUNMAP, 0, 4096)).isZero();
            program.signal(SIGSTOP);
            program.signal(SIGCONT);
            assertThat(calls.call(SyscallName.MUNMAP, 0, 4096)).isZero();
            program.signal(SIGSTOP);
            calls.letRun();
            Awaitility.await().until(() -> program.process().state() == 'T');
            program.signal(SIGCONT);
            calls.close();
            assertThat(calls.leftBehind()).isEmpty();
            assertIsRight(program);
        }
    }

    @Test
    void oneThatIsFrozen(Lab lab) throws Exception {
        Path group = Path.of("/sys/fs/cgroup/freezer/tiexec-test-" + processes.ownPid());
        assumeTrue(Files.isWritable(group.getParent()), "no freezer of version 1 here");
        Files.createDirectory(group);
        try (StrangerProgram program = StrangerProgram.start(library, lab, Specimens.selfcheck())) {
            Files.writeString(group.resolve("cgroup.procs"), Integer.toString(program.pid()));
            try (OpenedProcess opened = open(program.pid())) {
                LiveCalls calls = LiveCalls.open(opened, arch, false, PATIENCE);
                freeze(group, "FROZEN");
                assertRefused(program.pid(), Refusal.Kind.FROZEN);
                assertThatThrownBy(() -> calls.call(SyscallName.MUNMAP, 0, 4096))
                        .isInstanceOf(ThreadUnavailableException.class);
                freeze(group, "THAWED");
                assertThat(calls.call(SyscallName.MUNMAP, 0, 4096)).isZero();
                calls.close();
                assertThat(calls.leftBehind()).isEmpty();
                assertIsRight(program);
            } finally {
                freeze(group, "THAWED");
            }
        } finally {
            Awaitility.await()
                    .until(() -> Files.readString(group.resolve("cgroup.procs")).isEmpty());
            Files.delete(group);
        }
    }

    private static void freeze(Path group, String state) throws IOException {
        Path file = group.resolve("freezer.state");
        Files.writeString(file, state);
        Awaitility.await().until(() -> Files.readString(file).trim().equals(state));
    }

    @Test
    void oneThatEndsWhileWorkIsDone(Lab lab) throws Exception {
        try (StrangerProgram program = StrangerProgram.start(library, lab, Specimens.selfcheck());
                OpenedProcess opened = open(program.pid())) {
            LiveCalls calls = LiveCalls.open(opened, arch, false, PATIENCE);
            assertThat(calls.call(SyscallName.MUNMAP, 0, 4096)).isZero();
            program.signal(SIGKILL);
            assertThatThrownBy(() -> calls.call(SyscallName.MUNMAP, 0, 4096)).isInstanceOf(TargetGoneException.class);
            assertThatThrownBy(calls::close).isInstanceOf(TargetGoneException.class);
        }
    }

    @Test
    void oneThatExecutesAnotherProgramWhileWorkIsDone(Lab lab) throws Exception {
        Path go = lab.fifo("go");
        try (StrangerProgram program = StrangerProgram.start(
                        library, lab, "sh", "-c", "echo ready; read line <\"$0\"; exec sleep 60", go);
                OpenedProcess opened = open(program.pid())) {
            LiveCalls calls = LiveCalls.open(opened, arch, false, PATIENCE);
            assertThat(calls.call(SyscallName.MUNMAP, 0, 4096)).isZero();
            calls.letRun();
            Files.writeString(go, "go\n");
            Awaitility.await().until(() -> program.process().commandLine().startsWith("sleep"));
            assertThatThrownBy(() -> calls.call(SyscallName.MUNMAP, 0, 4096))
                    .isInstanceOf(TargetGoneException.class)
                    .hasMessageContaining("executes another program");
            assertThat(program.hasEnded()).isFalse();
            assertThat(program.process().status("TracerPid")).isEqualTo("0");
        }
    }

    private static void assertIsRight(StrangerProgram program) {
        program.signal(SIGTERM);
        assertThat(program.awaitEnd()).isEqualTo(new WaitStatus.Exited(0));
        assertThat(program.output()).startsWith("ready\nwrong 0, rounds ");
    }
}
