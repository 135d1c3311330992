package org.tiexec.packaging;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The form of a Debian changelog. */
final class Changelog {
    private Changelog() {}

    /** A time as it stands at the end of an entry. */
    static String date(Instant time) {
        return DateTimeFormatter.RFC_1123_DATE_TIME
                .format(time.atOffset(ZoneOffset.UTC))
                .replace("GMT", "+0000");
    }
}
