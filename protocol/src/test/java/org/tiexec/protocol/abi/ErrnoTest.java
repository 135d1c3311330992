package org.tiexec.protocol.abi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ErrnoTest {
    /** {@code errno -l}, both headers up to ELOOP. */
    @ParameterizedTest
    @CsvSource({
        "EPERM, 1, Operation not permitted",
        "ENOENT, 2, No such file or directory",
        "ESRCH, 3, No such process",
        "EINTR, 4, Interrupted system call",
        "EIO, 5, Input/output error",
        "ENXIO, 6, No such device or address",
        "E2BIG, 7, Argument list too long",
        "ENOEXEC, 8, Exec format error",
        "EBADF, 9, Bad file descriptor",
        "ECHILD, 10, No child processes",
        "EAGAIN, 11, Resource temporarily unavailable",
        "ENOMEM, 12, Cannot allocate memory",
        "EACCES, 13, Permission denied",
        "EFAULT, 14, Bad address",
        "ENOTBLK, 15, Block device required",
        "EBUSY, 16, Device or resource busy",
        "EEXIST, 17, File exists",
        "EXDEV, 18, Invalid cross-device link",
        "ENODEV, 19, No such device",
        "ENOTDIR, 20, Not a directory",
        "EISDIR, 21, Is a directory",
        "EINVAL, 22, Invalid argument",
        "ENFILE, 23, Too many open files in system",
        "EMFILE, 24, Too many open files",
        "ENOTTY, 25, Inappropriate ioctl for device",
        "ETXTBSY, 26, Text file busy",
        "EFBIG, 27, File too large",
        "ENOSPC, 28, No space left on device",
        "ESPIPE, 29, Illegal seek",
        "EROFS, 30, Read-only file system",
        "EMLINK, 31, Too many links",
        "EPIPE, 32, Broken pipe",
        "EDOM, 33, Numerical argument out of domain",
        "ERANGE, 34, Numerical result out of range",
        "EDEADLK, 35, Resource deadlock avoided",
        "ENAMETOOLONG, 36, File name too long",
        "ENOLCK, 37, No locks available",
        "ENOSYS, 38, Function not implemented",
        "ENOTEMPTY, 39, Directory not empty",
        "ELOOP, 40, Too many levels of symbolic links",
        "errno-41, 41, error 41",
        "errno-4095, 4095, error 4095",
    })
    void hasTheNameAndMeaningThatTheHeadersGive(String name, int number, String meaning) {
        Errno errno = new Errno(number);
        assertThat(errno).hasToString(name);
        assertThat(errno.meaning()).isEqualTo(meaning);
    }

    @Test
    void describesWhatIsNoErrorByItsNumber() {
        assertThat(Errno.describe(-12)).isEqualTo("ENOMEM");
        assertThat(Errno.describe(0x1234_5678_9000L)).isEqualTo("answered 0x123456789000");
        assertThat(Errno.describe(-4096)).isEqualTo("answered 0xfffffffffffff000");
    }

    @Test
    void namesItsConstantsAfterTheirNumbers() {
        assertThat(new Errno[] {
                    Errno.EPERM,
                    Errno.ENOENT,
                    Errno.ESRCH,
                    Errno.EINTR,
                    Errno.ENOEXEC,
                    Errno.ECHILD,
                    Errno.EAGAIN,
                    Errno.ENOMEM,
                    Errno.EACCES,
                    Errno.EFAULT,
                    Errno.ENOTDIR,
                    Errno.EINVAL,
                    Errno.ENOSYS
                })
                .extracting(Errno::toString)
                .containsExactly(
                        "EPERM", "ENOENT", "ESRCH", "EINTR", "ENOEXEC", "ECHILD", "EAGAIN", "ENOMEM", "EACCES",
                        "EFAULT", "ENOTDIR", "EINVAL", "ENOSYS");
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 4096, Integer.MAX_VALUE})
    void refusesNumbersThatAreNoErrors(int number) {
        assertThatThrownBy(() -> new Errno(number))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(number));
    }

    @ParameterizedTest
    @CsvSource({
        "0, false",
        "-1, true",
        "-12, true",
        "-4095, true",
        "-4096, false",
        "1, false",
        "4096, false",
        "9223372036854775807, false",
        "-9223372036854775808, false",
        // an address in the upper half
        "-10485760, false",
    })
    void recognisesARawResultThatStandsForAnError(long raw, boolean error) {
        assertThat(Errno.isError(raw)).isEqualTo(error);
        if (error) {
            assertThat(Errno.ofRawResult(raw).number()).isEqualTo(-raw);
        }
    }
}
