package org.tiexec.protocol.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;

/**
 * A system call with its arguments.
 *
 * @param name which call
 * @param args as many as the call takes
 */
public record Call(SyscallName name, List<Arg> args) {
    /** Takes a copy; rejects a wrong number of arguments. */
    public Call {
        args = List.copyOf(args);
        int arity = name.arguments().size();
        if (args.size() != arity) {
            throw new IllegalArgumentException(name.wireName() + " takes " + arity + " arguments, not " + args.size());
        }
    }

    /** The call with these arguments. */
    public static Call of(SyscallName name, Arg... args) {
        return new Call(name, List.of(args));
    }

    /**
     * The {@code mprotect(2)} that gives memory another protection.
     *
     * @param bytes its length
     */
    public static Call protect(Arg place, long bytes, Protection protection) {
        return of(SyscallName.MPROTECT, place, Arg.length(bytes), Arg.flags(ProtFlag.of(protection)));
    }

    /** The same for a range. */
    public static Call protect(AddressRange range, Protection protection) {
        return protect(Arg.at(range.start()), range.length(), protection);
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof Call other && name == other.name && args.equals(other.args);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + args.hashCode();
    }
}
