package org.tiexec.protocol.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.AbiConstant;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;
import org.tiexec.protocol.plan.Arg;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.Call;
import org.tiexec.protocol.plan.Expectation;
import org.tiexec.protocol.plan.HelperTask;
import org.tiexec.protocol.plan.HostFacts;
import org.tiexec.protocol.plan.MethodName;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.PlanHeader;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Region;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Widened;

/** Reads what {@link PlanWriter} writes. */
final class PlanReader {
    private PlanReader() {}

    static PlanHeader header(JsonObject json) throws ProtocolException {
        if (json.number("version") != Plan.VERSION) {
            throw json.wrong("version", "plan version " + json.number("version") + " is not " + Plan.VERSION);
        }
        List<Region> regions = new ArrayList<>();
        for (JsonObject region : json.objects("regions")) {
            regions.add(region(region));
        }
        Purpose purpose = purpose(json);
        MethodName method = known(json, "method", MethodName.named(json.text("method")));
        try {
            return new PlanHeader(
                    json.smallNumber("pid"),
                    json.text("exe"),
                    json.text("arch"),
                    purpose,
                    known(json, "strategy", StrategyName.named(json.text("strategy"))),
                    known(json, "backing", BackingName.named(json.text("backing"))),
                    method,
                    regions,
                    json.texts("notes"),
                    host(json.object("host")));
        } catch (IllegalArgumentException e) {
            throw json.wrong("method", String.valueOf(e.getMessage()));
        }
    }

    /** What a request or a plan is for: a launch where it does not say, as before there was anything else. */
    static Purpose purpose(JsonObject json) throws ProtocolException {
        return json.has("purpose") ? known(json, "purpose", Purpose.named(json.text("purpose"))) : Purpose.LAUNCH;
    }

    private static HostFacts host(JsonObject json) throws ProtocolException {
        return new HostFacts(
                json.text("kernel"),
                json.text("thp"),
                json.count("hugePagesTotal"),
                json.count("hugePagesFree"),
                json.count("hugePagesReserved"),
                json.count("hugePagesOvercommit"));
    }

    private static Region region(JsonObject json) throws ProtocolException {
        RegionId id = regionId(json, "id");
        AddressRange range = range(json, "start", "length");
        AddressRange mapping = range(json, "mappingStart", "mappingLength");
        long fileOffset = json.hex("fileOffset");
        Protection protection = protection(json);
        try {
            return json.has("widened")
                    ? new Region(id, range, mapping, fileOffset, protection, widened(json))
                    : new Region(id, range, mapping, fileOffset, protection);
        } catch (IllegalArgumentException e) {
            throw json.wrong("start", String.valueOf(e.getMessage()));
        }
    }

    private static List<Widened> widened(JsonObject json) throws ProtocolException {
        List<Widened> widened = new ArrayList<>();
        for (JsonObject piece : json.objects("widened")) {
            widened.add(new Widened(
                    range(piece, "start", "length"),
                    known(piece, "before", Widened.Before.named(piece.text("before")))));
        }
        return widened;
    }

    private static Protection protection(JsonObject json) throws ProtocolException {
        String letters = json.text("protection");
        if (letters.length() != 3) {
            throw json.wrong("protection", "not three letters");
        }
        try {
            return Protection.parse(letters);
        } catch (IllegalArgumentException e) {
            throw json.wrong("protection", String.valueOf(e.getMessage()));
        }
    }

    private static AddressRange range(JsonObject json, String start, String length) throws ProtocolException {
        try {
            return AddressRange.ofLength(json.address(start), json.hex(length));
        } catch (IllegalArgumentException e) {
            throw json.wrong(length, String.valueOf(e.getMessage()));
        }
    }

    static Step step(JsonObject json) throws ProtocolException {
        StepId id = stepId(json, "id");
        RegionId region = regionId(json, "region");
        String what = json.text("do");
        if (what.equals("syscall")) {
            Optional<Call> undo = json.has("undo") ? Optional.of(call(json.object("undo"))) : Optional.empty();
            return new Step.SyscallStep(id, region, call(json), expectation(json), undo, json.text("why"));
        }
        HelperTask task = known(json, "do", HelperTask.named(what));
        return new Step.HelperStep(id, region, task, to(json));
    }

    private static Arg to(JsonObject json) throws ProtocolException {
        return json.isText("to") ? Arg.at(json.address("to")) : new Arg.ResultOf(stepId(json.object("to"), "result"));
    }

    private static Expectation expectation(JsonObject json) throws ProtocolException {
        try {
            return Expectation.parse(json.text("expect"));
        } catch (IllegalArgumentException e) {
            throw json.wrong("expect", "not zero, address, any, or 0x…");
        }
    }

    private static Call call(JsonObject json) throws ProtocolException {
        SyscallName name = known(json, "call", SyscallName.named(json.text("call")));
        List<Arg> args = new ArrayList<>();
        for (Object value : json.values("args")) {
            args.add(arg(json, value));
        }
        try {
            return new Call(name, args);
        } catch (IllegalArgumentException e) {
            throw json.wrong("args", String.valueOf(e.getMessage()));
        }
    }

    private static Arg arg(JsonObject json, Object value) throws ProtocolException {
        if (value instanceof Long number) {
            return new Arg.Number(number);
        }
        if (value instanceof JsonObject reference) {
            return new Arg.ResultOf(stepId(reference, "result"));
        }
        if (value instanceof String text) {
            return text.startsWith("0x") ? hex(json, text) : symbols(json, text);
        }
        throw json.wrong("args", "neither a number, a string, nor a reference to a result");
    }

    private static Arg hex(JsonObject json, String text) throws ProtocolException {
        try {
            return new Arg.Hex(Address.parseHex(text));
        } catch (NumberFormatException e) {
            throw json.wrong("args", "not a number of the form 0x…");
        }
    }

    private static Arg symbols(JsonObject json, String text) throws ProtocolException {
        List<AbiConstant> constants = new ArrayList<>();
        int at = 0;
        while (at <= text.length()) {
            int bar = text.indexOf('|', at);
            int end = bar < 0 ? text.length() : bar;
            constants.add(known(json, "args", AbiConstant.named(text.substring(at, end))));
            at = end + 1;
        }
        return new Arg.Symbols(constants);
    }

    static StepId stepId(JsonObject json, String field) throws ProtocolException {
        try {
            return new StepId(json.text(field));
        } catch (IllegalArgumentException e) {
            throw json.wrong(field, String.valueOf(e.getMessage()));
        }
    }

    static RegionId regionId(JsonObject json, String field) throws ProtocolException {
        try {
            return new RegionId(json.text(field));
        } catch (IllegalArgumentException e) {
            throw json.wrong(field, String.valueOf(e.getMessage()));
        }
    }

    static <T> T known(JsonObject json, String field, Optional<T> value) throws ProtocolException {
        if (value.isEmpty()) {
            throw json.wrong(field, "unknown value");
        }
        return value.get();
    }
}
