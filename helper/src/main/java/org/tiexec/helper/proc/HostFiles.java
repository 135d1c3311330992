package org.tiexec.helper.proc;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.tiexec.protocol.plan.HostFacts;

/**
 * The files in which the kernel tells what huge pages the machine offers.
 *
 * <p>Sources: {@code /sys/kernel/mm/hugepages/hugepages-2048kB/} (kernel documentation, {@code
 * admin-guide/mm/hugetlbpage.rst}), {@code /sys/kernel/mm/transparent_hugepage/enabled} ({@code transhuge.rst}),
 * {@code /proc/sys/kernel/osrelease} ({@code proc_sys_kernel(5)}).
 */
public final class HostFiles {
    private static final String NO_THP = "absent";
    private static final int LIMIT = 1 << 16;

    private final File pool;
    private final File thp;
    private final File release;

    /**
     * Names the files; nothing is read yet.
     *
     * @param root the directory that holds {@code proc} and {@code sys}; {@code /} but in tests
     */
    public HostFiles(File root) {
        pool = new File(root, "sys/kernel/mm/hugepages/hugepages-2048kB");
        thp = new File(root, "sys/kernel/mm/transparent_hugepage/enabled");
        release = new File(root, "proc/sys/kernel/osrelease");
    }

    /** Reads them as they are now; what is absent, because the kernel has no such feature, counts as none. */
    public HostFacts read() {
        long overcommit = Math.max(0, pages("nr_overcommit_hugepages") - pages("surplus_hugepages"));
        return new HostFacts(
                text(release).trim(),
                thpMode(text(thp)),
                pages("nr_hugepages"),
                pages("free_hugepages"),
                pages("resv_hugepages"),
                overcommit);
    }

    private long pages(String file) {
        String digits = text(new File(pool, file)).trim();
        try {
            return digits.isEmpty() ? 0 : Long.parseLong(digits);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** The word in brackets: {@code always [madvise] never}. */
    private static String thpMode(String text) {
        int open = text.indexOf('[');
        int close = text.indexOf(']', open + 1);
        return open < 0 || close < 0 ? NO_THP : text.substring(open + 1, close);
    }

    private static String text(File file) {
        try {
            return new String(PseudoFile.read(file, LIMIT), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
