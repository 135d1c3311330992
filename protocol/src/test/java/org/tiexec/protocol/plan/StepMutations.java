package org.tiexec.protocol.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tiexec.protocol.abi.AbiConstant;
import org.tiexec.protocol.abi.Advice;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.MremapFlag;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;

/** Every way in which one field of one step can deviate, each with a description. */
final class StepMutations implements Step.Cases<Map<String, Step>, RuntimeException> {
    private final Plan plan;
    private final Map<String, Step> found = new LinkedHashMap<>();

    private StepMutations(Plan plan) {
        this.plan = plan;
    }

    /** The deviations of {@code step}, by description; names are those of {@code plan} and unknown ones. */
    static Map<String, Step> of(Step step, Plan plan) {
        return step.match(new StepMutations(plan));
    }

    @Override
    public Map<String, Step> syscall(Step.SyscallStep step) {
        StepId id = step.id();
        RegionId region = step.region();
        Call call = step.call();
        for (StepId other : otherIds(id)) {
            put("id " + other, new Step.SyscallStep(other, region, call, step.expect(), step.undo(), ""));
        }
        for (RegionId other : otherRegions(region)) {
            put("region " + other, new Step.SyscallStep(id, other, call, step.expect(), step.undo(), ""));
        }
        calls(call)
                .forEach((what, other) ->
                        put("call " + what, new Step.SyscallStep(id, region, other, step.expect(), step.undo(), "")));
        for (String expect : List.of("zero", "address", "any", "0x0", "0x600000", "0x601000", "0xffffffffffffffff")) {
            Expectation other = Expectation.parse(expect);
            if (!other.equals(step.expect())) {
                put("expect " + expect, new Step.SyscallStep(id, region, call, other, step.undo(), ""));
            }
        }
        if (step.undo().isPresent()) {
            put("no undo", new Step.SyscallStep(id, region, call, step.expect(), Optional.empty(), ""));
            calls(step.undo().get())
                    .forEach((what, other) -> put(
                            "undo " + what,
                            new Step.SyscallStep(id, region, call, step.expect(), Optional.of(other), "")));
        } else {
            put("an undo", new Step.SyscallStep(id, region, call, step.expect(), Optional.of(call), ""));
        }
        return found;
    }

    @Override
    public Map<String, Step> helper(Step.HelperStep step) {
        for (StepId other : otherIds(step.id())) {
            put("id " + other, new Step.HelperStep(other, step.region(), step.task(), step.to()));
        }
        for (RegionId other : otherRegions(step.region())) {
            put("region " + other, new Step.HelperStep(step.id(), other, step.task(), step.to()));
        }
        for (HelperTask other : HelperTask.values()) {
            if (other != step.task()) {
                put("task " + other.wireName(), new Step.HelperStep(step.id(), step.region(), other, step.to()));
            }
        }
        args(step.to())
                .forEach((what, other) ->
                        put("to " + what, new Step.HelperStep(step.id(), step.region(), step.task(), other)));
        return found;
    }

    private void put(String what, Step step) {
        found.put(what, step);
    }

    private List<StepId> otherIds(StepId id) {
        List<StepId> ids = new ArrayList<>(List.of(new StepId("fresh")));
        for (Step step : plan.steps()) {
            if (!step.id().equals(id)) {
                ids.add(step.id());
            }
        }
        return ids;
    }

    private List<RegionId> otherRegions(RegionId id) {
        List<RegionId> ids = new ArrayList<>(List.of(new RegionId("nowhere")));
        for (Region region : plan.header().regions()) {
            if (!region.id().equals(id)) {
                ids.add(region.id());
            }
        }
        return ids;
    }

    private Map<String, Call> calls(Call call) {
        Map<String, Call> calls = new LinkedHashMap<>();
        for (SyscallName name : SyscallName.values()) {
            if (name != call.name() && name.arguments().size() == call.args().size()) {
                calls.put(name.wireName(), new Call(name, call.args()));
            }
        }
        for (int i = 0; i < call.args().size(); i++) {
            String position = "args[" + i + "] ";
            int at = i;
            args(call.args().get(i)).forEach((what, other) -> {
                List<Arg> args = new ArrayList<>(call.args());
                args.set(at, other);
                calls.put(position + what, new Call(call.name(), args));
            });
        }
        return calls;
    }

    private Map<String, Arg> args(Arg arg) {
        Map<String, Arg> args = new LinkedHashMap<>();
        long value = arg.match(new ValueOf());
        for (long delta : new long[] {0, 1, PageSize.BASE, -PageSize.BASE, PageSize.HUGE, -PageSize.HUGE}) {
            add(args, arg, new Arg.Hex(value + delta));
            add(args, arg, new Arg.Number(value + delta));
        }
        // around the region (0x600000 to 0xc00000), far from it, and where a range would wrap around
        for (long other : new long[] {
            0, 0x1000, 0x600000, 0xbff000, 0xd00000, 0x40000000, Long.MAX_VALUE, Long.MIN_VALUE, -PageSize.BASE, -1
        }) {
            add(args, arg, new Arg.Hex(other));
            add(args, arg, new Arg.Number(other));
        }
        for (StepId id : otherIds(new StepId("none"))) {
            add(args, arg, new Arg.ResultOf(id));
        }
        for (AbiConstant constant : allConstants()) {
            add(args, arg, Arg.flags(constant));
        }
        if (arg instanceof Arg.Symbols symbols) {
            around(symbols).forEach(other -> add(args, arg, other));
        }
        return args;
    }

    private static void add(Map<String, Arg> args, Arg original, Arg other) {
        if (!other.equals(original)) {
            args.put(other.match(new NameOf()), other);
        }
    }

    private static List<Arg> around(Arg.Symbols symbols) {
        List<Arg> others = new ArrayList<>();
        for (AbiConstant constant : allConstants()) {
            List<AbiConstant> more = new ArrayList<>(symbols.constants());
            more.add(constant);
            others.add(Arg.flags(more));
        }
        for (AbiConstant constant : symbols.constants()) {
            List<AbiConstant> fewer = new ArrayList<>(symbols.constants());
            fewer.remove(constant);
            if (!fewer.isEmpty()) {
                others.add(Arg.flags(fewer));
            }
        }
        List<AbiConstant> reversed = new ArrayList<>();
        for (AbiConstant constant : symbols.constants()) {
            reversed.add(0, constant);
        }
        others.add(Arg.flags(reversed));
        return others;
    }

    private static List<AbiConstant> allConstants() {
        List<AbiConstant> all = new ArrayList<>();
        all.addAll(List.of(ProtFlag.values()));
        all.addAll(List.of(MmapFlag.values()));
        all.addAll(List.of(MremapFlag.values()));
        all.addAll(List.of(Advice.values()));
        return all;
    }

    private static final class ValueOf implements Arg.Cases<Long, RuntimeException> {
        @Override
        public Long hex(Arg.Hex arg) {
            return arg.bits();
        }

        @Override
        public Long number(Arg.Number arg) {
            return arg.value();
        }

        @Override
        public Long symbols(Arg.Symbols arg) {
            return arg.value();
        }

        @Override
        public Long resultOf(Arg.ResultOf arg) {
            return SamplePlans.FIRST.range().start().bits();
        }
    }

    private static final class NameOf implements Arg.Cases<String, RuntimeException> {
        @Override
        public String hex(Arg.Hex arg) {
            return Address.hex(arg.bits());
        }

        @Override
        public String number(Arg.Number arg) {
            return Long.toString(arg.value());
        }

        @Override
        public String symbols(Arg.Symbols arg) {
            return arg.constants().toString();
        }

        @Override
        public String resultOf(Arg.ResultOf arg) {
            return "result of " + arg.step();
        }
    }
}
