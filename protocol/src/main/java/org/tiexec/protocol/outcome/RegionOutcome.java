package org.tiexec.protocol.outcome;

import java.util.Optional;
import org.tiexec.protocol.plan.RegionId;

/**
 * What became of one region.
 *
 * @param region which one
 * @param failure why it stayed as it was; empty if it is on huge pages
 * @param before the pages of the whole mapping before
 * @param after the pages of the same addresses afterwards
 * @param digest the digest of the region's bytes, where it was asked for
 */
public record RegionOutcome(
        RegionId region, Optional<String> failure, PageCounts before, PageCounts after, Optional<Digest> digest) {
    /** Whether the region is on huge pages now. */
    public boolean isSwapped() {
        return failure.isEmpty();
    }

    /** The same outcome with a digest. */
    public RegionOutcome withDigest(Digest found) {
        return new RegionOutcome(region, failure, before, after, Optional.of(found));
    }
}
