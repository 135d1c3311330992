package org.tiexec.tracer.sys;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import org.tiexec.protocol.abi.Errno;

/**
 * The functions of the C library that the tracer calls, bound through jffi.
 *
 * <p>jffi is the layer below jnr-ffi. The tracer starts cold with every program that is launched, and there jnr-ffi's
 * interface form costs about 150 ms where jffi costs about 50. Every argument and result is a 64-bit word; pointers are
 * addresses from {@link NativeArena} or, for ptrace, addresses in the target, which are never dereferenced here. For
 * use by any number of threads.
 */
final class LibC {
    private static final int MOST_ARGUMENTS = 6;

    private final Invoker invoker = Invoker.getInstance();
    private final MemoryIO memory = MemoryIO.getInstance();
    private final Library library = Library.getDefault();
    private final CallContext[] contexts = new CallContext[MOST_ARGUMENTS + 1];
    private final long ptrace = find("ptrace");
    private final long waitpid = find("waitpid");
    private final long memcmp = find("memcmp");
    private final long processVmReadv = find("process_vm_readv");

    LibC() {
        for (int count = 0; count <= MOST_ARGUMENTS; count++) {
            Type[] words = new Type[count];
            for (int i = 0; i < count; i++) {
                words[i] = Type.SLONG_LONG;
            }
            contexts[count] = new CallContext(Type.SLONG_LONG, words, CallingConvention.DEFAULT, true);
        }
    }

    private long find(String function) {
        long address = library.getSymbolAddress(function);
        if (address == 0) {
            throw new UnsatisfiedLinkError("the C library has no " + function);
        }
        return address;
    }

    /** The error of the last call made by the calling thread. */
    Errno errno() {
        return new Errno(LastError.getInstance().get());
    }

    MemoryIO memory() {
        return memory;
    }

    long ptrace(long request, long pid, long address, long data) {
        return invoker.invokeN4(contexts[4], ptrace, request, pid, address, data);
    }

    int waitpid(int pid, long status, int options) {
        return (int) invoker.invokeN3(contexts[3], waitpid, pid, status, options);
    }

    int waitid(int kind, int id, long info, int options) {
        return (int) invoker.invokeN4(contexts[4], find("waitid"), kind, id, info, options);
    }

    int poll(long descriptors, int count, int timeout) {
        return (int) invoker.invokeN3(contexts[3], find("poll"), descriptors, count, timeout);
    }

    int getppid() {
        return (int) invoker.invokeN0(contexts[0], find("getppid"));
    }

    int kill(int pid, int signal) {
        return (int) invoker.invokeN2(contexts[2], find("kill"), pid, signal);
    }

    int getpid() {
        return (int) invoker.invokeN0(contexts[0], find("getpid"));
    }

    void exitNow(int status) {
        invoker.invokeN1(contexts[1], find("_exit"), status);
    }

    int execve(long path, long argv, long envp) {
        return (int) invoker.invokeN3(contexts[3], find("execve"), path, argv, envp);
    }

    int posixSpawn(long pid, long path, long fileActions, long attributes, long argv, long envp) {
        return (int) invoker.invokeN6(contexts[6], find("posix_spawn"), pid, path, fileActions, attributes, argv, envp);
    }

    int fcntl(int descriptor, int command, int argument) {
        return (int) invoker.invokeN3(contexts[3], find("fcntl"), descriptor, command, argument);
    }

    void initAttributes(long attributes) {
        invoker.invokeN1(contexts[1], find("posix_spawnattr_init"), attributes);
    }

    void setSignalMask(long attributes, long mask) {
        invoker.invokeN2(contexts[2], find("posix_spawnattr_setsigmask"), attributes, mask);
    }

    void setFlags(long attributes, short flags) {
        invoker.invokeN2(contexts[2], find("posix_spawnattr_setflags"), attributes, flags);
    }

    void initFileActions(long actions) {
        invoker.invokeN1(contexts[1], find("posix_spawn_file_actions_init"), actions);
    }

    int addClose(long actions, int descriptor) {
        return (int) invoker.invokeN2(contexts[2], find("posix_spawn_file_actions_addclose"), actions, descriptor);
    }

    void destroyFileActions(long actions) {
        invoker.invokeN1(contexts[1], find("posix_spawn_file_actions_destroy"), actions);
    }

    int sigwaitinfo(long set, long info) {
        return (int) invoker.invokeN2(contexts[2], find("sigwaitinfo"), set, info);
    }

    int sigtimedwait(long set, long info, long timeout) {
        return (int) invoker.invokeN3(contexts[3], find("sigtimedwait"), set, info, timeout);
    }

    void sigpending(long set) {
        invoker.invokeN1(contexts[1], find("sigpending"), set);
    }

    int gettid() {
        return (int) invoker.invokeN0(contexts[0], find("gettid"));
    }

    int tgkill(int pid, int thread, int signal) {
        return (int) invoker.invokeN3(contexts[3], find("tgkill"), pid, thread, signal);
    }

    int getpgid(int pid) {
        return (int) invoker.invokeN1(contexts[1], find("getpgid"), pid);
    }

    int setpgid(int pid, int group) {
        return (int) invoker.invokeN2(contexts[2], find("setpgid"), pid, group);
    }

    void pthreadSigmask(int how, long set, long oldSet) {
        invoker.invokeN3(contexts[3], find("pthread_sigmask"), how, set, oldSet);
    }

    void signal(int signal, long handler) {
        invoker.invokeN2(contexts[2], find("signal"), signal, handler);
    }

    void setrlimit(int resource, long limit) {
        invoker.invokeN2(contexts[2], find("setrlimit"), resource, limit);
    }

    long getxattr(long path, long name, long value, long size) {
        return invoker.invokeN4(contexts[4], find("getxattr"), path, name, value, size);
    }

    /** {@code memcmp(3)}; a cold JVM compares in its interpreter 50 times slower. */
    int memcmp(long one, long other, long bytes) {
        return (int) invoker.invokeN3(contexts[3], memcmp, one, other, bytes);
    }

    /** {@code syscall(2)}, for what the C library has no function for, or refuses or changes arguments of. */
    long syscall(long number, long first, long second, long third, long fourth) {
        return invoker.invokeN5(contexts[5], find("syscall"), number, first, second, third, fourth);
    }

    int prctl(int option, long argument) {
        return (int) invoker.invokeN5(contexts[5], find("prctl"), option, argument, 0, 0, 0);
    }

    int prlimit(int pid, int resource, long limit, long oldLimit) {
        return (int) invoker.invokeN4(contexts[4], find("prlimit"), pid, resource, limit, oldLimit);
    }

    void setitimer(int which, long value, long oldValue) {
        invoker.invokeN3(contexts[3], find("setitimer"), which, value, oldValue);
    }

    int getScheduler(int pid) {
        return (int) invoker.invokeN1(contexts[1], find("sched_getscheduler"), pid);
    }

    void getSchedulerParameters(int pid, long parameters) {
        invoker.invokeN2(contexts[2], find("sched_getparam"), pid, parameters);
    }

    void setScheduler(int pid, int policy, long parameters) {
        invoker.invokeN3(contexts[3], find("sched_setscheduler"), pid, policy, parameters);
    }

    int getPriority(int kind, int pid) {
        return (int) invoker.invokeN2(contexts[2], find("getpriority"), kind, pid);
    }

    void setPriority(int kind, int pid, int priority) {
        invoker.invokeN3(contexts[3], find("setpriority"), kind, pid, priority);
    }

    void unshare(int what) {
        invoker.invokeN1(contexts[1], find("unshare"), what);
    }

    int fchdir(int descriptor) {
        return (int) invoker.invokeN1(contexts[1], find("fchdir"), descriptor);
    }

    int open(long path, int flags) {
        return (int) invoker.invokeN2(contexts[2], find("open"), path, flags);
    }

    int create(long path, int flags, int mode) {
        return (int) invoker.invokeN3(contexts[3], find("open"), path, flags, mode);
    }

    long write(int descriptor, long bytes, long count) {
        return invoker.invokeN3(contexts[3], find("write"), descriptor, bytes, count);
    }

    void unlink(long path) {
        invoker.invokeN1(contexts[1], find("unlink"), path);
    }

    void dup2(int descriptor, int copy) {
        invoker.invokeN2(contexts[2], find("dup2"), descriptor, copy);
    }

    void close(int descriptor) {
        invoker.invokeN1(contexts[1], find("close"), descriptor);
    }

    long processVmReadv(int pid, long local, long remote) {
        return invoker.invokeN6(contexts[6], processVmReadv, pid, local, 1, remote, 1, 0);
    }
}
