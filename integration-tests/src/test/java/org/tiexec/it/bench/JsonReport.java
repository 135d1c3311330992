package org.tiexec.it.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;

/** All results with every single measurement, as one JSON document. */
final class JsonReport {
    private JsonReport() {}

    static String of(Machine machine, List<Section> sections) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeObjectFieldStart("machine");
            for (var fact : machine.facts().entrySet()) {
                json.writeStringField(fact.getKey(), fact.getValue());
            }
            json.writeEndObject();
            json.writeArrayFieldStart("sections");
            for (Section section : sections) {
                write(json, section);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return text.append('\n').toString();
    }

    private static void write(JsonGenerator json, Section section) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", section.name());
        json.writeStringField("title", section.title());
        json.writeArrayFieldStart("rows");
        for (Row row : section.rows()) {
            json.writeStartObject();
            json.writeStringField("label", row.label());
            if (!row.remark().isEmpty()) {
                json.writeStringField(row.figures().isEmpty() ? "skipped" : "remark", row.remark());
            }
            json.writeObjectFieldStart("figures");
            for (Figure figure : row.figures()) {
                json.writeFieldName(figure.name());
                write(json, figure);
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("notes");
        for (String note : section.notes()) {
            json.writeString(note);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Figure figure) throws IOException {
        Sample sample = figure.sample();
        Interval interval = sample.medianInterval();
        json.writeStartObject();
        json.writeStringField("unit", figure.unit().symbol());
        json.writeNumberField("median", sample.median());
        json.writeNumberField("intervalLow", interval.low());
        json.writeNumberField("intervalHigh", interval.high());
        json.writeNumberField("intervalCoverage", interval.coverage());
        json.writeNumberField("min", sample.min());
        json.writeNumberField("lowerQuartile", sample.quantile(0.25));
        json.writeNumberField("upperQuartile", sample.quantile(0.75));
        json.writeNumberField("max", sample.max());
        json.writeArrayFieldStart("values");
        for (double value : sample.values()) {
            json.writeNumber(value);
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
