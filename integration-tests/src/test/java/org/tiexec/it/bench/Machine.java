package org.tiexec.it.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where the measurements were made.
 *
 * @param facts each with its name
 */
record Machine(Map<String, String> facts) {
    static Machine thisOne() throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put("kernel", read("/proc/sys/kernel/osrelease"));
        facts.put(
                "processor",
                read("/proc/cpuinfo")
                        .lines()
                        .filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .findFirst()
                        .orElse("unknown"));
        facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("load", read("/proc/loadavg").replaceAll(" \\S+ \\S+$", ""));
        facts.put("thp", read("/sys/kernel/mm/transparent_hugepage/enabled"));
        return new Machine(facts);
    }

    String line() {
        return facts.get("processor") + ", " + facts.get("cores") + " cores, Linux " + facts.get("kernel") + ", load "
                + facts.get("load");
    }

    private static String read(String file) throws IOException {
        return Files.readString(Path.of(file), StandardCharsets.UTF_8).strip();
    }
}
