package org.tiexec.tracer.program;

/**
 * A shell's pattern for the path of an executable: {@code *} and {@code ?} stand for any characters, slashes included.
 *
 * <p>A pattern without a slash may also fit the file's name alone.
 */
public record Glob(String pattern) {
    /** Whether it fits a path. */
    public boolean matches(String path) {
        return fits(path) || (pattern.indexOf('/') < 0 && fits(path.substring(path.lastIndexOf('/') + 1)));
    }

    /** Whatever the pattern, in a time that grows with the product of both lengths only. */
    private boolean fits(String text) {
        int at = 0;
        int in = 0;
        int star = -1;
        int resume = 0;
        while (in < text.length()) {
            if (at < pattern.length() && pattern.charAt(at) == '*') {
                star = at++;
                resume = in;
            } else if (at < pattern.length() && (pattern.charAt(at) == '?' || pattern.charAt(at) == text.charAt(in))) {
                at++;
                in++;
            } else if (star >= 0) {
                at = star + 1;
                in = ++resume;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }
}
