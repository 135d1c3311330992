package org.tiexec.it.bench;

/**
 * One quantity that was measured in one row.
 *
 * @param name the heading that it has in common with the same quantity of other rows
 */
record Figure(String name, Unit unit, Sample sample) {}
