package org.tiexec.protocol.wire;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.tiexec.protocol.plan.NamePattern;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.Selection;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.Step;

/** Sends messages, one JSON object a line. Not for use by several threads. */
public final class MessageWriter {
    private final OutputStream out;
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream(4096);

    /** Writes to {@code out}, which stays open. */
    public MessageWriter(OutputStream out) {
        this.out = out;
    }

    /**
     * Sends one message at once.
     *
     * @throws IOException if the peer is gone
     */
    public void send(Message message) throws IOException {
        add(message);
        flush();
    }

    /**
     * Sends a whole plan in one write.
     *
     * @throws IOException if the peer is gone
     */
    public void send(Plan plan) throws IOException {
        add(new Message.PlanStart(plan.header()));
        for (Step step : plan.steps()) {
            add(new Message.PlanStep(step));
        }
        add(new Message.PlanEnd(plan.steps().size()));
        flush();
    }

    private void add(Message message) throws IOException {
        try (JsonGenerator json = JsonObject.FACTORY.createGenerator(lines, JsonEncoding.UTF8)) {
            json.writeStartObject();
            message.match(new Fields(json));
            json.writeEndObject();
        }
        lines.write('\n');
    }

    private void flush() throws IOException {
        lines.writeTo(out);
        lines.reset();
        out.flush();
    }

    /** Writes each message's fields. */
    private static final class Fields implements Message.Cases<JsonGenerator, IOException> {
        private final JsonGenerator json;

        Fields(JsonGenerator json) {
            this.json = json;
        }

        @Override
        public JsonGenerator hello(Message.Hello message) throws IOException {
            type("hello");
            json.writeNumberField("version", message.version());
            json.writeNumberField("pid", message.pid());
            return json;
        }

        @Override
        public JsonGenerator start(Message.Start message) throws IOException {
            Settings settings = message.settings();
            type("start");
            json.writeNumberField("version", message.version());
            json.writeNumberField("pid", message.pid());
            json.writeStringField("purpose", settings.purpose().wireName());
            json.writeStringField("targets", settings.targets().wireName());
            json.writeStringField("strategy", settings.strategy().wireName());
            json.writeStringField("backing", settings.backing().wireName());
            json.writeStringField("method", settings.method().wireName());
            selection(settings.selection());
            return json;
        }

        private void selection(Selection selection) throws IOException {
            if (!selection.libraries().isEmpty()) {
                json.writeArrayFieldStart("libraries");
                for (NamePattern pattern : selection.libraries()) {
                    json.writeString(pattern.text());
                }
                json.writeEndArray();
            }
            if (selection.maxPages().isPresent()) {
                json.writeNumberField("maxPages", selection.maxPages().get());
            }
        }

        @Override
        public JsonGenerator declined(Message.Declined message) throws IOException {
            type("declined");
            json.writeBooleanField("nothingToDo", message.nothingToDo());
            json.writeStringField("reason", message.reason());
            return json;
        }

        @Override
        public JsonGenerator plan(Message.PlanStart message) throws IOException {
            new PlanWriter(json).header(message.header());
            return json;
        }

        @Override
        public JsonGenerator step(Message.PlanStep message) throws IOException {
            new PlanWriter(json).step(message.step());
            return json;
        }

        @Override
        public JsonGenerator end(Message.PlanEnd message) throws IOException {
            type("end");
            json.writeNumberField("steps", message.steps());
            return json;
        }

        @Override
        public JsonGenerator task(Message.Task message) throws IOException {
            type("do");
            json.writeStringField("id", message.step().text());
            json.writeStringField("to", message.to().toString());
            return json;
        }

        @Override
        public JsonGenerator done(Message.TaskDone message) throws IOException {
            type("done");
            json.writeStringField("id", message.step().text());
            return message.result().match(new StepResultWriter(json));
        }

        @Override
        public JsonGenerator digest(Message.DigestRequest message) throws IOException {
            type("digest");
            json.writeStringField("region", message.region().text());
            return json;
        }

        @Override
        public JsonGenerator digested(Message.Digested message) throws IOException {
            type("digested");
            json.writeStringField("region", message.region().text());
            json.writeStringField("sha256", message.sha256());
            return json;
        }

        @Override
        public JsonGenerator undigested(Message.Undigested message) throws IOException {
            type("undigested");
            json.writeStringField("region", message.region().text());
            json.writeStringField("reason", message.reason());
            return json;
        }

        private void type(String type) throws IOException {
            json.writeStringField("type", type);
        }
    }
}
