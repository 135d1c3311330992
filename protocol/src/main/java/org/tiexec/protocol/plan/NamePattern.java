package org.tiexec.protocol.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * A pattern for the names of files, as a shell knows it ({@code glob(7)}): {@code *} any characters, {@code ?} any one,
 * {@code [abc]}, {@code [a-z]} and {@code [!a]} one of some.
 *
 * @param text the pattern; 1 to 256 characters
 */
public record NamePattern(String text) {
    /** A file's name has one less at most ({@code NAME_MAX}, {@code linux/limits.h}). */
    public static final int MAX_LENGTH = 256;

    private static final char ANY = '*';

    /** Rejects a pattern that is empty or too long. */
    public NamePattern {
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a pattern has 1 to " + MAX_LENGTH + " characters");
        }
    }

    /** Whether the whole name fits. */
    public boolean matches(String name) {
        List<String> parts = parts();
        int part = 0;
        int at = 0;
        boolean starred = false;
        int afterStar = 0;
        int givenToStar = 0;
        while (at < name.length()) {
            if (part < parts.size() && isAny(parts.get(part))) {
                part++;
                starred = true;
                afterStar = part;
                givenToStar = at;
            } else if (part < parts.size() && fits(parts.get(part), name.charAt(at))) {
                part++;
                at++;
            } else if (starred) {
                // the last * takes one character more
                givenToStar++;
                at = givenToStar;
                part = afterStar;
            } else {
                return false;
            }
        }
        while (part < parts.size() && isAny(parts.get(part))) {
            part++;
        }
        return part == parts.size();
    }

    /** Each stands for one character of a name, but {@code *}. */
    private List<String> parts() {
        List<String> parts = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int end = at + 1;
            if (text.charAt(at) == '[') {
                // a bracket that stands first is a member of the set
                int close = text.indexOf(']', isNegated(at + 1) ? at + 3 : at + 2);
                end = close < 0 ? end : close + 1;
            }
            parts.add(text.substring(at, end));
            at = end;
        }
        return parts;
    }

    private boolean isNegated(int first) {
        return first < text.length() && (text.charAt(first) == '!' || text.charAt(first) == '^');
    }

    private static boolean isAny(String part) {
        return part.charAt(0) == ANY;
    }

    private static boolean fits(String part, char character) {
        char first = part.charAt(0);
        if (part.length() == 1) {
            return first == '?' || first == character;
        }
        boolean negated = part.charAt(1) == '!' || part.charAt(1) == '^';
        return isMember(part.substring(negated ? 2 : 1, part.length() - 1), character) != negated;
    }

    private static boolean isMember(String members, char character) {
        int at = 0;
        while (at < members.length()) {
            boolean range = at + 2 < members.length() && members.charAt(at + 1) == '-';
            char last = members.charAt(range ? at + 2 : at);
            if (members.charAt(at) <= character && character <= last) {
                return true;
            }
            at += range ? 3 : 1;
        }
        return false;
    }
}
