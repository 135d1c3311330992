package org.tiexec.protocol.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.abi.AbiConstant;
import org.tiexec.protocol.abi.Advice;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.memory.Protection;

/**
 * The steps that a region may go through while its program stands still before its first instruction.
 *
 * <p>Two paths are known. Staged swap: map a stage, fill it, protect it, park the original, move the stage over it, drop
 * the park. In place: snapshot, park the original, map over it, fill, verify, protect, drop the park. Whatever would
 * write to the program's own memory, leave a hole in it, or give it other rights than before fits neither.
 *
 * <p>The gaps of a widened region are claimed before any of it is read, and its original is parked piece by piece.
 */
final class LaunchRules extends RegionRules {
    private final BackingName backing;
    private final MethodName method;
    private final List<StepId> newMemory = new ArrayList<>();
    private final Parking parking;
    private boolean snapshot;
    private boolean mappedOver;
    private boolean filled;
    private boolean verified;
    private boolean sealed;
    private boolean inPosition;

    /** Rules for a region of a plan that says to use {@code backing} and {@code method}. */
    LaunchRules(Region region, BackingName backing, MethodName method) {
        super(region);
        this.backing = backing;
        this.method = method;
        this.parking = new Parking(region);
    }

    @Override
    public Optional<String> helper(Step.HelperStep step) {
        return switch (step.task()) {
            case SNAPSHOT -> snapshot(step);
            case FILL -> fill(step);
            case VERIFY -> verify(step);
        };
    }

    private Optional<String> snapshot(Step.HelperStep step) {
        if (!step.to().equals(start()) || !parking.isUntouched() || !parking.isReadable()) {
            return Optional.of("a snapshot is taken of the whole region before it is parked");
        }
        snapshot = true;
        return Optional.empty();
    }

    private Optional<String> fill(Step.HelperStep step) {
        if (!isNewMemory(step.to()) || sealed) {
            return Optional.of("only new memory that is still writable is filled");
        }
        // what stays behind when a private file mapping is parked shows the file, not the program's own changes
        if (!parking.isReadable()) {
            return Optional.of("a region is filled from after its gaps were claimed");
        }
        if (!parking.isUntouched() && !snapshot) {
            return Optional.of("new memory is filled before the original is parked, or from a snapshot");
        }
        filled = true;
        verified = false;
        return Optional.empty();
    }

    private Optional<String> verify(Step.HelperStep step) {
        if (!isNewMemory(step.to()) || !filled || !snapshot) {
            return Optional.of("only filled memory is verified, against a snapshot");
        }
        verified = true;
        return Optional.empty();
    }

    @Override
    public Optional<String> syscall(Step.SyscallStep step) {
        return switch (step.call().name()) {
            case MMAP -> mmap(step);
            case MADVISE -> madvise(step);
            case MPROTECT -> mprotect(step);
            case MREMAP -> park(step);
            case MUNMAP -> dropPark(step);
        };
    }

    private Optional<String> mmap(Step.SyscallStep step) {
        if (parking.claims(step) || parking.reserves(step)) {
            return Optional.empty();
        }
        List<Arg> args = step.call().args();
        boolean shape = isLength(args.get(1))
                && args.get(2).equals(Arg.flags(ProtFlag.of(Protection.READ_WRITE)))
                && args.get(3).equals(Arg.flags(mmapFlags()))
                && args.get(4).equals(new Arg.Number(-1))
                && args.get(5).equals(new Arg.Number(0));
        if (!shape) {
            return Optional.of("mmap must map the region's length as private anonymous memory, read-write, fd -1,"
                    + " the way that the plan's backing and method say");
        }
        if (!newMemory.isEmpty() || mappedOver) {
            return Optional.of("new memory was already mapped");
        }
        return method == MethodName.IN_PLACE ? mapOver(step) : mapStage(step);
    }

    private List<AbiConstant> mmapFlags() {
        List<AbiConstant> flags = new ArrayList<>();
        flags.add(MmapFlag.MAP_PRIVATE);
        if (method == MethodName.IN_PLACE) {
            flags.add(MmapFlag.MAP_FIXED);
        }
        flags.add(MmapFlag.MAP_ANONYMOUS);
        if (backing == BackingName.HUGETLB) {
            flags.add(MmapFlag.MAP_HUGETLB);
            flags.add(MmapFlag.MAP_HUGE_2MB);
        }
        return flags;
    }

    private Optional<String> mapOver(Step.SyscallStep step) {
        if (!step.call().args().get(0).equals(start()) || !snapshot || !parking.isWhole()) {
            return Optional.of("MAP_FIXED only over the region itself, after snapshot and park");
        }
        if (!expectsStart(step) || !isUndoneByThePark(step)) {
            return Optional.of("mapping over the region must expect its start and is undone by the park");
        }
        mappedOver = true;
        inPosition = true;
        return Optional.empty();
    }

    private Optional<String> mapStage(Step.SyscallStep step) {
        boolean hintIsAligned =
                step.call().args().get(0) instanceof Arg.Hex hint && (hint.bits() & (PageSize.HUGE - 1)) == 0;
        Call unmap = Call.of(SyscallName.MUNMAP, new Arg.ResultOf(step.id()), Arg.length(length()));
        if (!hintIsAligned || !step.expect().equals(Expectation.Kind.ADDRESS) || !undoIs(step, unmap)) {
            return Optional.of("a stage has an aligned address hint, expects an address, is undone by munmap");
        }
        newMemory.add(step.id());
        return Optional.empty();
    }

    private Optional<String> madvise(Step.SyscallStep step) {
        List<Arg> args = step.call().args();
        boolean advice = args.get(2).equals(Arg.flags(Advice.MADV_HUGEPAGE))
                || args.get(2).equals(Arg.flags(Advice.MADV_COLLAPSE));
        boolean fits = isNewMemory(args.get(0))
                && isLength(args.get(1))
                && advice
                && expectsSuccess(step)
                && isWithoutUndo(step);
        return fits ? Optional.empty() : Optional.of("madvise may only make the whole new memory huge");
    }

    private Optional<String> mprotect(Step.SyscallStep step) {
        List<Arg> args = step.call().args();
        boolean fits = isNewMemory(args.get(0))
                && isLength(args.get(1))
                && args.get(2).equals(Arg.flags(ProtFlag.of(region().protection())))
                && step.expect().equals(Expectation.Kind.ZERO)
                && isWithoutUndo(step);
        if (!fits) {
            return Optional.of("mprotect may only give the whole new memory the region's own protection");
        }
        if (!filled || sealed) {
            return Optional.of("new memory is protected once, after it was filled");
        }
        sealed = true;
        return Optional.empty();
    }

    private Optional<String> park(Step.SyscallStep step) {
        if (parking.parks(step)) {
            return Optional.empty();
        }
        return step.call().args().get(0).equals(start())
                ? Optional.of("the original is parked once, whole, by MREMAP_DONTUNMAP, and undone by moving it back")
                : swap(step);
    }

    private Optional<String> swap(Step.SyscallStep step) {
        boolean fits = newMemory.size() == 1
                && step.call().equals(moveTo(new Arg.ResultOf(newMemory.get(0))))
                && expectsStart(step)
                && isUndoneByThePark(step);
        if (!fits) {
            return Optional.of(
                    "mremap may only park the whole region elsewhere, by MREMAP_DONTUNMAP and undone by moving"
                            + " it back, once, or move the whole stage over it");
        }
        if (!filled || !sealed || !parking.isWhole() || inPosition) {
            return Optional.of("the stage is moved once, after it was filled and protected and the original parked");
        }
        inPosition = true;
        return Optional.empty();
    }

    /** What is parked in one piece comes back over the new memory; pieces come into a place that was made empty. */
    private boolean isUndoneByThePark(Step.SyscallStep step) {
        return region().isWidened() ? undoIs(step, WidenedCalls.release(region().range())) : isWithoutUndo(step);
    }

    private Optional<String> dropPark(Step.SyscallStep step) {
        boolean fits = parking.isWhole()
                && step.call()
                        .equals(Call.of(SyscallName.MUNMAP, parking.place().orElseThrow(), Arg.length(length())))
                && expectsSuccess(step)
                && isWithoutUndo(step);
        boolean ready = inPosition && filled && sealed && (verified || !mappedOver);
        if (!fits || !ready) {
            return Optional.of("munmap may only drop the park, after the new memory is in position");
        }
        complete();
        return Optional.empty();
    }

    private boolean isNewMemory(Arg place) {
        if (mappedOver) {
            return place.equals(start());
        }
        return newMemory.size() == 1 && !inPosition && place.equals(new Arg.ResultOf(newMemory.get(0)));
    }
}
