package org.tiexec.helper.snapshot;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.helper.sys.NativeMemory;
import org.tiexec.helper.sys.RemoteMemory;
import org.tiexec.helper.sys.SysException;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.plan.Region;

/** The SHA-256 of a region's bytes. */
public final class RegionDigest {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private final Region region;
    private final MessageDigest sha256;
    private final byte[] bytes = new byte[Chunk.BYTES];

    /** Begins with nothing digested. */
    public RegionDigest(Region region) {
        this.region = region;
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Digests the memory where the region is.
     *
     * @return 64 lower-case hexadecimal digits
     * @throws SysException if it cannot be read, for instance because the process has ended
     */
    public String ofMemory(NativeCalls calls, int pid) throws SysException {
        sha256.reset();
        try (RemoteMemory target = calls.memoryOf(pid);
                NativeMemory buffer = calls.allocate(Chunk.BYTES)) {
            for (int i = 0; i < chunks(); i++) {
                Chunk chunk = Chunk.of(i, region.range().length());
                Address from = region.range().start().plus(chunk.offset());
                target.read(from, buffer, chunk.length());
                buffer.copyTo(bytes, chunk.length());
                sha256.update(bytes, 0, chunk.length());
            }
        }
        return digits();
    }

    /**
     * Digests the part of the file that was mapped where the region is.
     *
     * @return 64 lower-case hexadecimal digits
     * @throws IOException if the file cannot be read, or is shorter than it was
     */
    public String ofFile(RandomAccessFile file) throws IOException {
        if (region.isWidened()) {
            throw new IOException("the region is more than what is mapped of it in one piece");
        }
        sha256.reset();
        file.seek(region.fileOffset());
        for (int i = 0; i < chunks(); i++) {
            int wanted = Chunk.of(i, region.range().length()).length();
            int got = 0;
            int count = file.read(bytes, 0, wanted);
            while (count > 0) {
                got += count;
                count = file.read(bytes, got, wanted - got);
            }
            if (wanted - got >= PageSize.BASE) {
                throw new IOException("it ends before the region does; it has been truncated");
            }
            sha256.update(bytes, 0, got);
            addZeros(wanted - got);
        }
        return digits();
    }

    /** The last page of a mapping is filled up with zeros where the file ends within it. */
    private void addZeros(int count) {
        for (int i = 0; i < count; i++) {
            sha256.update((byte) 0);
        }
    }

    private int chunks() {
        return Chunk.count(region.range().length());
    }

    private String digits() {
        byte[] digest = sha256.digest();
        StringBuilder digits = new StringBuilder(2 * digest.length);
        for (byte b : digest) {
            digits.append(HEX[b >> 4 & 0xf]).append(HEX[b & 0xf]);
        }
        return digits.toString();
    }
}
