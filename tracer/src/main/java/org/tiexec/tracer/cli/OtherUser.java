package org.tiexec.tracer.cli;

import java.util.Optional;

/**
 * Whom a program is to run as, as it was written.
 *
 * @param user a name or an id, maybe with a group behind a colon
 * @param groups the supplementary groups with commas between, if they are not those of the group database
 */
record OtherUser(String user, Optional<String> groups) {}
