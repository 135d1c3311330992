package org.tiexec.it.support;

import java.util.ArrayList;
import java.util.List;
import org.tiexec.protocol.abi.Errno;

/**
 * An answer that the kernel did not give.
 *
 * @param name what people call it
 * @param value the raw result of a call
 */
public record WrongAnswer(String name, long value) {
    /** Out of memory. */
    public static final WrongAnswer NO_MEMORY = of(Errno.ENOMEM);

    /** All kinds. */
    public static List<WrongAnswer> all() {
        List<WrongAnswer> answers = new ArrayList<>();
        for (Errno errno : List.of(Errno.ENOMEM, Errno.EINVAL, Errno.EPERM, Errno.EFAULT, Errno.EAGAIN)) {
            answers.add(of(errno));
        }
        answers.add(new WrongAnswer("a success that makes no sense", 1));
        answers.add(new WrongAnswer("an address where nothing is", 0x6660_0000_0000L));
        return answers;
    }

    private static WrongAnswer of(Errno errno) {
        return new WrongAnswer(errno.toString(), -errno.number());
    }
}
