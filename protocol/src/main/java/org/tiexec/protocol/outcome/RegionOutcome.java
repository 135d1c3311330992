package org.tiexec.protocol.outcome;

import java.util.Optional;
import org.tiexec.protocol.plan.RegionId;

/**
 * What became of one region.
 *
 * @param region which one
 * @param file the name of the file whose code it is, as the kernel tells it; for people only
 * @param failure why it stayed as it was; empty if what was planned is done
 * @param before the pages of the whole mapping before
 * @param after the pages of the same addresses afterwards
 * @param digest the digest of the region's bytes, where it was asked for
 */
public record RegionOutcome(
        RegionId region,
        String file,
        Optional<String> failure,
        PageCounts before,
        PageCounts after,
        Optional<Digest> digest) {
    /** Whether what was planned for the region is done: it is on huge pages now, or after an undo no longer. */
    public boolean isSwapped() {
        return failure.isEmpty();
    }

    /** The same outcome with a digest. */
    public RegionOutcome withDigest(Digest found) {
        return new RegionOutcome(region, file, failure, before, after, Optional.of(found));
    }
}
