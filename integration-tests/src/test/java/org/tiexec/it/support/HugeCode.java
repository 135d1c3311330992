package org.tiexec.it.support;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How much of a process's code, in whatever file it came from, is on 2 MB pages, as its smaps tells from outside. */
public final class HugeCode {
    private static final Pattern MAPPING = Pattern.compile("(?m)^[0-9a-f]+-[0-9a-f]+ r-xp (?:.*\\R(?![0-9a-f]+-))*.*");
    private static final Pattern SIZE = Pattern.compile("(?m)^Size: +(\\d+) kB$");
    private static final Pattern POOL = Pattern.compile("(?m)^KernelPageSize: +2048 kB$");
    private static final Pattern TRANSPARENT = Pattern.compile("(?m)^AnonHugePages: +(\\d+) kB$");

    private HugeCode() {}

    /** Looks at a process. */
    public static long kilobytes(LiveProcess process) {
        long sum = 0;
        Matcher mapping = MAPPING.matcher(process.read("smaps"));
        while (mapping.find()) {
            boolean isPool = POOL.matcher(mapping.group()).find();
            sum += number(isPool ? SIZE : TRANSPARENT, mapping.group());
        }
        return sum;
    }

    private static long number(Pattern field, String mapping) {
        Matcher matcher = field.matcher(mapping);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }
}
