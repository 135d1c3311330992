package org.tiexec.protocol.outcome;

/** What asking for the SHA-256 of a region's bytes came to. */
public sealed interface Digest {
    /** Dispatches on the variant; a new variant fails to compile where it is not handled. */
    <R, X extends Exception> R match(Cases<R, X> cases) throws X;

    /**
     * One method for each variant.
     *
     * @param <R> what each returns
     * @param <X> what each may throw
     */
    interface Cases<R, X extends Exception> {
        R sha256(Sha256 digest) throws X;

        R missing(Missing digest) throws X;
    }

    /**
     * The digest.
     *
     * @param hex 64 lower-case hexadecimal digits
     */
    record Sha256(String hex) implements Digest {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.sha256(this);
        }
    }

    /**
     * None could be made.
     *
     * @param reason why not, for people
     */
    record Missing(String reason) implements Digest {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.missing(this);
        }
    }
}
