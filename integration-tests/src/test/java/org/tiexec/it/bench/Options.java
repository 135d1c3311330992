package org.tiexec.it.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param benchmarks their names; all of them if none is given
 */
record Options(List<String> benchmarks, Map<String, String> values) {
    static final List<String> BENCHMARKS = List.of("launch", "phases", "memory", "pages", "resident", "servers");

    static final String USAGE = """
            Suite [launch] [phases] [memory] [pages] [resident] [servers]   all, if none is named
              --runs=N            how many rounds: by default 30 for launch, 10 for others
              --seconds=N         how long servers are under load in each round, 4 by default
              --programs=A,B      of true, node, prometheus, postgres, large, specimen
              --servers=A,B       of pgbench, redis, node, prometheus
              --java=17,25        versions of Java for tracer and helper
              --launch=in-place,child
              --archives=warm,cold  with the class-data archives there, or made by the very launch that is measured
              --page-cache=cold   empty the page cache before each launch (root only)
              --events=A,B        events for perf stat, where the default ones cannot be counted
              --json=FILE         every single measurement
              --svg=FILE          charts
            TIEXEC_BASELINE=/path/to/launcher adds another one, called as: launcher run -- program
            """;

    private static final List<String> NAMES = List.of(
            "runs",
            "seconds",
            "programs",
            "servers",
            "java",
            "launch",
            "archives",
            "page-cache",
            "events",
            "json",
            "svg");

    static Options parse(String... arguments) {
        List<String> benchmarks = new ArrayList<>();
        Map<String, String> values = new LinkedHashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (argument.startsWith("--") && equals > 0 && NAMES.contains(argument.substring(2, equals))) {
                values.put(argument.substring(2, equals), argument.substring(equals + 1));
            } else if (BENCHMARKS.contains(argument)) {
                benchmarks.add(argument);
            } else {
                throw new IllegalArgumentException("not understood: " + argument);
            }
        }
        return new Options(benchmarks.isEmpty() ? BENCHMARKS : List.copyOf(benchmarks), values);
    }

    int number(String name, int otherwise) {
        String value = values.get(name);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    List<String> list(String name, String otherwise) {
        return List.of(values.getOrDefault(name, otherwise).split(",", -1));
    }

    Optional<Path> path(String name) {
        return Optional.ofNullable(values.get(name)).map(Path::of);
    }

    Optional<String> value(String name) {
        return Optional.ofNullable(values.get(name));
    }
}
