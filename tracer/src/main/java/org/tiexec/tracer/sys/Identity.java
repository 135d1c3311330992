package org.tiexec.tracer.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;

/**
 * Whom a process acts as, with all of its ids ({@code credentials(7)}).
 *
 * @param user its real, effective and saved user id, from 0 to 4294967294; one more would tell the kernel to change nothing
 * @param group the same of its groups
 * @param supplementary its supplementary groups
 */
public record Identity(long user, long group, List<Long> supplementary) {
    private static final long LAST_ID = 0xffff_fffeL;

    /**
     * Takes a copy of the list.
     *
     * @throws IllegalArgumentException if one of the numbers is no id
     */
    public Identity {
        supplementary = List.copyOf(supplementary);
        requireId(user);
        requireId(group);
        for (long each : supplementary) {
            requireId(each);
        }
    }

    private static void requireId(long id) {
        if (id < 0 || id > LAST_ID) {
            throw new IllegalArgumentException(id + " is no id");
        }
    }

    /** The supplementary groups as {@code setgroups(2)} takes them. */
    public byte[] groupList() {
        ByteBuffer list =
                ByteBuffer.allocate(supplementary.size() * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (long each : supplementary) {
            list.putInt((int) each);
        }
        return list.array();
    }

    /**
     * Whether a process that the kernel describes so is this one in every respect.
     *
     * @param users its user ids of all kinds
     * @param groups its group ids of all kinds
     * @param others its supplementary groups
     */
    public boolean isWhollyIn(List<Long> users, List<Long> groups, List<Long> others) {
        return areAll(users, user)
                && areAll(groups, group)
                && new HashSet<>(others).equals(new HashSet<>(supplementary));
    }

    private static boolean areAll(List<Long> ids, long wanted) {
        for (long id : ids) {
            if (id != wanted) {
                return false;
            }
        }
        return !ids.isEmpty();
    }

    /** For people. */
    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder("user ").append(user).append(", group ").append(group);
        text.append(supplementary.isEmpty() ? ", no supplementary groups" : ", supplementary groups");
        for (long each : supplementary) {
            text.append(' ').append(each);
        }
        return text.toString();
    }
}
