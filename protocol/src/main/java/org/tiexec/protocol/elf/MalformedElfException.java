package org.tiexec.protocol.elf;

/** A file is no ELF image, or its headers contradict themselves. */
public final class MalformedElfException extends Exception {
    private static final long serialVersionUID = 1L;

    /** States what is wrong, in words that follow the file's name. */
    public MalformedElfException(String reason) {
        super(reason);
    }
}
