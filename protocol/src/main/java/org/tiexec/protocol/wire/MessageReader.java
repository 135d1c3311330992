package org.tiexec.protocol.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.NamePattern;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Selection;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Targets;

/** Receives messages, one JSON object a line. Not for use by several threads. */
public final class MessageReader {
    /** Longer lines are refused, in bytes. */
    public static final int MAX_LINE = 1 << 20;

    /** Longer plans are refused, in bytes from their first line on: whoever executes one holds all of it. */
    public static final int MAX_PLAN = 4 << 20;

    private final InputStream in;
    private final byte[] buffer = new byte[8192];
    private int start;
    private int end;
    private long planBytes;

    /** Reads from {@code in}, which stays open; may read ahead. */
    public MessageReader(InputStream in) {
        this.in = in;
    }

    /**
     * Waits for the next message.
     *
     * @return the message, or empty once the peer has closed its end between two lines
     * @throws ProtocolException if the line is not a message of a known type, or the plan that it belongs to is too long
     * @throws IOException if reading fails
     */
    public Optional<Message> next() throws ProtocolException, IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        while (true) {
            int newline = start;
            while (newline < end && buffer[newline] != '\n') {
                newline++;
            }
            if (newline - start > MAX_LINE - line.size()) {
                throw new ProtocolException("a line is longer than " + MAX_LINE + " bytes");
            }
            line.write(buffer, start, newline - start);
            if (newline < end) {
                start = newline + 1;
                return Optional.of(counted(parse(line.toByteArray()), line.size()));
            }
            start = 0;
            end = Math.max(0, in.read(buffer));
            if (end == 0) {
                return endOfStream(line.size());
            }
        }
    }

    private Message counted(Message message, int bytes) throws ProtocolException {
        if (message instanceof Message.PlanStep) {
            planBytes += bytes;
        } else {
            planBytes = bytes;
        }
        if (planBytes > MAX_PLAN) {
            throw new ProtocolException("a plan is longer than " + MAX_PLAN + " bytes");
        }
        return message;
    }

    private static Optional<Message> endOfStream(int bytesOfLine) throws ProtocolException {
        if (bytesOfLine > 0) {
            throw new ProtocolException("the stream ends within a line");
        }
        return Optional.empty();
    }

    /**
     * Reads one line.
     *
     * @param utf8 the line without its newline
     * @throws ProtocolException if it is not a message of a known type
     */
    public static Message parse(byte[] utf8) throws ProtocolException {
        JsonObject json = JsonObject.parse(utf8);
        String type = json.text("type");
        return switch (type) {
            case "hello" -> new Message.Hello(json.smallNumber("version"), json.smallNumber("pid"));
            case "start" -> new Message.Start(json.smallNumber("version"), json.smallNumber("pid"), settings(json));
            case "declined" -> new Message.Declined(json.flag("nothingToDo"), json.text("reason"));
            case "plan" -> new Message.PlanStart(PlanReader.header(json));
            case "step" -> new Message.PlanStep(PlanReader.step(json));
            case "end" -> new Message.PlanEnd(json.smallNumber("steps"));
            case "do" -> new Message.Task(PlanReader.stepId(json, "id"), json.address("to"));
            case "done" -> new Message.TaskDone(PlanReader.stepId(json, "id"), result(json));
            case "digest" -> new Message.DigestRequest(PlanReader.regionId(json, "region"));
            case "digested" -> new Message.Digested(PlanReader.regionId(json, "region"), sha256(json));
            case "undigested" -> new Message.Undigested(PlanReader.regionId(json, "region"), json.text("reason"));
            default -> throw json.wrong("type", "unknown message type");
        };
    }

    private static Settings settings(JsonObject json) throws ProtocolException {
        Purpose purpose = PlanReader.purpose(json);
        Targets targets = json.has("targets")
                ? PlanReader.known(json, "targets", Targets.named(json.text("targets")))
                : Settings.defaultTargets(purpose);
        StrategyName strategy = PlanReader.known(json, "strategy", StrategyName.named(json.text("strategy")));
        BackingChoice backing = PlanReader.known(json, "backing", BackingChoice.named(json.text("backing")));
        MethodChoice method = PlanReader.known(json, "method", MethodChoice.named(json.text("method")));
        Selection selection = selection(json);
        try {
            return new Settings(purpose, targets, strategy, backing, method, selection);
        } catch (IllegalArgumentException e) {
            throw json.wrong("purpose", String.valueOf(e.getMessage()));
        }
    }

    private static Selection selection(JsonObject json) throws ProtocolException {
        if (!json.has("libraries") && !json.has("maxPages")) {
            return Selection.ALL;
        }
        List<NamePattern> libraries = new ArrayList<>();
        try {
            if (json.has("libraries")) {
                for (String pattern : json.texts("libraries")) {
                    libraries.add(new NamePattern(pattern));
                }
            }
        } catch (IllegalArgumentException e) {
            throw json.wrong("libraries", String.valueOf(e.getMessage()));
        }
        try {
            return new Selection(
                    libraries, json.has("maxPages") ? Optional.of(json.smallNumber("maxPages")) : Optional.empty());
        } catch (IllegalArgumentException e) {
            throw json.wrong("maxPages", String.valueOf(e.getMessage()));
        }
    }

    private static StepResult result(JsonObject json) throws ProtocolException {
        if (json.has("failed")) {
            json.text("failed"); // the name is for people, the number counts
            int number = json.smallNumber("errno");
            if (number < 1 || number > Errno.MAX) {
                throw json.wrong("errno", "out of range");
            }
            return new StepResult.Failed(new Errno(number));
        }
        if (json.has("refused")) {
            return new StepResult.Refused(json.text("refused"));
        }
        return new StepResult.Succeeded(json.hex("result"));
    }

    private static String sha256(JsonObject json) throws ProtocolException {
        String digest = json.text("sha256");
        boolean good = digest.length() == 64;
        for (int i = 0; good && i < digest.length(); i++) {
            char c = digest.charAt(i);
            good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        }
        if (!good) {
            throw json.wrong("sha256", "not 64 lower-case hexadecimal digits");
        }
        return digest;
    }
}
