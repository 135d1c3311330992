package org.tiexec.tracer.arch;

/** Which calls of 64-bit x86 do not survive a stop of their thread ({@code signal(7)}, {@code asm/unistd_64.h}). */
final class X8664Interruption {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int PWRITE64 = 18;
    private static final int READV = 19;
    private static final int WRITEV = 20;
    private static final int SENDFILE = 40;
    private static final int CONNECT = 42;
    private static final int ACCEPT = 43;
    private static final int SENDTO = 44;
    private static final int RECVFROM = 45;
    private static final int SENDMSG = 46;
    private static final int RECVMSG = 47;
    private static final int SEMOP = 65;
    private static final int RT_SIGTIMEDWAIT = 128;
    private static final int IO_GETEVENTS = 208;
    private static final int SEMTIMEDOP = 220;
    private static final int EPOLL_WAIT = 232;
    private static final int SPLICE = 275;
    private static final int TEE = 276;
    private static final int VMSPLICE = 278;
    private static final int EPOLL_PWAIT = 281;
    private static final int ACCEPT4 = 288;
    private static final int PWRITEV = 296;
    private static final int RECVMMSG = 299;
    private static final int SENDMMSG = 307;
    private static final int GETRANDOM = 318;
    private static final int COPY_FILE_RANGE = 326;
    private static final int PWRITEV2 = 328;
    private static final int IO_PGETEVENTS = 333;
    private static final int IO_URING_ENTER = 426;
    private static final int EPOLL_PWAIT2 = 441;

    private static final int MSG_WAITALL = 0x100;

    /** {@code IORING_ENTER_EXT_ARG} ({@code linux/io_uring.h}). */
    private static final int ENTER_EXT_ARG = 8;

    /** A pipe takes so much at once or nothing ({@code pipe(7)}). */
    private static final int PIPE_BUF = 4096;

    private X8664Interruption() {}

    static Interruption of(long number, long... arguments) {
        return switch ((int) number) {
            case EPOLL_WAIT,
                    EPOLL_PWAIT,
                    EPOLL_PWAIT2,
                    SEMOP,
                    SEMTIMEDOP,
                    RT_SIGTIMEDWAIT,
                    IO_GETEVENTS,
                    IO_PGETEVENTS -> Interruption.FAILS;
            case IO_URING_ENTER -> arguments[1] == 0 ? Interruption.FAILS : Interruption.CUT_SHORT;
            case READ, READV, CONNECT, ACCEPT, ACCEPT4 -> Interruption.MAY_FAIL;
            case RECVFROM -> waitsForAll(arguments[3]);
            case RECVMSG -> waitsForAll(arguments[2]);
            case WRITE, PWRITE64 ->
                Long.compareUnsigned(arguments[2], PIPE_BUF) <= 0 ? Interruption.RESTARTS : Interruption.CUT_SHORT;
            case SENDTO -> Interruption.CUT_SHORT;
            case WRITEV,
                    SENDFILE,
                    SENDMSG,
                    SPLICE,
                    TEE,
                    VMSPLICE,
                    PWRITEV,
                    PWRITEV2,
                    RECVMMSG,
                    SENDMMSG,
                    GETRANDOM,
                    COPY_FILE_RANGE -> Interruption.CUT_SHORT;
            default -> Interruption.RESTARTS;
        };
    }

    private static Interruption waitsForAll(long flags) {
        return (flags & MSG_WAITALL) != 0 ? Interruption.CUT_SHORT : Interruption.MAY_FAIL;
    }

    /**
     * Whether EINTR of such a call means that it has done nothing, so that it can be made again. Those on sockets fail only
     * where a timeout is set for the socket.
     */
    static boolean canBeMadeAgain(long number) {
        return switch ((int) number) {
            case EPOLL_WAIT,
                    EPOLL_PWAIT,
                    EPOLL_PWAIT2,
                    SEMOP,
                    SEMTIMEDOP,
                    RT_SIGTIMEDWAIT,
                    IO_GETEVENTS,
                    IO_PGETEVENTS,
                    IO_URING_ENTER,
                    READ,
                    WRITE,
                    READV,
                    WRITEV,
                    CONNECT,
                    ACCEPT,
                    ACCEPT4,
                    SENDTO,
                    SENDMSG,
                    SENDMMSG,
                    RECVFROM,
                    RECVMSG,
                    RECVMMSG -> true;
            default -> false;
        };
    }

    /** Whether the fourth argument is a timeout in milliseconds. */
    static boolean hasTimeoutInRegister(long number) {
        return number == EPOLL_WAIT || number == EPOLL_PWAIT;
    }

    /** Whether it waits for a time that memory, or the socket, holds. */
    static boolean hasTimeoutElsewhere(long number, long... arguments) {
        return switch ((int) number) {
            case SEMTIMEDOP, EPOLL_PWAIT2 -> arguments[3] != 0;
            case RT_SIGTIMEDWAIT -> arguments[2] != 0;
            case IO_GETEVENTS, IO_PGETEVENTS -> arguments[4] != 0;
            case IO_URING_ENTER -> (arguments[3] & ENTER_EXT_ARG) != 0;
            case READ, WRITE, READV, WRITEV, CONNECT, ACCEPT, ACCEPT4 -> true;
            case SENDTO, SENDMSG, SENDMMSG, RECVFROM, RECVMSG, RECVMMSG -> true;
            default -> false;
        };
    }
}
