package org.tiexec.protocol.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanHeader;
import org.tiexec.protocol.plan.SamplePlans;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;

final class MessageRoundTripTest {
    static Stream<Message> messages() {
        return SampleMessages.all().stream();
    }

    static Stream<Plan> plans() {
        return SamplePlans.all().stream();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aMessageArrivesAsItWasSent(Message message) throws ProtocolException, IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new MessageWriter(out).send(message);
        assertThat(out.toString(UTF_8))
                .endsWith("}\n")
                .startsWith("{\"type\":\"")
                .hasLineCount(1);

        MessageReader reader = new MessageReader(new ByteArrayInputStream(out.toByteArray()));
        assertThat(reader.next()).contains(message);
        assertThat(reader.next()).isEmpty();
        assertThat(reader.next()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("plans")
    void aWholePlanArrivesAsItWasSent(Plan plan) throws ProtocolException, IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new MessageWriter(out).send(plan);

        MessageReader reader = new MessageReader(new ByteArrayInputStream(out.toByteArray()));
        PlanHeader header = ((Message.PlanStart) reader.next().orElseThrow()).header();
        List<Step> steps = new ArrayList<>();
        Message message = reader.next().orElseThrow();
        while (message instanceof Message.PlanStep step) {
            steps.add(step.step());
            message = reader.next().orElseThrow();
        }
        assertThat(message).isEqualTo(new Message.PlanEnd(plan.steps().size()));
        assertThat(reader.next()).isEmpty();
        assertThat(new Plan(header, steps)).isEqualTo(plan);
    }

    @Test
    void aPlanIsSentInOneWrite() throws IOException {
        List<Integer> writes = new ArrayList<>();
        OutputStream out = new OutputStream() {
            @Override
            public void write(int b) {
                writes.add(1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                writes.add(length);
            }
        };
        new MessageWriter(out).send(SamplePlans.all().get(0));
        assertThat(writes).hasSize(1);
    }

    @Test
    void linesAreWrittenAsTheDesignShowsThem() {
        Plan plan = SamplePlans.all().get(0);
        assertThat(SampleMessages.line(new Message.PlanStart(plan.header())))
                .isEqualTo(
                        "{\"type\":\"plan\",\"version\":1,\"pid\":4242,\"exe\":\"/usr/bin/sample\",\"arch\":\"x86_64\","
                                + "\"purpose\":\"launch\",\"strategy\":\"conservative\",\"backing\":\"hugetlb\","
                                + "\"method\":\"staged-swap\",\"regions\":["
                                + "{\"id\":\"r1\",\"start\":\"0x600000\",\"length\":\"0x600000\",\"mappingStart\":\"0x5ff000\","
                                + "\"mappingLength\":\"0x611000\",\"fileOffset\":\"0x200000\",\"protection\":\"r-x\"}],"
                                + "\"notes\":[\"head and tail stay file-backed: 17 \u00d7 4 KiB\"],"
                                + "\"host\":{\"kernel\":\"6.18.44\",\"thp\":\"madvise\",\"hugePagesTotal\":64,"
                                + "\"hugePagesFree\":12,\"hugePagesReserved\":2,\"hugePagesOvercommit\":0}}");
        assertThat(plan.steps().stream()
                        .map(step -> SampleMessages.line(new Message.PlanStep(step)))
                        .toList())
                .containsExactly(
                        "{\"type\":\"step\",\"id\":\"r1-stage\",\"region\":\"r1\",\"do\":\"syscall\",\"call\":\"mmap\","
                                + "\"args\":[\"0x10000600000\",\"0x600000\",\"PROT_READ|PROT_WRITE\","
                                + "\"MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|MAP_HUGE_2MB\",-1,0],\"expect\":\"address\","
                                + "\"undo\":{\"call\":\"munmap\",\"args\":[{\"result\":\"r1-stage\"},\"0x600000\"]},"
                                + "\"why\":\"test r1-stage\"}",
                        "{\"type\":\"step\",\"id\":\"r1-fill\",\"region\":\"r1\",\"do\":\"fill\","
                                + "\"to\":{\"result\":\"r1-stage\"}}",
                        "{\"type\":\"step\",\"id\":\"r1-protect\",\"region\":\"r1\",\"do\":\"syscall\","
                                + "\"call\":\"mprotect\",\"args\":[{\"result\":\"r1-stage\"},\"0x600000\","
                                + "\"PROT_READ|PROT_EXEC\"],\"expect\":\"zero\",\"why\":\"test r1-protect\"}",
                        "{\"type\":\"step\",\"id\":\"r1-park\",\"region\":\"r1\",\"do\":\"syscall\","
                                + "\"call\":\"mremap\",\"args\":[\"0x600000\",\"0x600000\",\"0x600000\","
                                + "\"MREMAP_MAYMOVE|MREMAP_DONTUNMAP\",\"0x20000600000\"],\"expect\":\"address\","
                                + "\"undo\":{\"call\":\"mremap\",\"args\":[{\"result\":\"r1-park\"},\"0x600000\","
                                + "\"0x600000\",\"MREMAP_MAYMOVE|MREMAP_FIXED\",\"0x600000\"]},"
                                + "\"why\":\"test r1-park\"}",
                        "{\"type\":\"step\",\"id\":\"r1-swap\",\"region\":\"r1\",\"do\":\"syscall\","
                                + "\"call\":\"mremap\",\"args\":[{\"result\":\"r1-stage\"},\"0x600000\",\"0x600000\","
                                + "\"MREMAP_MAYMOVE|MREMAP_FIXED\",\"0x600000\"],\"expect\":\"0x600000\","
                                + "\"why\":\"test r1-swap\"}",
                        "{\"type\":\"step\",\"id\":\"r1-drop\",\"region\":\"r1\",\"do\":\"syscall\","
                                + "\"call\":\"munmap\",\"args\":[{\"result\":\"r1-park\"},\"0x600000\"],"
                                + "\"expect\":\"zero\",\"why\":\"test r1-drop\"}");
        assertThat(SampleMessages.line(new Message.Hello(1, 7)))
                .isEqualTo("{\"type\":\"hello\",\"version\":1,\"pid\":7}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud83d", "\udc0c", "\ud83dx", "\udc0c\ud83d", "x\ud83d\ud83d\udc0c"})
    void halfASurrogatePairArrivesAsItWasSent(String reason) throws ProtocolException {
        Message message = new Message.TaskDone(new StepId("s1"), new StepResult.Refused(reason));
        assertThat(SampleMessages.parse(SampleMessages.line(message))).isEqualTo(message);
    }
}
