package org.tiexec.protocol.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the dynamic section of a file says of its text, however hostile the file. */
final class TextRelocationsTest {
    private static final int DT_NULL = 0;
    private static final int DT_NEEDED = 1;
    private static final int DT_TEXTREL = 22;
    private static final int DT_FLAGS = 30;
    private static final int DF_SYMBOLIC = 2;
    private static final int DF_TEXTREL = 4;

    private static final int PROGRAM_HEADERS = 64;
    private static final int LOAD = PROGRAM_HEADERS;
    private static final int DYNAMIC = PROGRAM_HEADERS + 56;
    private static final int SECTION_AT = 0x200;
    private static final long SECTION_ADDRESS = 0x600200;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void areAnnouncedByATag() throws Exception {
        assertThat(areIn(file(DT_NEEDED, 1, DT_TEXTREL, 0, DT_NULL, 0))).isTrue();
    }

    @Test
    void areAnnouncedByAFlag() throws Exception {
        assertThat(areIn(file(DT_FLAGS, DF_SYMBOLIC | DF_TEXTREL, DT_NULL, 0))).isTrue();
    }

    @Test
    void areNotAnnouncedByOtherFlags() throws Exception {
        assertThat(areIn(file(DT_FLAGS, DF_SYMBOLIC, DT_NULL, 0))).isFalse();
    }

    @Test
    void areNotLookedForBehindTheEndOfTheSection() throws Exception {
        assertThat(areIn(file(DT_NEEDED, 1, DT_NULL, 0, DT_TEXTREL, 0))).isFalse();
    }

    @Test
    void areNotInAStaticProgram() throws Exception {
        ByteBuffer image = file(DT_TEXTREL, 0);
        image.putInt(DYNAMIC, 4);

        assertThat(areIn(image)).isFalse();
    }

    /** The loader goes by addresses; the offset in the header is for other tools. */
    @Test
    void areFoundWhereTheLoaderWillFindThem() throws Exception {
        ByteBuffer image = file(DT_TEXTREL, 0);
        image.putLong(DYNAMIC + 8, 0);

        assertThat(areIn(image)).isTrue();
    }

    @Test
    void areNotFoundInRealProgramsOfThisMachine() throws Exception {
        try (RandomAccessFile java = new RandomAccessFile("/proc/self/exe", "r")) {
            assertThat(TextRelocations.areIn(java)).isFalse();
        }
    }

    @Test
    void ofASectionThatIsNotLoadedAreUnknown() {
        ByteBuffer image = file(DT_TEXTREL, 0);
        image.putLong(DYNAMIC + 16, 0x12345678);

        assertThatThrownBy(() -> areIn(image))
                .isInstanceOf(MalformedElfException.class)
                .hasMessageContaining("not loaded");
    }

    @Test
    void ofAFileThatEndsTooEarlyAreUnknown() {
        ByteBuffer image = file(DT_TEXTREL, 0);
        for (int length : new int[] {0, 63, 70, SECTION_AT, SECTION_AT + 8}) {
            ByteBuffer cut = ByteBuffer.allocate(length).put(image.slice(0, length));

            assertThatThrownBy(() -> areIn(cut)).as(length + " bytes").isInstanceOf(MalformedElfException.class);
        }
    }

    /** However large a section claims to be, little is read of it. */
    @Test
    void ofAnEndlessSectionAreLookedForToALimit() {
        ByteBuffer image = file(DT_TEXTREL, 0);
        image.putLong(DYNAMIC + 32, Long.MAX_VALUE);

        assertThatThrownBy(() -> areIn(image))
                .isInstanceOf(MalformedElfException.class)
                .hasMessageContaining("65536");
    }

    @Test
    void ofGarbageAreTrueOrFalseOrMalformed() throws Exception {
        Random random = new Random(22);
        for (int i = 0; i < 400; i++) {
            ByteBuffer image = file(DT_FLAGS, DF_TEXTREL, DT_NULL, 0);
            for (int change = 0; change < 6; change++) {
                image.put(random.nextInt(SECTION_AT), (byte) random.nextInt());
            }
            try {
                areIn(image);
            } catch (MalformedElfException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }

    private boolean areIn(ByteBuffer image) throws MalformedElfException, IOException {
        byte[] bytes = new byte[image.capacity()];
        image.get(0, bytes);
        Path file = Files.write(directory.resolve("image"), bytes);
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "r")) {
            return TextRelocations.areIn(opened);
        }
    }

    private static ByteBuffer file(long... dynamic) {
        int sectionBytes = dynamic.length * Long.BYTES;
        ByteBuffer image = ByteBuffer.allocate(SECTION_AT + sectionBytes).order(ByteOrder.LITTLE_ENDIAN);
        image.putLong(32, PROGRAM_HEADERS).putShort(54, (short) 56).putShort(56, (short) 2);
        image.putInt(LOAD, 1)
                .putLong(LOAD + 8, 0)
                .putLong(LOAD + 16, SECTION_ADDRESS - SECTION_AT)
                .putLong(LOAD + 32, SECTION_AT + sectionBytes);
        image.putInt(DYNAMIC, 2)
                .putLong(DYNAMIC + 8, SECTION_AT)
                .putLong(DYNAMIC + 16, SECTION_ADDRESS)
                .putLong(DYNAMIC + 32, sectionBytes);
        for (int i = 0; i < dynamic.length; i++) {
            image.putLong(SECTION_AT + i * Long.BYTES, dynamic[i]);
        }
        return image;
    }
}
