package org.tiexec.helper.backing;

/**
 * Why a kind of huge pages cannot be had now.
 *
 * @param reason what is missing, beginning with the backing's name
 * @param remedy what an administrator or user can do about it
 */
public record Shortage(String reason, String remedy) {
    /** Both in one piece: {@code reason (remedy)}. */
    public String inFull() {
        return reason + " (" + remedy + ")";
    }
}
