package org.tiexec.protocol.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import org.tiexec.protocol.abi.AbiConstant;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.plan.Arg;
import org.tiexec.protocol.plan.Call;
import org.tiexec.protocol.plan.HostFacts;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanHeader;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.Widened;

/** Writes headers and steps of plans as JSON fields into an object that the caller has opened. */
final class PlanWriter implements Step.Cases<JsonGenerator, IOException>, Arg.Cases<JsonGenerator, IOException> {
    private final JsonGenerator json;

    PlanWriter(JsonGenerator json) {
        this.json = json;
    }

    void header(PlanHeader header) throws IOException {
        json.writeStringField("type", "plan");
        json.writeNumberField("version", Plan.VERSION);
        json.writeNumberField("pid", header.pid());
        json.writeStringField("exe", header.exe());
        json.writeStringField("arch", header.arch());
        json.writeStringField("purpose", header.purpose().wireName());
        json.writeStringField("strategy", header.strategy().wireName());
        json.writeStringField("backing", header.backing().wireName());
        json.writeStringField("method", header.method().wireName());
        json.writeArrayFieldStart("regions");
        for (Region region : header.regions()) {
            json.writeStartObject();
            json.writeStringField("id", region.id().text());
            hex("start", region.range().start().bits());
            hex("length", region.range().length());
            hex("mappingStart", region.mapping().start().bits());
            hex("mappingLength", region.mapping().length());
            hex("fileOffset", region.fileOffset());
            json.writeStringField("protection", region.protection().toString());
            if (region.isWidened()) {
                widened(region);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        texts("notes", header.notes());
        host(header.host());
    }

    private void widened(Region region) throws IOException {
        json.writeArrayFieldStart("widened");
        for (Widened piece : region.widened()) {
            json.writeStartObject();
            hex("start", piece.range().start().bits());
            hex("length", piece.range().length());
            json.writeStringField("before", piece.before().wireName());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void host(HostFacts host) throws IOException {
        json.writeObjectFieldStart("host");
        json.writeStringField("kernel", host.kernelRelease());
        json.writeStringField("thp", host.thpMode());
        json.writeNumberField("hugePagesTotal", host.hugePagesTotal());
        json.writeNumberField("hugePagesFree", host.hugePagesFree());
        json.writeNumberField("hugePagesReserved", host.hugePagesReserved());
        json.writeNumberField("hugePagesOvercommit", host.hugePagesOvercommit());
        json.writeEndObject();
    }

    void step(Step step) throws IOException {
        json.writeStringField("type", "step");
        json.writeStringField("id", step.id().text());
        json.writeStringField("region", step.region().text());
        step.match(this);
    }

    @Override
    public JsonGenerator syscall(Step.SyscallStep step) throws IOException {
        json.writeStringField("do", "syscall");
        call(step.call());
        json.writeStringField("expect", step.expect().wireName());
        if (step.undo().isPresent()) {
            json.writeObjectFieldStart("undo");
            call(step.undo().get());
            json.writeEndObject();
        }
        json.writeStringField("why", step.why());
        return json;
    }

    @Override
    public JsonGenerator helper(Step.HelperStep step) throws IOException {
        json.writeStringField("do", step.task().wireName());
        json.writeFieldName("to");
        step.to().match(this);
        return json;
    }

    private void call(Call call) throws IOException {
        json.writeStringField("call", call.name().wireName());
        json.writeArrayFieldStart("args");
        for (Arg arg : call.args()) {
            arg.match(this);
        }
        json.writeEndArray();
    }

    @Override
    public JsonGenerator hex(Arg.Hex arg) throws IOException {
        json.writeString(Address.hex(arg.bits()));
        return json;
    }

    @Override
    public JsonGenerator number(Arg.Number arg) throws IOException {
        json.writeNumber(arg.value());
        return json;
    }

    @Override
    public JsonGenerator symbols(Arg.Symbols arg) throws IOException {
        StringBuilder text = new StringBuilder();
        for (AbiConstant constant : arg.constants()) {
            text.append(text.length() == 0 ? "" : "|").append(constant.name());
        }
        json.writeString(text.toString());
        return json;
    }

    @Override
    public JsonGenerator resultOf(Arg.ResultOf arg) throws IOException {
        json.writeStartObject();
        json.writeStringField("result", arg.step().text());
        json.writeEndObject();
        return json;
    }

    void hex(String field, long bits) throws IOException {
        json.writeStringField(field, Address.hex(bits));
    }

    void texts(String field, List<String> texts) throws IOException {
        json.writeArrayFieldStart(field);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }
}
