package org.tiexec.protocol.procfs;

import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.Protection;

/**
 * One line of {@code /proc/PID/maps}.
 *
 * @param range the addresses that it covers
 * @param protection what the program may do with it
 * @param shared whether it is a shared mapping ({@code s}) and not a private one ({@code p})
 * @param fileOffset the offset in bytes of its start in the mapped file; 0 for anonymous memory
 * @param device the file's device as {@code major:minor}; {@code 00:00} for anonymous memory
 * @param inode the file's inode number; 0 for anonymous memory
 * @param name the path or pseudo-name as the kernel prints it, for people only; empty for anonymous memory
 */
public record Mapping(
        AddressRange range,
        Protection protection,
        boolean shared,
        long fileOffset,
        String device,
        long inode,
        String name) {
    /** Whether both lines map the same file, which is decided by device and inode, never by path. */
    public boolean mapsSameFileAs(Mapping other) {
        return inode != 0 && inode == other.inode && device.equals(other.device);
    }

    /** Whether this is private, readable, executable, not writable, and backed by a file: code that may be replaced. */
    public boolean isReplaceableCode() {
        return !shared && inode != 0 && protection.equals(Protection.READ_EXECUTE);
    }
}
