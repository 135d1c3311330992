package org.tiexec.protocol.wire;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.tiexec.protocol.outcome.Attempt;
import org.tiexec.protocol.outcome.Digest;
import org.tiexec.protocol.outcome.PageCounts;
import org.tiexec.protocol.outcome.Phase;
import org.tiexec.protocol.outcome.RegionOutcome;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.protocol.outcome.StepOutcome;
import org.tiexec.protocol.plan.Step;

/** Writes a report as the one JSON document that goes into the archive. */
public final class ReportWriter {
    /** The version of the document's form. */
    public static final int VERSION = 1;

    private final JsonGenerator json;
    private final PlanWriter plans;
    private final StepResultWriter results;

    private ReportWriter(JsonGenerator json) {
        this.json = json;
        this.plans = new PlanWriter(json);
        this.results = new StepResultWriter(json);
    }

    /** The document in UTF-8, ended by a newline. */
    public static byte[] toJson(RunReport report) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(8192);
        try {
            try (JsonGenerator json = JsonObject.FACTORY.createGenerator(bytes, JsonEncoding.UTF8)) {
                json.useDefaultPrettyPrinter();
                new ReportWriter(json).report(report);
            }
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory cannot fail", e);
        }
        bytes.write('\n');
        return bytes.toByteArray();
    }

    private void report(RunReport report) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "report");
        json.writeNumberField("version", VERSION);
        json.writeStringField("purpose", report.purpose().wireName());
        json.writeNumberField("pid", report.pid());
        json.writeStringField("program", report.program());
        json.writeStringField("outcome", report.outcome());
        plans.texts("notes", report.notes());
        plans.texts("noticed", report.noticed());
        json.writeArrayFieldStart("attempts");
        for (Attempt attempt : report.attempts()) {
            attempt(attempt);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("phases");
        for (Phase phase : report.phases()) {
            json.writeStartObject();
            json.writeStringField("name", phase.name());
            json.writeNumberField("nanos", phase.nanos());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeNumberField("stopNanos", report.stopNanos());
        json.writeArrayFieldStart("stops");
        for (long stop : report.stops()) {
            json.writeNumber(stop);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void attempt(Attempt attempt) throws IOException {
        json.writeStartObject();
        json.writeObjectFieldStart("plan");
        plans.header(attempt.plan().header());
        json.writeArrayFieldStart("steps");
        for (Step step : attempt.plan().steps()) {
            json.writeStartObject();
            plans.step(step);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
        outcomes("steps", attempt.steps());
        outcomes("undone", attempt.undone());
        json.writeArrayFieldStart("regions");
        for (RegionOutcome region : attempt.regions()) {
            region(region);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void outcomes(String field, List<StepOutcome> outcomes) throws IOException {
        json.writeArrayFieldStart(field);
        for (StepOutcome outcome : outcomes) {
            json.writeStartObject();
            json.writeStringField("id", outcome.step().text());
            outcome.result().match(results);
            json.writeNumberField("nanos", outcome.nanos());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void region(RegionOutcome region) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", region.region().text());
        json.writeStringField("file", region.file());
        json.writeBooleanField("swapped", region.isSwapped());
        if (region.failure().isPresent()) {
            json.writeStringField("failure", region.failure().get());
        }
        pages("before", region.before());
        pages("after", region.after());
        if (region.digest().isPresent()) {
            digest(region.digest().get());
        }
        json.writeEndObject();
    }

    private void digest(Digest digest) throws IOException {
        digest.match(new Digest.Cases<JsonGenerator, IOException>() {
            @Override
            public JsonGenerator sha256(Digest.Sha256 sha256) throws IOException {
                json.writeStringField("sha256", sha256.hex());
                return json;
            }

            @Override
            public JsonGenerator missing(Digest.Missing missing) throws IOException {
                json.writeStringField("undigested", missing.reason());
                return json;
            }
        });
    }

    private void pages(String field, PageCounts pages) throws IOException {
        json.writeObjectFieldStart(field);
        json.writeNumberField("pages4K", pages.base());
        json.writeNumberField("pages2M", pages.huge());
        json.writeEndObject();
    }
}
