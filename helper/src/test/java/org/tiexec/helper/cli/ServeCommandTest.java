package org.tiexec.helper.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tiexec.helper.proc.OwnProcess;
import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.helper.sys.NativeMemory;
import org.tiexec.helper.testing.ElfImage;
import org.tiexec.helper.testing.FakeRoot;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanHeader;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.wire.Message;
import org.tiexec.protocol.wire.MessageReader;
import org.tiexec.protocol.wire.MessageWriter;

/**
 * Conversations in which this JVM is tracer, helper and target at once.
 *
 * <p>A fake /proc presents blocks of native memory as code of the target; what is copied is copied for real.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ServeCommandTest {
    private static final int CODE_BYTES = 9 << 20;
    private static final int INODE = 7;

    private final NativeCalls calls = NativeCalls.bind();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final List<Integer> exitStatus = new ArrayList<>();
    private final PipedOutputStream toHelper = new PipedOutputStream();
    private final PipedInputStream fromHelper = new PipedInputStream(1 << 20);
    private final MessageWriter writer = new MessageWriter(toHelper);
    private final MessageReader reader = new MessageReader(fromHelper);

    @TempDir
    private Path directory = Path.of("");

    private int pid;
    private Thread helper = new Thread();

    @BeforeEach
    void startHelper() throws Exception {
        pid = OwnProcess.id(new File("/"));
        FakeRoot.running(directory, "6.18.44")
                .thp("always [madvise] never")
                .pool(16, 16, 0, 0, 0)
                .file("proc/self/stat", pid + " (java) S 1 1 1\n");
        PipedInputStream in = new PipedInputStream(toHelper);
        PipedOutputStream out = new PipedOutputStream(fromHelper);
        helper = new Thread(() -> {
            PrintStream lines = new PrintStream(errors, true, UTF_8);
            exitStatus.add(new ServeCommand(directory.toFile(), in, out, lines).run());
            try {
                out.close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        helper.start();
    }

    @AfterEach
    void hangUp() throws Exception {
        toHelper.close();
        helper.join();
    }

    @Test
    void saysHelloAndEndsWhenTheTracerHangsUp() throws Exception {
        assertThat(receive()).isEqualTo(new Message.Hello(Message.PROTOCOL_VERSION, pid));
        assertEnd(0, "");
    }

    @Test
    void plansFillsAndDigests() throws Exception {
        byte[] content = random(1);
        try (NativeMemory code = target(content);
                NativeMemory stage = calls.allocate(CODE_BYTES)) {
            assertThat(receive()).isInstanceOf(Message.Hello.class);
            Plan plan = start(MethodChoice.STAGED_SWAP);
            Region region = plan.header().regions().get(0);
            int offset = offset(region, code);
            int bytes = (int) region.range().length();
            assertThat(bytes).isGreaterThanOrEqualTo(3 << 21);

            writer.send(new Message.Task(new StepId("s2"), stage.start()));
            assertThat(receive()).isEqualTo(new Message.TaskDone(new StepId("s2"), new StepResult.Succeeded(bytes)));
            byte[] copy = new byte[bytes];
            stage.copyTo(copy, bytes);
            byte[] expected = Arrays.copyOfRange(content, offset, offset + bytes);
            assertThat(copy).isEqualTo(expected);

            writer.send(new Message.DigestRequest(new RegionId("r1")));
            assertThat(receive()).isEqualTo(new Message.Digested(new RegionId("r1"), sha256(expected)));
            assertEnd(0, "");
        }
    }

    @Test
    void takesASnapshotForASwapInPlace() throws Exception {
        byte[] content = random(2);
        try (NativeMemory code = target(content)) {
            assertThat(receive()).isInstanceOf(Message.Hello.class);
            Plan plan = start(MethodChoice.IN_PLACE);
            Region region = plan.header().regions().get(0);
            StepResult done = new StepResult.Succeeded(region.range().length());
            for (Step step : plan.steps()) {
                if (step instanceof Step.HelperStep task) {
                    if (!task.task().wireName().equals("snapshot")) {
                        code.set(new byte[CODE_BYTES]);
                    }
                    if (task.task().wireName().equals("verify")) {
                        code.set(content);
                    }
                    writer.send(new Message.Task(task.id(), region.range().start()));
                    assertThat(receive()).isEqualTo(new Message.TaskDone(task.id(), done));
                }
            }
            assertEnd(0, "");
        }
    }

    @Test
    void answersARefusedWriteWithItsErrno() throws Exception {
        try (NativeMemory code = target(random(3))) {
            assertThat(code.length()).isEqualTo(CODE_BYTES);
            assertThat(receive()).isInstanceOf(Message.Hello.class);
            start(MethodChoice.STAGED_SWAP);
            writer.send(new Message.Task(new StepId("s2"), new Address(0x1000)));
            assertThat(receive())
                    .isEqualTo(new Message.TaskDone(new StepId("s2"), new StepResult.Failed(Errno.EFAULT)));
            assertEnd(0, "");
        }
    }

    @Test
    void replacesThePlanWhenItIsAskedAgain() throws Exception {
        try (NativeMemory code = target(random(4))) {
            assertThat(code.length()).isEqualTo(CODE_BYTES);
            assertThat(receive()).isInstanceOf(Message.Hello.class);
            assertThat(start(MethodChoice.AUTO).header().backing()).isEqualTo(BackingName.HUGETLB);
            writer.send(new Message.Start(
                    1, pid, new Settings(StrategyName.CONSERVATIVE, BackingChoice.THP, MethodChoice.AUTO)));
            assertThat(receivePlan().header().backing()).isEqualTo(BackingName.THP);
            assertEnd(0, "");
        }
    }

    @Test
    void digestsTheExecutableOnceTheProcessIsGone() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        byte[] content = new byte[8 << 20];
        new Random(5).nextBytes(content);
        byte[] headers = ElfImage.executable()
                .load(ElfImage.READ_EXECUTE, 0x100000, 0x400000, 0x600000, PageSize.BASE)
                .bytes();
        System.arraycopy(headers, 0, content, 0, headers.length);
        Path exe = Files.write(directory.resolve("program"), content);
        new FakeRoot(directory)
                .process(
                        gone.pid(),
                        "00400000-00a00000 r-xp 00100000 08:01 7 /program\n".getBytes(UTF_8),
                        auxv(0x400040),
                        exe.toString());
        assertThat(receive()).isInstanceOf(Message.Hello.class);
        writer.send(new Message.Start(1, (int) gone.pid(), Settings.DEFAULT));
        receivePlan();
        writer.send(new Message.DigestRequest(new RegionId("r1")));
        assertThat(receive())
                .isEqualTo(new Message.Digested(
                        new RegionId("r1"), sha256(Arrays.copyOfRange(content, 0x100000, 0x700000))));
        assertEnd(0, "");
    }

    @Test
    void saysWhyThereIsNoDigest() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        FakeRoot root = new FakeRoot(directory);
        String executable = root.executable("truncated");
        root.process(
                gone.pid(),
                "00400000-00a00000 r-xp 00100000 08:01 7 /program\n".getBytes(UTF_8),
                auxv(0x400040),
                executable);
        assertThat(receive()).isInstanceOf(Message.Hello.class);
        writer.send(new Message.Start(1, (int) gone.pid(), Settings.DEFAULT));
        receivePlan();
        Files.write(Path.of(executable), new byte[] {1});
        writer.send(new Message.DigestRequest(new RegionId("r1")));
        Message.Undigested undigested = (Message.Undigested) receive();
        assertThat(undigested.region()).isEqualTo(new RegionId("r1"));
        assertThat(undigested.reason()).contains("the executable cannot be read");
        assertEnd(0, "");
    }

    @Test
    void declinesForAProcessThatIsGone() throws Exception {
        assertThat(receive()).isInstanceOf(Message.Hello.class);
        writer.send(new Message.Start(1, 99999, Settings.DEFAULT));
        assertThat(receive()).isEqualTo(new Message.Declined(false, "there is no process 99999"));
        assertEnd(0, "");
    }

    @Test
    void declinesWhereThereIsNothingToDo() throws Exception {
        new FakeRoot(directory)
                .process(
                        4242,
                        "00400000-00500000 r-xp 00000000 08:01 7 /small\n".getBytes(UTF_8),
                        auxv(0x400040),
                        "/small");
        assertThat(receive()).isInstanceOf(Message.Hello.class);
        writer.send(new Message.Start(1, 4242, Settings.DEFAULT));
        assertThat(receive())
                .isEqualTo(new Message.Declined(
                        true,
                        "nothing to do: no mapping of the executable has 2 MB of aligned code (largest: 1.0 MB)"));
        assertEnd(0, "");
    }

    @Test
    void endsWithOneLineWhenTheTracerSpeaksAnotherVersion() throws Exception {
        assertThat(receive()).isInstanceOf(Message.Hello.class);
        writer.send(new Message.Start(2, 1, Settings.DEFAULT));
        assertEnd(
                1,
                "helper: the tracer speaks version 2 of the protocol, this helper version 1:"
                        + " install both from one build\n");
    }

    @Test
    void endsWithOneLineWhenItIsSentGarbage() throws Exception {
        assertThat(receive()).isInstanceOf(Message.Hello.class);
        toHelper.write("GET / HTTP/1.1\n".getBytes(UTF_8));
        toHelper.flush();
        assertEnd(1, "helper: not JSON: GET / HTTP/1.1\n");
    }

    @Test
    void endsWithOneLineWhenItIsAskedForAStepThatIsNotItsOwn() throws Exception {
        try (NativeMemory code = target(random(6))) {
            assertThat(code.length()).isEqualTo(CODE_BYTES);
            assertThat(receive()).isInstanceOf(Message.Hello.class);
            start(MethodChoice.STAGED_SWAP);
            writer.send(new Message.Task(new StepId("s1"), new Address(0x1000)));
            assertEnd(1, "helper: the plan has no helper step s1\n");
        }
    }

    @Test
    void endsWithOneLineWhenItIsAskedToWorkWithoutAPlan() throws Exception {
        assertThat(receive()).isInstanceOf(Message.Hello.class);
        writer.send(new Message.DigestRequest(new RegionId("r1")));
        assertEnd(1, "helper: the tracer sent \"digest\" without having been given a plan\n");
    }

    @Test
    void endsWithOneLineWhenItHearsItsOwnWords() throws Exception {
        assertThat(receive()).isInstanceOf(Message.Hello.class);
        writer.send(new Message.Hello(1, 1));
        assertEnd(1, "helper: the tracer sent \"hello\", which only a helper sends\n");
    }

    @Test
    void endsBeforeItSaysHelloWhereMemoryCannotBeCopied() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        FakeRoot root = new FakeRoot(directory.resolve("other")).file("proc/self/stat", gone.pid() + " (java) S\n");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        int status = new ServeCommand(
                        root.file(), new ByteArrayInputStream(new byte[0]), out, new PrintStream(lines, true, UTF_8))
                .run();
        assertThat(status).isEqualTo(1);
        assertThat(out.size()).isZero();
        assertThat(lines.toString(UTF_8))
                .isEqualTo("helper: memory cannot be copied between processes here:"
                        + " a trial within this process failed: ESRCH (No such process)\n");
        assertThat(receive()).isInstanceOf(Message.Hello.class);
        assertEnd(0, "");
    }

    /** Presents a block with this content as the code of this process. */
    private NativeMemory target(byte[] content) throws Exception {
        NativeMemory code = calls.allocate(CODE_BYTES);
        code.set(content);
        long start = code.start().bits();
        String maps = Long.toHexString(start) + "-" + Long.toHexString(start + CODE_BYTES) + " r-xp 00000000 08:01 "
                + INODE + " /program\n";
        FakeRoot root = new FakeRoot(directory);
        root.process(pid, maps.getBytes(UTF_8), auxv(start + 64), root.executable("program"));
        return code;
    }

    private static byte[] auxv(long programHeaders) {
        return ByteBuffer.allocate(32)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(3)
                .putLong(programHeaders)
                .array();
    }

    private Plan start(MethodChoice method) throws Exception {
        writer.send(new Message.Start(1, pid, new Settings(StrategyName.CONSERVATIVE, BackingChoice.AUTO, method)));
        return receivePlan();
    }

    private Plan receivePlan() throws Exception {
        PlanHeader header = ((Message.PlanStart) receive()).header();
        List<Step> steps = new ArrayList<>();
        Message message = receive();
        while (message instanceof Message.PlanStep step) {
            steps.add(step.step());
            message = receive();
        }
        assertThat(message).isEqualTo(new Message.PlanEnd(steps.size()));
        return new Plan(header, steps);
    }

    private Message receive() throws Exception {
        return reader.next().orElseThrow(() -> new IllegalStateException("the helper has hung up: " + errors));
    }

    private void assertEnd(int status, String lines) throws Exception {
        toHelper.close();
        helper.join();
        assertThat(reader.next()).isEmpty();
        assertThat(errors.toString(UTF_8)).isEqualTo(lines);
        assertThat(exitStatus).containsExactly(status);
    }

    private static int offset(Region region, NativeMemory code) {
        assertThat(region.range().isAligned(PageSize.HUGE)).isTrue();
        return (int) region.range().start().distanceFrom(code.start());
    }

    private static byte[] random(long seed) {
        byte[] content = new byte[CODE_BYTES];
        new Random(seed).nextBytes(content);
        return content;
    }

    private static String sha256(byte[] content) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }
}
