package org.tiexec.protocol.plan;

/** The form that names of steps and regions keep: 1 to 32 letters, digits, {@code -} or {@code _}. */
final class Label {
    private static final int MAX_LENGTH = 32;

    private Label() {}

    static String require(String text) {
        boolean good = !text.isEmpty() && text.length() <= MAX_LENGTH;
        for (int i = 0; good && i < text.length(); i++) {
            char c = text.charAt(i);
            good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        }
        if (!good) {
            throw new IllegalArgumentException("not a name of 1 to 32 letters, digits, - or _");
        }
        return text;
    }
}
