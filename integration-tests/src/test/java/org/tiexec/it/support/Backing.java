package org.tiexec.it.support;

/** The two kinds of 2 MB pages, each with the state of the machine in which {@code --backing=auto} has to choose it. */
public enum Backing {
    HUGETLB("hugetlb", 128),
    THP("thp", 0);

    private final String optionValue;
    private final int freePages;

    Backing(String optionValue, int freePages) {
        this.optionValue = optionValue;
        this.freePages = freePages;
    }

    /** The value of {@code --backing} that asks for it. */
    public String optionValue() {
        return optionValue;
    }

    /** The pages that the pool has to have free. */
    int freePages() {
        return freePages;
    }
}
