package org.tiexec.protocol.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tiexec.protocol.Fuzz;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanHeader;
import org.tiexec.protocol.plan.PlanRejectedException;
import org.tiexec.protocol.plan.PlanValidator;
import org.tiexec.protocol.plan.SamplePlans;
import org.tiexec.protocol.plan.Step;

/** A broken or hostile peer gets a ProtocolException or a PlanRejectedException, never anything else. */
final class WireFuzzTest {
    private static final int INPUTS = Fuzz.inputs(40_000);
    private static final int PLANS = Fuzz.inputs(20_000);

    private static final List<String> TOKENS = List.of(
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"",
            "\\",
            "\\u0000",
            "\\ud800",
            "null",
            "true",
            "false",
            "0",
            "-1",
            "1e9",
            "1e999999999",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "0.1",
            "\"\"",
            "{}",
            "[]",
            "0x",
            "0x0",
            "0xffffffffffffffff",
            "0x8000000000000000",
            "\"type\":",
            "\"hello\"",
            "\"step\"",
            "\"plan\"",
            "\"undo\":",
            "\"args\":",
            "\"result\":",
            "\"failed\":",
            "\"refused\":",
            "\"do\":",
            "\"syscall\"",
            "PROT_WRITE",
            "|",
            "MAP_FIXED",
            "MREMAP_DONTUNMAP",
            "mmap",
            "munmap",
            "rwx",
            "\u00e9",
            "\ud83d\udc0c",
            "\ufeff",
            "\n",
            "\r",
            "\u0000");

    private static List<byte[]> samples() {
        List<byte[]> samples = new ArrayList<>();
        for (String line : SampleMessages.lines()) {
            samples.add(line.getBytes(UTF_8));
        }
        return samples;
    }

    @Test
    void anyLineIsAMessageThatCanBeSentAgainOrAProtocolException() {
        Fuzz fuzz = new Fuzz(samples(), TOKENS);
        int accepted = 0;
        for (byte[] line : Fuzz.corpus("wire.txt")) {
            fuzz.tries(line, WireFuzzTest::isAccepted);
        }
        for (int i = 0; i < INPUTS; i++) {
            byte[] line = fuzz.next();
            accepted += fuzz.tries(line, WireFuzzTest::isAccepted) ? 1 : 0;
        }
        assertThat(accepted).isBetween(INPUTS / 100, INPUTS * 9 / 10);
    }

    private static boolean isAccepted(byte[] line) {
        Message message;
        try {
            message = MessageReader.parse(line);
        } catch (ProtocolException e) {
            assertThat(e.getMessage()).isNotEmpty().hasSizeLessThan(70_000);
            return false;
        }
        try {
            assertThat(SampleMessages.parse(SampleMessages.line(message))).isEqualTo(message);
        } catch (ProtocolException e) {
            fail("not read again: " + message, e);
        }
        return true;
    }

    @Test
    void anyPlanIsAcceptedOrRejected() {
        Fuzz fuzz = new Fuzz(samples(), TOKENS);
        List<Plan> plans = SamplePlans.all();
        int accepted = 0;
        for (int i = 0; i < PLANS; i++) {
            Plan plan = plans.get(fuzz.number(plans.size()));
            byte[] line = fuzz.next();
            accepted += fuzz.tries(line, input -> isValid(plan, input, fuzz)) ? 1 : 0;
        }
        assertThat(accepted).isLessThan(PLANS);
    }

    private static boolean isValid(Plan plan, byte[] line, Fuzz fuzz) {
        PlanHeader header = plan.header();
        List<Step> steps = new ArrayList<>(plan.steps());
        try {
            Message message = MessageReader.parse(line);
            if (message instanceof Message.PlanStart start) {
                header = start.header();
            } else if (message instanceof Message.PlanStep step) {
                steps.set(fuzz.number(steps.size()), step.step());
            }
            PlanValidator.validate(new Plan(header, steps), SamplePlans.PID, SamplePlans.MAPPINGS);
            return true;
        } catch (ProtocolException | PlanRejectedException e) {
            return false;
        }
    }
}
