package org.tiexec.tracer.launch;

/** How far programs are followed that have nothing to do themselves. */
public enum FollowMode {
    /** Not at all: the program that is named is the one that is meant. */
    NONE,
    /** Shells, scripts and other starters are, until they execute what is meant. */
    STARTERS,
    /** Every program is, until it executes what is meant. */
    EXEC,
    /** Every program is, with all its descendants. */
    TREE
}
