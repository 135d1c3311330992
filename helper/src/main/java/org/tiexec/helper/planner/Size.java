package org.tiexec.helper.planner;

/** A number of bytes as people write it. */
final class Size {
    private static final long KB = 1L << 10;
    private static final long MB = 1L << 20;

    private Size() {}

    /** Such as {@code 316 KB} or {@code 1.3 MB}, rounded down, so that what is too small never looks big enough. */
    static String text(long bytes) {
        if (bytes < MB) {
            return bytes / KB + " KB";
        }
        return bytes / MB + "." + bytes % MB * 10 / MB + " MB";
    }
}
