package org.tiexec.tracer.helper;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.tiexec.protocol.outcome.Printable;

/** Shows people what tracer and helper say to each other, each line with its direction. */
final class ConversationLog {
    private final PrintStream err;

    ConversationLog(PrintStream err) {
        this.err = err;
    }

    /** What comes from the helper, shown line by line as it is read. */
    InputStream heard(InputStream answers) {
        return new Heard(answers, new Lines(err, "tracer <- helper "));
    }

    /** What goes to the helper, shown line by line before it is sent. */
    OutputStream said(OutputStream questions) {
        return new Said(questions, new Lines(err, "tracer -> helper "));
    }

    /** Bytes that become lines. */
    private static final class Lines {
        private final PrintStream err;
        private final String direction;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        Lines(PrintStream err, String direction) {
            this.err = err;
            this.direction = direction;
        }

        void add(int b) {
            if (b == '\n') {
                end();
            } else {
                line.write(b);
            }
        }

        void end() {
            err.println(direction + Printable.of(line.toString(StandardCharsets.UTF_8)));
            line.reset();
        }

        /** What there is after the last line. */
        void close() {
            if (line.size() > 0) {
                end();
            }
        }
    }

    private static final class Heard extends FilterInputStream {
        private final Lines lines;

        Heard(InputStream in, Lines lines) {
            super(in);
            this.lines = lines;
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            if (b < 0) {
                lines.close();
            } else {
                lines.add(b);
            }
            return b;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int count = super.read(buffer, offset, length);
            for (int i = 0; i < count; i++) {
                lines.add(buffer[offset + i]);
            }
            if (count < 0) {
                lines.close();
            }
            return count;
        }
    }

    private static final class Said extends FilterOutputStream {
        private final Lines lines;

        Said(OutputStream out, Lines lines) {
            super(out);
            this.lines = lines;
        }

        @Override
        public void write(int b) throws IOException {
            lines.add(b);
            out.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int i = 0; i < length; i++) {
                lines.add(bytes[offset + i]);
            }
            out.write(bytes, offset, length);
        }
    }
}
