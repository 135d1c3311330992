package org.tiexec.protocol.outcome;

/** Text that others have chosen, such as the name of a program, made fit for one line on a terminal. */
public final class Printable {
    private Printable() {}

    /** The text with a question mark in place of each control character: newlines, escapes. */
    public static String of(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            printable.append(Character.isISOControl(c) ? '?' : c);
        }
        return printable.toString();
    }
}
