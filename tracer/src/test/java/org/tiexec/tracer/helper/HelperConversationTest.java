package org.tiexec.tracer.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.outcome.Digest;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StepId;

class HelperConversationTest {
    private static final StepId S2 = new StepId("s2");

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    private HelperConversation saying(String lines) {
        return new HelperConversation(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)), sent);
    }

    @Test
    void aHelloIsUnderstood() throws Exception {
        assertThat(saying("{\"type\":\"hello\",\"version\":1,\"pid\":7}\n").awaitHello())
                .isEqualTo(7);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"hello\",\"version\":2,\"pid\":7}; speaks protocol version 2, not 1",
                "{\"type\":\"end\",\"steps\":0}; instead of hello",
                "Exception in thread main; protocol error: not JSON",
                "{\"type\":\"hello\",\"version\":1; protocol error",
                "{\"type\":\"greeting\"}; unknown message type",
            })
    void anythingElseIsAnErrorThatSaysWhatCame(String line, String reason) {
        assertThatThrownBy(() -> saying(line + "\n").awaitHello())
                .isInstanceOf(HelperFailedException.class)
                .hasMessageStartingWith("helper: ")
                .hasMessageContaining(reason);
    }

    @Test
    void aHelperThatEndsIsAnError() {
        assertThatThrownBy(() -> saying("").awaitHello()).hasMessageContaining("ended before it answered");
        assertThatThrownBy(() -> saying("{\"type\":\"he").awaitHello()).hasMessageContaining("ends within a line");
    }

    @Test
    void aRefusalToPlanIsAnAnswer() throws Exception {
        HelperConversation conversation =
                saying("{\"type\":\"declined\",\"nothingToDo\":true,\"reason\":\"too small\"}\n");
        conversation.requestPlan(42, Settings.DEFAULT);
        assertThat(conversation.awaitPlan()).isEqualTo(new PlanAnswer.Declined(true, "too small"));
        assertThat(sent.toString(StandardCharsets.UTF_8))
                .isEqualTo("{\"type\":\"start\",\"version\":1,\"pid\":42,\"purpose\":\"launch\",\"targets\":\"exe\","
                        + "\"strategy\":\"conservative\","
                        + "\"backing\":\"auto\",\"method\":\"auto\"}\n");
    }

    @Test
    void aPlanThatEndsWithTheWrongNumberOfStepsIsAnError() {
        String plan = "{\"type\":\"plan\",\"version\":1,\"pid\":42,\"exe\":\"/x\",\"arch\":\"x86_64\","
                + "\"strategy\":\"conservative\",\"backing\":\"thp\",\"method\":\"in-place\",\"regions\":[],\"notes\":[],"
                + "\"host\":{\"kernel\":\"6\",\"thp\":\"never\",\"hugePagesTotal\":0,\"hugePagesFree\":0,"
                + "\"hugePagesReserved\":0,\"hugePagesOvercommit\":0}}\n{\"type\":\"end\",\"steps\":1}\n";
        assertThatThrownBy(() -> saying(plan).awaitPlan()).hasMessageContaining("instead of end of 0 steps");
    }

    @Test
    void theResultOfAStepIsHandedOn() throws Exception {
        StepResult result = saying("{\"type\":\"done\",\"id\":\"s2\",\"result\":\"0x200000\"}\n")
                .perform(S2, new Address(0x1000));
        assertThat(result).isEqualTo(new StepResult.Succeeded(0x200000));
    }

    @Test
    void theResultOfAnotherStepIsAnError() {
        assertThatThrownBy(() -> saying("{\"type\":\"done\",\"id\":\"s9\",\"result\":\"0x200000\"}\n")
                        .perform(S2, new Address(0x1000)))
                .hasMessageContaining("instead of done s2");
    }

    @Test
    void theDigestOfAnotherRegionIsAnError() {
        String digest = "{\"type\":\"digested\",\"region\":\"r2\",\"sha256\":\"" + "0".repeat(64) + "\"}\n";
        assertThatThrownBy(() -> saying(digest).digest(new RegionId("r1"))).hasMessageContaining("digest of r1");
    }

    @Test
    void theReasonWhyThereIsNoDigestOfAnotherRegionIsAnError() {
        String reason = "{\"type\":\"undigested\",\"region\":\"r2\",\"reason\":\"gone\"}\n";
        assertThatThrownBy(() -> saying(reason).digest(new RegionId("r1"))).hasMessageContaining("digest of r1");
    }

    @Test
    void aDigestMayBeMissingForAReason() throws Exception {
        HelperConversation helper = saying("{\"type\":\"undigested\",\"region\":\"r1\",\"reason\":\"gone\"}\n");
        assertThat(helper.digest(new RegionId("r1"))).isEqualTo(new Digest.Missing("gone"));
        assertThat(helper.hasFailed()).isFalse();
    }

    @Test
    void aHelperThatNoLongerListensIsAnError() {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        HelperConversation conversation = new HelperConversation(new ByteArrayInputStream(new byte[0]), broken);
        assertThatThrownBy(() -> conversation.perform(S2, new Address(0))).hasMessage("helper: is gone (Broken pipe)");
    }
}
