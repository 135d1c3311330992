package org.tiexec.tracer.launch;

import org.tiexec.tracer.target.PtraceTarget;

/** A launch without 2 MB pages: the program as if we were not there, or the reason why it is not run. */
final class PlainRun {
    private final LaunchOptions options;
    private final Place place;
    private final LaunchMessages messages;

    PlainRun(LaunchOptions options, Place place, LaunchMessages messages) {
        this.options = options;
        this.place = place;
        this.messages = messages;
    }

    /** Fail open: says why and runs the program without us, unless strictness forbids it. */
    int fallBack(String reason) {
        if (isForbidden()) {
            return refuse(reason);
        }
        messages.runsWithout(reason, "2 MB pages");
        return place.runPlain();
    }

    /** The same where not even the calls may be made that it takes to put a program into its process. */
    int fallBackUntraced(String reason) {
        if (isForbidden()) {
            return refuse(reason);
        }
        messages.runsWithout(reason, "2 MB pages");
        return place.runUntraced();
    }

    private boolean isForbidden() {
        return options.strict() || options.dryRun();
    }

    /** Says why the program does not run. */
    int refuse(String reason) {
        return place.end(messages.notRun(reason));
    }

    /** The same where it stands still already. */
    int refuse(PtraceTarget target, String reason) {
        return place.end(target, messages.notRun(reason));
    }
}
