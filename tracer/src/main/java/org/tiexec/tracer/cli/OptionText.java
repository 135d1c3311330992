package org.tiexec.tracer.cli;

/**
 * An option as people write it and read of it.
 *
 * @param longName with two dashes
 * @param shortName a dash with one letter, or empty
 * @param parameter the label of its value, its words with bars between if there are only these; empty if it takes none
 * @param description for the help
 */
record OptionText(String longName, String shortName, String parameter, String description) {
    boolean takesValue() {
        return !parameter.isEmpty();
    }

    boolean isNamed(String name) {
        return longName.equals(name) || (!shortName.isEmpty() && shortName.equals(name));
    }
}
