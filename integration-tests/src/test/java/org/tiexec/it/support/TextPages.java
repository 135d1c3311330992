package org.tiexec.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * On which pages the code of a running program's main executable, or of one of its libraries, stands, as its smaps tells
 * from outside.
 *
 * @param possibleKb how much of the code lies in whole, 2 MB-aligned blocks
 * @param hugetlbKb how much of that is r-x memory on 2 MB pages of the pool
 * @param thpKb how much of that is r-x memory on transparent huge pages
 */
public record TextPages(long possibleKb, long hugetlbKb, long thpKb) {
    private static final long HUGE = 2L << 20;
    private static final long BASE = 4096;
    private static final long AT_ENTRY = 9;
    private static final Pattern MAPPING =
            Pattern.compile("(?m)^([0-9a-f]+)-([0-9a-f]+) r-xp (?:.*\\R(?![0-9a-f]+-))*.*");
    private static final Pattern PAGE_SIZE = Pattern.compile("(?m)^KernelPageSize: +(\\d+) kB$");
    private static final Pattern ANON_HUGE = Pattern.compile("(?m)^AnonHugePages: +(\\d+) kB$");

    /** Looks at a process. */
    public static TextPages of(LiveProcess process) {
        try {
            ElfImage image = ElfImage.read(process.file("exe"));
            return of(process, image, entry(process) - image.entry());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Looks at a library of a process. */
    public static TextPages of(LiveProcess process, Path library) {
        try {
            return of(process, ElfImage.read(library), firstMapping(process, library.toRealPath()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TextPages of(LiveProcess process, ElfImage image, long bias) {
        String smaps = process.read("smaps");
        TextPages sum = new TextPages(0, 0, 0);
        for (ElfImage.Segment segment : image.code()) {
            long start = bias + segment.address() / BASE * BASE;
            long end = bias + roundUp(segment.address() + segment.bytes(), BASE);
            sum = sum.plus(count(smaps, roundUp(start, HUGE), end / HUGE * HUGE));
        }
        return sum;
    }

    /** Where the library's headers are, which stay where they are. */
    private static long firstMapping(LiveProcess process, Path library) throws IOException {
        String line = process.read("maps")
                .lines()
                .filter(candidate -> candidate.endsWith(" " + library) && candidate.contains(" 00000000 "))
                .findFirst()
                .orElseThrow(() -> new IOException(library + " is not mapped by " + process));
        return Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
    }

    /** Fails unless there are such blocks and all of them are on pages of this kind. */
    public void assertWhollyOn(Backing backing) {
        assertThat(possibleKb).as("code in whole 2 MB blocks, kB").isPositive();
        assertNoneLeftOutOf(backing);
    }

    /** Fails unless all such blocks, if there are any, are on pages of this kind. */
    public void assertNoneLeftOutOf(Backing backing) {
        assertThat(this).isEqualTo(wholly(backing));
    }

    /** Fails if any of the code is on huge pages. */
    public void assertOnSmallPages() {
        assertThat(this).isEqualTo(new TextPages(possibleKb, 0, 0));
    }

    /** Whether all such blocks are on pages of this kind. */
    public boolean isWhollyOn(Backing backing) {
        return possibleKb > 0 && equals(wholly(backing));
    }

    private TextPages wholly(Backing backing) {
        return switch (backing) {
            case HUGETLB -> new TextPages(possibleKb, possibleKb, 0);
            case THP -> new TextPages(possibleKb, 0, possibleKb);
        };
    }

    private TextPages plus(TextPages other) {
        return new TextPages(possibleKb + other.possibleKb, hugetlbKb + other.hugetlbKb, thpKb + other.thpKb);
    }

    private static TextPages count(String smaps, long start, long end) {
        if (end <= start) {
            return new TextPages(0, 0, 0);
        }
        long hugetlb = 0;
        long thp = 0;
        Matcher mapping = MAPPING.matcher(smaps);
        while (mapping.find()) {
            long from = Math.max(start, Long.parseUnsignedLong(mapping.group(1), 16));
            long to = Math.min(end, Long.parseUnsignedLong(mapping.group(2), 16));
            if (from < to) {
                boolean isHugetlb = kilobytes(PAGE_SIZE, mapping.group()) == HUGE >> 10;
                hugetlb += isHugetlb ? (to - from) >> 10 : 0;
                thp += Math.min((to - from) >> 10, kilobytes(ANON_HUGE, mapping.group()));
            }
        }
        return new TextPages((end - start) >> 10, hugetlb, thp);
    }

    private static long kilobytes(Pattern field, String mapping) {
        Matcher matcher = field.matcher(mapping);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    private static long entry(LiveProcess process) throws IOException {
        ByteBuffer vector =
                ByteBuffer.wrap(Files.readAllBytes(process.file("auxv"))).order(ByteOrder.LITTLE_ENDIAN);
        while (vector.remaining() >= 2 * Long.BYTES) {
            long type = vector.getLong();
            long value = vector.getLong();
            if (type == AT_ENTRY) {
                return value;
            }
        }
        throw new IOException(process.file("auxv") + " has no AT_ENTRY: is the process gone?");
    }

    private static long roundUp(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }
}
