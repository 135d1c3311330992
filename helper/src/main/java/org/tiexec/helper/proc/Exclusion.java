package org.tiexec.helper.proc;

import org.tiexec.protocol.memory.AddressRange;

/**
 * Memory that must stay as it is.
 *
 * @param range where it is
 * @param reason why, in words that follow "left as it is"
 */
public record Exclusion(AddressRange range, String reason) {}
