package org.tiexec.protocol.abi;

import org.jspecify.annotations.Nullable;
import org.tiexec.protocol.memory.Address;

/**
 * An error number of the kernel ({@code asm-generic/errno-base.h}, {@code asm-generic/errno.h}).
 *
 * @param number 1 to 4095
 */
public record Errno(int number) {
    public static final Errno EPERM = new Errno(1);
    public static final Errno ENOENT = new Errno(2);
    public static final Errno ESRCH = new Errno(3);
    public static final Errno EINTR = new Errno(4);
    public static final Errno ENOEXEC = new Errno(8);
    public static final Errno ECHILD = new Errno(10);
    public static final Errno EAGAIN = new Errno(11);
    public static final Errno ENOMEM = new Errno(12);
    public static final Errno EACCES = new Errno(13);
    public static final Errno EFAULT = new Errno(14);
    public static final Errno ENOTDIR = new Errno(20);
    public static final Errno EINVAL = new Errno(22);
    public static final Errno ENOSYS = new Errno(38);

    /** The largest error number; a raw result of −1 to −4095 is an error ({@code MAX_ERRNO}, {@code linux/err.h}). */
    public static final int MAX = 4095;

    private static final String[] NAMES = {
        "",
        "EPERM",
        "ENOENT",
        "ESRCH",
        "EINTR",
        "EIO",
        "ENXIO",
        "E2BIG",
        "ENOEXEC",
        "EBADF",
        "ECHILD",
        "EAGAIN",
        "ENOMEM",
        "EACCES",
        "EFAULT",
        "ENOTBLK",
        "EBUSY",
        "EEXIST",
        "EXDEV",
        "ENODEV",
        "ENOTDIR",
        "EISDIR",
        "EINVAL",
        "ENFILE",
        "EMFILE",
        "ENOTTY",
        "ETXTBSY",
        "EFBIG",
        "ENOSPC",
        "ESPIPE",
        "EROFS",
        "EMLINK",
        "EPIPE",
        "EDOM",
        "ERANGE",
        "EDEADLK",
        "ENAMETOOLONG",
        "ENOLCK",
        "ENOSYS",
        "ENOTEMPTY",
        "ELOOP"
    };

    private static final String[] MEANINGS = {
        "",
        "Operation not permitted",
        "No such file or directory",
        "No such process",
        "Interrupted system call",
        "Input/output error",
        "No such device or address",
        "Argument list too long",
        "Exec format error",
        "Bad file descriptor",
        "No child processes",
        "Resource temporarily unavailable",
        "Cannot allocate memory",
        "Permission denied",
        "Bad address",
        "Block device required",
        "Device or resource busy",
        "File exists",
        "Invalid cross-device link",
        "No such device",
        "Not a directory",
        "Is a directory",
        "Invalid argument",
        "Too many open files in system",
        "Too many open files",
        "Inappropriate ioctl for device",
        "Text file busy",
        "File too large",
        "No space left on device",
        "Illegal seek",
        "Read-only file system",
        "Too many links",
        "Broken pipe",
        "Numerical argument out of domain",
        "Numerical result out of range",
        "Resource deadlock avoided",
        "File name too long",
        "No locks available",
        "Function not implemented",
        "Directory not empty",
        "Too many levels of symbolic links"
    };

    /** Rejects numbers outside 1 to {@link #MAX}. */
    public Errno {
        if (number < 1 || number > MAX) {
            throw new IllegalArgumentException("not an error number: " + number);
        }
    }

    /** Whether a raw kernel result stands for an error. */
    public static boolean isError(long rawResult) {
        return rawResult < 0 && rawResult >= -MAX;
    }

    /** The error that a raw kernel result of −1 to −4095 stands for. */
    public static Errno ofRawResult(long rawResult) {
        return new Errno(Math.toIntExact(-rawResult));
    }

    /** What a raw kernel result that was not expected says: the error's name, or the number as it is. */
    public static String describe(long rawResult) {
        return isError(rawResult) ? ofRawResult(rawResult).toString() : "answered " + Address.hex(rawResult);
    }

    /** What {@code strerror(3)} says in the C locale, or the number where this table ends. */
    public String meaning() {
        return number < MEANINGS.length ? MEANINGS[number] : "error " + number;
    }

    /** The symbolic name, such as {@code ENOMEM}, or {@code errno-N} where this table ends. */
    @Override
    public String toString() {
        return number < NAMES.length ? NAMES[number] : "errno-" + number;
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof Errno other && other.number == number;
    }

    @Override
    public int hashCode() {
        return number;
    }
}
