package org.tiexec.protocol.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.NamePattern;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.SamplePlans;
import org.tiexec.protocol.plan.Selection;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Targets;

/** Messages of every type with every kind of content. */
final class SampleMessages {
    private static final String DIGEST = "0123456789abcdef".repeat(4);

    private SampleMessages() {}

    static List<Message> all() {
        List<Message> messages = new ArrayList<>();
        messages.add(new Message.Hello(Message.PROTOCOL_VERSION, 4711));
        messages.add(new Message.Hello(0, 0));
        messages.add(new Message.Hello(Integer.MAX_VALUE, Integer.MAX_VALUE));
        for (StrategyName strategy : StrategyName.values()) {
            for (BackingChoice backing : BackingChoice.values()) {
                for (MethodChoice method : MethodChoice.values()) {
                    messages.add(new Message.Start(1, SamplePlans.PID, new Settings(strategy, backing, method)));
                }
            }
        }
        for (Targets targets : Targets.values()) {
            messages.add(new Message.Start(
                    1, SamplePlans.PID, Settings.attach(targets, StrategyName.CONSERVATIVE, BackingChoice.AUTO)));
        }
        messages.add(new Message.Start(
                1,
                SamplePlans.PID,
                Settings.DEFAULT
                        .withTargets(Targets.ALL)
                        .withSelection(new Selection(
                                List.of(new NamePattern("libLLVM*"), new NamePattern("[a-z]\u00e9 \"?")),
                                Optional.of(512)))));
        messages.add(new Message.Start(1, SamplePlans.PID, Settings.undo()));
        messages.add(new Message.Declined(true, "no aligned code in /usr/bin/true"));
        messages.add(new Message.Declined(false, "quote \" backslash \\ newline \n tab \t \u00e9 \ud83d\udc0c \u0000"));
        for (Plan plan : SamplePlans.all()) {
            messages.add(new Message.PlanStart(plan.header()));
            for (Step step : plan.steps()) {
                messages.add(new Message.PlanStep(step));
            }
            messages.add(new Message.PlanEnd(plan.steps().size()));
        }
        messages.add(new Message.PlanEnd(0));
        StepId step = new StepId("s-1_A");
        for (String address : List.of("0x0", "0x40000000", "0xffffffffffffffff")) {
            messages.add(new Message.Task(step, Address.parse(address)));
        }
        for (long value : new long[] {0, 1, 0x1800000, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
            messages.add(new Message.TaskDone(step, new StepResult.Succeeded(value)));
        }
        for (int number : new int[] {1, 12, 40, 41, Errno.MAX}) {
            messages.add(new Message.TaskDone(step, new StepResult.Failed(new Errno(number))));
        }
        messages.add(new Message.TaskDone(step, new StepResult.Refused("")));
        messages.add(new Message.TaskDone(step, new StepResult.Refused("byte 0x1234 differs")));
        messages.add(new Message.DigestRequest(new RegionId("r1")));
        messages.add(new Message.Digested(new RegionId("r1"), DIGEST));
        messages.add(new Message.Undigested(new RegionId("r1"), ""));
        messages.add(new Message.Undigested(new RegionId("r1"), "the executable cannot be read: Input/output error"));
        return messages;
    }

    /** The lines of all samples, without newlines. */
    static List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Message message : all()) {
            lines.add(line(message));
        }
        return lines;
    }

    /** What MessageWriter makes of one message, without the newline. */
    static String line(Message message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            new MessageWriter(out).send(message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString(UTF_8).stripTrailing();
    }

    static Message parse(String line) throws ProtocolException {
        return MessageReader.parse(line.getBytes(UTF_8));
    }
}
