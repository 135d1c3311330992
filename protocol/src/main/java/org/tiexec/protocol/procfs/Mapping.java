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
    /** What the kernel calls private hugetlb memory, which it keeps in a file of its own ({@code fs/hugetlbfs/inode.c}). */
    private static final String HUGETLB = "/anon_hugepage (deleted)";

    /** How a name given by {@code PR_SET_VMA_ANON_NAME} begins ({@code proc_pid_maps(5)}). */
    private static final String GIVEN_NAME = "[anon:";

    /** Whether both lines map the same file, which is decided by device and inode, never by path. */
    public boolean mapsSameFileAs(Mapping other) {
        return inode != 0 && inode == other.inode && device.equals(other.device);
    }

    /** Whether this is private, readable, executable, not writable, and backed by a file: code that may be replaced. */
    public boolean isReplaceableCode() {
        return !shared && inode != 0 && protection.equals(Protection.READ_EXECUTE);
    }

    /** Whether this is private, readable, neither writable nor executable, and backed by a file: constants beside code. */
    public boolean isReadOnlyFile() {
        return !shared && inode != 0 && protection.equals(Protection.READ) && !isHugetlb();
    }

    /** Whether this is the heap that {@code brk(2)} moves the end of. */
    public boolean isHeap() {
        return name.equals("[heap]");
    }

    /** Whether this is private memory without a file that is only read: zeros, unless somebody has made it so. */
    public boolean isReadOnlyMemory() {
        boolean anonymous = inode == 0 && (name.isEmpty() || name.startsWith(GIVEN_NAME));
        return !shared && protection.equals(Protection.READ) && anonymous;
    }

    /** Whether this is private memory on reserved huge pages, which looks like a file's. */
    public boolean isHugetlb() {
        return !shared && name.equals(HUGETLB);
    }

    /** Whether this is code that may be replaced and that an earlier attach has not replaced already. */
    public boolean isFileCode() {
        return isReplaceableCode() && !isHugetlb();
    }

    /**
     * Whether this is private, readable, executable, not writable, and backed by no file: what an attach leaves in the
     * place of a file's code.
     */
    public boolean isCodeInMemory() {
        boolean anonymous = inode == 0 && (name.isEmpty() || name.startsWith(GIVEN_NAME));
        return !shared && protection.equals(Protection.READ_EXECUTE) && (anonymous || isHugetlb());
    }

    /** Whether this is a file that is mapped privately without any right: the form in which an attach parks code. */
    public boolean isParked() {
        return !shared && inode != 0 && protection.equals(Protection.NONE) && !isHugetlb();
    }
}
