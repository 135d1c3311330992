package org.tiexec.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a program saw of the world that it was started in, as {@code world.c} tells it.
 *
 * @param lines a line for each thing; the process that was started is named so, whatever its number
 * @param text on which pages its code stood
 * @param end how the process that was started ended
 */
public record World(List<String> lines, String text, String end) {
    private static final String STARTED = "started ";
    private static final String ENDED = "ended ";
    private static final String TEXT = "text: ";
    private static final Pattern TEXT_PAGES =
            Pattern.compile("(\\d+) kB in whole blocks, (\\d+) kB hugetlb, (\\d+) kB thp");

    /** Takes a copy. */
    public World {
        lines = List.copyOf(lines);
    }

    /** The worlds of which a file tells that {@code start.c} has written, in order. */
    public static List<World> allIn(String file) {
        List<World> worlds = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        String started = "";
        String text = "";
        for (String line : file.split("\n", -1)) {
            if (line.startsWith(STARTED)) {
                started = line.substring(STARTED.length());
                text = "";
                lines.clear();
            } else if (line.startsWith(ENDED)) {
                worlds.add(new World(lines, text, line.substring(ENDED.length())));
            } else if (line.startsWith(TEXT)) {
                text = line.substring(TEXT.length());
            } else {
                lines.add(line.replaceAll("process " + started + "\\b", "the process that was started"));
            }
        }
        return worlds;
    }

    /** Fails unless this world has a line like that: only then it is the world that was meant. */
    public void assertShows(String pattern) {
        assertThat(String.join("\n", lines)).containsPattern(Pattern.compile(pattern, Pattern.MULTILINE));
    }

    /** Fails unless the program came to its end and saw all that it would see in another world, in the same order. */
    public void assertSameAs(World other) {
        assertThat(end).as(() -> "the end of the program that saw " + lines).isEqualTo(other.end());
        assertThat(differenceFrom(other))
                .as("what the program sees and should not see (+), and what it should see (-)")
                .isEmpty();
        assertThat(lines).isEqualTo(other.lines());
    }

    /** Fails unless all of the program's code that can stand on 2 MB pages did so, on pages of this kind, or none of it. */
    public void assertCodeOn(Optional<Backing> backing) {
        Matcher matcher = TEXT_PAGES.matcher(text);
        assertThat(matcher.matches()).as(text).isTrue();
        String possible = matcher.group(1);
        assertThat(matcher.group(2))
                .as("kB on pages of the pool: " + text)
                .isEqualTo(backing.equals(Optional.of(Backing.HUGETLB)) ? possible : "0");
        assertThat(matcher.group(3))
                .as("kB on transparent pages: " + text)
                .isEqualTo(backing.equals(Optional.of(Backing.THP)) ? possible : "0");
        assertThat(backing.isPresent() && possible.equals("0")).as(text).isFalse();
    }

    /** The lines that only this world has, after a plus, and those that only the other one has, after a minus. */
    public List<String> differenceFrom(World other) {
        List<String> difference = new ArrayList<>();
        without(lines, other.lines()).forEach(line -> difference.add("+ " + line));
        without(other.lines(), lines).forEach(line -> difference.add("- " + line));
        return difference;
    }

    private static List<String> without(List<String> lines, List<String> others) {
        List<String> rest = new ArrayList<>(lines);
        others.forEach(rest::remove);
        return rest;
    }
}
