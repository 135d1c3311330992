package org.tiexec.helper.cli;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.PrintStream;

/** The program {@code helper}. */
public final class Main {
    private static final File ROOT = new File("/");

    private Main() {}

    /** Runs the command and ends the process with its status. */
    public static void main(String[] args) {
        // whatever else prints would corrupt what we send
        FileOutputStream stdout = new FileOutputStream(FileDescriptor.out);
        PrintStream errors = System.err;
        System.setOut(errors);
        System.exit(run(args, stdout, errors));
    }

    private static int run(String[] args, FileOutputStream stdout, PrintStream errors) {
        try {
            // the command line parser costs 100 ms when it is used for the first time
            if (args.length == 1 && args[0].equals("serve")) {
                return new ServeCommand(ROOT, new FileInputStream(FileDescriptor.in), stdout, errors).run();
            }
            return HelperCommand.run(ROOT, stdout, errors, args);
        } catch (RuntimeException | Error e) {
            return Crash.report(e, errors);
        }
    }
}
