package org.tiexec.it.bench;

/**
 * Bounds between which the true value lies with some probability.
 *
 * @param coverage this probability, from 0 to 1
 */
record Interval(double low, double high, double coverage) {}
