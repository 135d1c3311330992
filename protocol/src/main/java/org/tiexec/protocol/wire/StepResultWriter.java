package org.tiexec.protocol.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.outcome.StepResult;

/** Writes a step's result as fields of an object that the caller has opened. */
final class StepResultWriter implements StepResult.Cases<JsonGenerator, IOException> {
    private final JsonGenerator json;

    StepResultWriter(JsonGenerator json) {
        this.json = json;
    }

    @Override
    public JsonGenerator succeeded(StepResult.Succeeded result) throws IOException {
        json.writeStringField("result", Address.hex(result.value()));
        return json;
    }

    @Override
    public JsonGenerator failed(StepResult.Failed result) throws IOException {
        json.writeStringField("failed", result.errno().toString());
        json.writeNumberField("errno", result.errno().number());
        return json;
    }

    @Override
    public JsonGenerator refused(StepResult.Refused result) throws IOException {
        json.writeStringField("refused", result.reason());
        return json;
    }
}
