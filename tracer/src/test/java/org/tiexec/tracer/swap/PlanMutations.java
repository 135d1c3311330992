package org.tiexec.tracer.swap;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Plans as lines that are almost right: fields, constants and lines of good plans, exchanged as a seed decides. */
final class PlanMutations {
    private static final int MAX_CHANGES = 3;
    private static final Pattern VALUE =
            Pattern.compile("(?<=[:,\\[{])(\"[^\"]*\"(?!:)|-?\\d+|\\{\"result\":\"[^\"]*\"})");
    private static final Pattern HEX = Pattern.compile("\"0x([0-9a-f]+)\"");
    private static final Pattern FLAGS = Pattern.compile("\"[A-Z][A-Z0-9_]+(\\|[A-Z0-9_]+)*\"");
    private static final Pattern UNDO = Pattern.compile(",\"undo\":\\{\"call\":\"\\w+\",\"args\":\\[[^\\]]*]}");
    private static final long[] DISTANCES = {1, -1, 0x1000, -0x1000, 0x200000, -0x200000, 1L << 30, 1L << 46, 1L << 63};
    private static final List<String> CONSTANTS = List.of(
            "PROT_READ",
            "PROT_WRITE",
            "PROT_EXEC",
            "MAP_PRIVATE",
            "MAP_FIXED",
            "MAP_ANONYMOUS",
            "MAP_HUGETLB",
            "MAP_HUGE_2MB",
            "MREMAP_MAYMOVE",
            "MREMAP_FIXED",
            "MREMAP_DONTUNMAP",
            "MADV_DONTFORK",
            "MADV_DOFORK",
            "MADV_HUGEPAGE",
            "MADV_COLLAPSE");
    private static final List<String> VALUES = List.of(
            "\"zero\"",
            "\"address\"",
            "\"any\"",
            "\"0x0\"",
            "-1",
            "0",
            "\"mmap\"",
            "\"munmap\"",
            "\"mremap\"",
            "\"madvise\"",
            "\"mprotect\"",
            "\"fill\"",
            "\"verify\"",
            "\"snapshot\"",
            "\"syscall\"",
            "\"thp\"",
            "\"hugetlb\"",
            "\"in-place\"",
            "\"staged-swap\"",
            "\"0xffffffffffffffff\"",
            "\"0x7ffff7fc1000\"",
            "9223372036854775807",
            "\"r1\"",
            "\"r2\"",
            "null",
            "true",
            "[]",
            "{}");

    private final Random random;
    private final List<List<String>> plans;

    PlanMutations(Random random, List<List<String>> plans) {
        this.random = random;
        this.plans = plans;
    }

    /** The next plan. */
    List<String> next() {
        List<String> lines = new ArrayList<>(any(plans));
        int changes = 1 + random.nextInt(MAX_CHANGES);
        for (int i = 0; i < changes && !lines.isEmpty(); i++) {
            change(lines);
        }
        return lines;
    }

    private void change(List<String> lines) {
        int at = random.nextInt(lines.size());
        String line = lines.get(at);
        switch (random.nextInt(12)) {
            case 0 -> lines.remove(at);
            case 1 -> lines.add(random.nextInt(lines.size() + 1), line);
            case 2 -> lines.add(random.nextInt(lines.size()), lines.remove(at));
            case 3 -> lines.add(random.nextInt(lines.size() + 1), any(any(plans)));
            case 4 -> lines.set(at, replaced(line, FLAGS, flags(line)));
            case 5 -> lines.set(at, UNDO.matcher(line).replaceFirst(""));
            case 6, 7 -> lines.set(at, moved(line));
            case 8 -> lines.set(at, replaced(line, VALUE, any(VALUES)));
            case 9 -> lines.set(at, cut(line));
            default -> lines.set(at, replaced(line, VALUE, valueOf(any(any(plans)))));
        }
    }

    /** A value of another place. */
    private String valueOf(String line) {
        List<String> values = matches(line, VALUE);
        return values.isEmpty() ? any(VALUES) : any(values);
    }

    private String flags(String line) {
        List<String> fields = matches(line, FLAGS);
        String field = fields.isEmpty() ? "\"" + any(CONSTANTS) + "\"" : any(fields);
        if (random.nextBoolean()) {
            return field.replace(any(CONSTANTS) + "|", "");
        }
        return field.substring(0, field.length() - 1) + "|" + any(CONSTANTS) + "\"";
    }

    private String moved(String line) {
        List<String> numbers = matches(line, HEX);
        if (numbers.isEmpty()) {
            return line;
        }
        String number = any(numbers);
        long value = Long.parseUnsignedLong(number.substring(3, number.length() - 1), 16);
        long other = value + DISTANCES[random.nextInt(DISTANCES.length)];
        return line.replace(number, "\"0x" + Long.toHexString(other) + "\"");
    }

    private String cut(String line) {
        int at = random.nextInt(line.length());
        return line.substring(0, at) + (char) random.nextInt(128) + line.substring(Math.min(line.length(), at + 1));
    }

    private String replaced(String line, Pattern what, String by) {
        int number = random.nextInt(Math.max(1, matches(line, what).size()));
        Matcher matcher = what.matcher(line);
        for (int i = 0; matcher.find(); i++) {
            if (i == number) {
                return line.substring(0, matcher.start()) + by + line.substring(matcher.end());
            }
        }
        return line;
    }

    private static List<String> matches(String line, Pattern what) {
        return what.matcher(line).results().map(match -> match.group()).toList();
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
