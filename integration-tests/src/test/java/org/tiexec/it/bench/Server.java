package org.tiexec.it.bench;

import java.io.IOException;
import java.util.List;

/** A server under a load that asks for as much as it can give. */
interface Server {
    String name();

    /** What is measured, in few words. */
    String load();

    /** Debian packages of programs that are not there; nothing else may be asked for then. */
    List<String> missingPackages() throws IOException;

    /** Makes data that all runs have in common. */
    void prepare() throws IOException, InterruptedException;

    /** The program and its arguments. */
    Program program();

    /** The words before the launcher, by which it becomes another user. */
    List<String> user();

    /** Whether it answers now. */
    boolean answers() throws IOException;

    /** The command that loads it for a while. */
    List<String> loadFor(int seconds);

    /** How many requests a second were answered, as that command tells. */
    double perSecond(String told);
}
