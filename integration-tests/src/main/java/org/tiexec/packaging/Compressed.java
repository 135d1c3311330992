package org.tiexec.packaging;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Bytes in gzip's format, as {@code gzip -9n} gives them. */
final class Compressed {
    private static final int EXTRA_FLAGS = 8;
    private static final byte BEST_COMPRESSION = 2;

    private Compressed() {}

    static byte[] of(byte[] bytes) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new Best(compressed)) {
            gzip.write(bytes);
        }
        byte[] file = compressed.toByteArray();
        file[EXTRA_FLAGS] = BEST_COMPRESSION;
        return file;
    }

    private static final class Best extends GZIPOutputStream {
        Best(ByteArrayOutputStream out) throws IOException {
            super(out);
            def.setLevel(Deflater.BEST_COMPRESSION);
        }
    }
}
