package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.it.support.Archives;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.Specimens;

/** The archive tells an operator what was done to a process, and nothing that is the program's own affair. */
@InLab
final class ArchiveIT {
    private static final int PAGES_4K_PER_2M = 512;

    @ParameterizedTest
    @EnumSource
    void holdsThePagesAndTheDigestOfEachRegion(Backing backing, Lab lab) throws Exception {
        lab.provide(backing);
        Path archive = Files.createDirectory(lab.directory().resolve("archive"));

        Outcome traced = lab.tracer("--archive=" + archive)
                .of(Specimens.specimen(), "check", "exit", "7")
                .run();

        assertThat(traced)
                .isEqualTo(lab.plain(Specimens.specimen(), "check", "exit", "7").run());
        JsonNode report = onlyDocument(archive);
        assertThat(report.path("outcome").asText()).isEqualTo("swapped");
        JsonNode attempt = report.path("attempts").path(0);
        JsonNode planned = attempt.path("plan").path("regions").path(0);
        JsonNode region = attempt.path("regions").path(0);
        long pages = Long.decode(planned.path("length").asText()) >> 21;
        assertThat(attempt.path("plan").path("backing").asText()).isEqualTo(backing.optionValue());
        assertThat(region.path("swapped").asBoolean()).isTrue();
        assertThat(pages).isPositive();
        assertThat(region.path("before").path("pages2M").asLong()).isZero();
        assertThat(region.path("after").path("pages2M").asLong()).isEqualTo(pages);
        assertThat(region.path("before").path("pages4K").asLong()
                        - region.path("after").path("pages4K").asLong())
                .isEqualTo(pages * PAGES_4K_PER_2M);
        assertThat(region.path("sha256").asText()).isEqualTo(digestOfTheFile(planned));
        assertThat(attempt.path("steps"))
                .isNotEmpty()
                .allSatisfy(step -> assertThat(step.path("nanos").asLong()).isPositive());
    }

    @Test
    void isReadableByItsOwnerOnlyAndHoldsNoValueOfTheEnvironmentAndNoArgument(Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);
        Path archive = Files.createDirectory(lab.directory().resolve("archive"));

        lab.tracer("--archive=" + archive)
                .of(Specimens.specimen(), "say", "argument-secret")
                .with("PASSWORD", "environment-secret")
                .run();

        Path document = Archives.awaitOnly(archive);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(document)))
                .isEqualTo("rw-------");
        assertThat(Files.readString(document)).doesNotContain("environment-secret", "argument-secret", "PASSWORD");
    }

    @Test
    void tellsWhyAProgramWasNotSwapped(Lab lab) throws IOException {
        lab.pool().provide(0);
        Path archive = Files.createDirectory(lab.directory().resolve("archive"));

        lab.tracer("--backing=hugetlb", "--archive=" + archive)
                .of(Specimens.specimen(), "check")
                .run();

        JsonNode report = onlyDocument(archive);
        assertThat(report.path("outcome").asText()).isEqualTo("not-swapped");
        assertThat(report.path("notes")).hasSize(1);
    }

    private static JsonNode onlyDocument(Path archive) throws IOException {
        return new ObjectMapper().readTree(Archives.awaitOnly(archive).toFile());
    }

    private static String digestOfTheFile(JsonNode planned) throws IOException, NoSuchAlgorithmException {
        long fileOffset = Long.decode(planned.path("fileOffset").asText());
        long length = Long.decode(planned.path("length").asText());
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        try (FileChannel file = FileChannel.open(Specimens.specimen())) {
            sha256.update(file.map(FileChannel.MapMode.READ_ONLY, fileOffset, length));
        }
        return HexFormat.of().formatHex(sha256.digest());
    }
}
