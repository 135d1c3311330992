package org.tiexec.helper.region;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.elf.LoadSegment;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.memory.PageSize;
import org.tiexec.protocol.plan.Widened;
import org.tiexec.protocol.procfs.Mapping;

/**
 * Code of files that an attach has parked, with the places where it belongs.
 *
 * <p>Nothing is recorded in the process. A file's mappings lie at one distance from their offsets in it, so that those
 * which are still in their place tell where a parked one was; where the file says otherwise, its program headers do. There
 * must now be code without a file, as an attach leaves it. A wrong guess is harmless: the bytes of both are compared
 * before anything moves.
 */
public final class ParkedCode {
    private final List<Mapping> mappings;
    private final ProgramHeaders headers;
    private final List<Homecoming> homecomings = new ArrayList<>();
    private final List<Stranded> stranded = new ArrayList<>();

    private ParkedCode(List<Mapping> mappings, ProgramHeaders headers) {
        this.mappings = mappings;
        this.headers = headers;
    }

    /** Where the segments of mapped files are told. */
    public interface ProgramHeaders {
        /**
         * The segments of a file.
         *
         * @param file its mappings
         * @return none if they cannot be read
         */
        List<LoadSegment> of(List<Mapping> file);
    }

    /**
     * A parked mapping that can go back.
     *
     * @param park where the code is
     * @param start where all that is parked for the region begins: before the code, if the region is widened there
     * @param home where it was, now covered by code without a file
     * @param widened what else is parked, with the places where it belongs
     * @param hugetlb whether that is on reserved huge pages
     */
    public record Homecoming(Mapping park, Address start, AddressRange home, List<Widened> widened, boolean hugetlb) {
        /** Takes a copy. */
        public Homecoming {
            widened = List.copyOf(widened);
        }

        /** Where the code was. */
        public AddressRange code() {
            Address first = home.start().plus(park.range().start().distanceFrom(start));
            return AddressRange.ofLength(first, park.range().length());
        }
    }

    /**
     * A parked mapping that cannot go back.
     *
     * @param park where it is
     * @param reason why not, in words that follow "stays parked"
     */
    public record Stranded(Mapping park, String reason) {}

    /** Searches without asking for headers. */
    public static ParkedCode in(List<Mapping> mappings) {
        return in(mappings, ParkedCode::unknown);
    }

    private static List<LoadSegment> unknown(List<Mapping> file) {
        return List.of();
    }

    /**
     * Searches.
     *
     * @param mappings all mappings of a process, ascending
     * @param headers asked only where the mappings do not tell enough
     */
    public static ParkedCode in(List<Mapping> mappings, ProgramHeaders headers) {
        ParkedCode found = new ParkedCode(mappings, headers);
        for (Mapping mapping : mappings) {
            if (mapping.isParked() && !found.placeWidened(mapping) && isWholePages(mapping)) {
                found.place(mapping);
            }
        }
        for (Mapping mapping : mappings) {
            if (mapping.isFileCode() && !found.placeWidened(mapping) && isWholePages(mapping)) {
                found.placeIfParked(mapping);
            }
        }
        return found;
    }

    private static boolean isWholePages(Mapping mapping) {
        return (mapping.range().length() & (PageSize.HUGE - 1)) == 0;
    }

    /** What can go back. */
    public List<Homecoming> homecomings() {
        return homecomings;
    }

    /** What looks parked but cannot go back. */
    public List<Stranded> stranded() {
        return stranded;
    }

    /**
     * An attach or an undo that was cut short leaves a park which can be executed. It is told from code that is where it
     * belongs by what the planner of attaches takes care of: park and place have one offset within 1 GiB.
     */
    private void placeIfParked(Mapping code) {
        List<Mapping> neighbours = neighbours(code);
        List<Address> places = new ArrayList<>();
        for (Address place : placesByDistance(code, neighbours)) {
            if (new Address(place.distanceFrom(code.range().start())).isAligned(PageSize.GIGANTIC)) {
                places.add(place);
            }
        }
        if (!isAtHome(code, neighbours)) {
            comesHome(code, places);
        }
    }

    /**
     * A widened region is parked with what it was widened over, at the offset within 1 GiB that it had: what was read-only
     * beside the code, and read-only zeros for gaps, together whole pages of 2 MB.
     *
     * @return whether it is one that goes home, or would have to
     */
    private boolean placeWidened(Mapping code) {
        AddressRange whole = new AddressRange(
                code.range().start().alignDown(PageSize.HUGE),
                code.range().end().alignUp(PageSize.HUGE));
        List<Widened> pieces = new ArrayList<>();
        if (whole.equals(code.range()) || !consistsOf(whole, code, pieces)) {
            return false;
        }
        List<Mapping> neighbours = neighbours(code);
        List<Mapping> outside = new ArrayList<>();
        boolean atHome = false;
        for (Mapping neighbour : neighbours) {
            if (!neighbour.range().overlaps(whole)) {
                outside.add(neighbour);
                atHome |= neighbour.range().end().equals(whole.start())
                        || whole.end().equals(neighbour.range().start());
            }
        }
        if (atHome) {
            return false;
        }
        List<Address> places = placesByDistance(code, outside);
        boolean home = comesHome(code, whole, pieces, places);
        if (!home && code.isParked()) {
            places.addAll(placesByHeaders(code, neighbours));
            home = comesHome(code, whole, pieces, places);
        }
        if (!home && code.isParked()) {
            stranded.add(new Stranded(code, "where it belongs cannot be told, or something else is there by now"));
        }
        return home || code.isParked();
    }

    /** Whether a range is code with just what it may be parked with; collects the latter. */
    private boolean consistsOf(AddressRange whole, Mapping code, List<Widened> pieces) {
        Address covered = whole.start();
        for (Mapping mapping : mappings) {
            Optional<AddressRange> part = mapping.range().intersection(whole);
            if (part.isPresent()) {
                boolean readOnly = mapping.isReadOnlyFile() && mapping.mapsSameFileAs(code);
                boolean fits = readOnly || mapping.isReadOnlyMemory() || mapping.equals(code);
                if (!fits || !part.get().start().equals(covered)) {
                    return false;
                }
                if (!mapping.equals(code)) {
                    Widened.Before before = readOnly ? Widened.Before.READ_ONLY : Widened.Before.GAP;
                    pieces.add(new Widened(part.get(), before));
                }
                covered = part.get().end();
            }
        }
        return covered.equals(whole.end());
    }

    private boolean comesHome(Mapping code, AddressRange whole, List<Widened> pieces, List<Address> places) {
        for (Address place : places) {
            long distance = place.distanceFrom(code.range().start());
            Address start = whole.start().plus(distance);
            Address end = whole.end().plus(distance);
            if (new Address(distance).isAligned(PageSize.GIGANTIC) && start.isBelow(end)) {
                AddressRange home = new AddressRange(start, end);
                Optional<Boolean> hugetlb = isFree(home) ? isCodeInMemory(home) : Optional.empty();
                if (hugetlb.isPresent()) {
                    List<Widened> widened = new ArrayList<>();
                    for (Widened piece : pieces) {
                        Address at = piece.range().start().plus(distance);
                        widened.add(new Widened(
                                AddressRange.ofLength(at, piece.range().length()), piece.before()));
                    }
                    homecomings.add(new Homecoming(code, whole.start(), home, widened, hugetlb.get()));
                    return true;
                }
            }
        }
        return false;
    }

    private List<Mapping> neighbours(Mapping park) {
        List<Mapping> neighbours = new ArrayList<>();
        for (Mapping mapping : mappings) {
            if (mapping.mapsSameFileAs(park) && !mapping.range().equals(park.range())) {
                neighbours.add(mapping);
            }
        }
        return neighbours;
    }

    private void place(Mapping park) {
        List<Mapping> neighbours = neighbours(park);
        List<Address> places = placesByDistance(park, neighbours);
        if (isAtHome(park, neighbours) || comesHome(park, places)) {
            return;
        }
        List<Address> others = placesByHeaders(park, neighbours);
        if (comesHome(park, others)) {
            return;
        }
        places.addAll(others);
        stranded.add(new Stranded(park, whyNot(park, places)));
    }

    /** A linker leaves gaps without any right within a library, too. */
    private static boolean isAtHome(Mapping park, List<Mapping> neighbours) {
        for (Mapping neighbour : neighbours) {
            boolean below = neighbour.range().end().equals(park.range().start());
            boolean above = park.range().end().equals(neighbour.range().start());
            if ((below || above) && !neighbour.isParked()) {
                return true;
            }
        }
        return false;
    }

    private static List<Address> placesByDistance(Mapping park, List<Mapping> neighbours) {
        List<Address> places = new ArrayList<>();
        for (Mapping neighbour : neighbours) {
            add(places, neighbour.range().start().plus(park.fileOffset() - neighbour.fileOffset()));
        }
        return places;
    }

    private List<Address> placesByHeaders(Mapping park, List<Mapping> neighbours) {
        List<Address> places = new ArrayList<>();
        if (neighbours.isEmpty()) {
            return places;
        }
        List<LoadSegment> segments = headers.of(neighbours);
        for (LoadSegment home : segments) {
            if (home.protection().execute() && holds(home, park.fileOffset())) {
                for (Mapping neighbour : neighbours) {
                    for (LoadSegment segment : segments) {
                        if (holds(segment, neighbour.fileOffset())) {
                            long bias = neighbour.range().start().bits() - linkedAt(segment, neighbour.fileOffset());
                            add(places, new Address(bias + linkedAt(home, park.fileOffset())));
                        }
                    }
                }
            }
        }
        return places;
    }

    private static boolean holds(LoadSegment segment, long offset) {
        return offset >= (segment.fileOffset() & -PageSize.BASE) && offset - segment.fileOffset() < segment.fileBytes();
    }

    private static long linkedAt(LoadSegment segment, long offset) {
        return segment.virtualAddress() + (offset - segment.fileOffset());
    }

    private static void add(List<Address> places, Address place) {
        if (!places.contains(place)) {
            places.add(place);
        }
    }

    private boolean comesHome(Mapping park, List<Address> places) {
        for (Address place : places) {
            Optional<AddressRange> home = range(place, park);
            if (home.isPresent() && isFree(home.get())) {
                Optional<Boolean> hugetlb = isCodeInMemory(home.get());
                if (hugetlb.isPresent()) {
                    homecomings.add(new Homecoming(park, park.range().start(), home.get(), List.of(), hugetlb.get()));
                    return true;
                }
            }
        }
        return false;
    }

    private static Optional<AddressRange> range(Address place, Mapping park) {
        Address end = place.plus(park.range().length());
        return place.isAligned(PageSize.HUGE) && place.isBelow(end)
                ? Optional.of(new AddressRange(place, end))
                : Optional.empty();
    }

    /** A file may be mapped twice. */
    private boolean isFree(AddressRange home) {
        for (Homecoming other : homecomings) {
            if (other.home().overlaps(home)) {
                return false;
            }
        }
        return true;
    }

    /** Whether mappings of code without a file are together just the range; if so, whether one has reserved pages. */
    private Optional<Boolean> isCodeInMemory(AddressRange home) {
        Address covered = home.start();
        boolean hugetlb = false;
        for (Mapping mapping : mappings) {
            if (mapping.range().overlaps(home)) {
                boolean fits = mapping.isCodeInMemory()
                        && mapping.range().start().equals(covered)
                        && home.contains(mapping.range());
                if (!fits) {
                    return Optional.empty();
                }
                covered = mapping.range().end();
                hugetlb |= mapping.isHugetlb();
            }
        }
        return covered.equals(home.end()) ? Optional.of(hugetlb) : Optional.empty();
    }

    private String whyNot(Mapping park, List<Address> places) {
        for (Address place : places) {
            Optional<AddressRange> home = range(place, park);
            if (home.isPresent()) {
                return "its place " + home.get() + " now holds " + contentOf(home.get());
            }
        }
        return "where it belongs cannot be told: no other mapping of its file is left in its place";
    }

    private String contentOf(AddressRange home) {
        for (Mapping mapping : mappings) {
            if (mapping.range().overlaps(home)) {
                String name = mapping.name().isEmpty() ? "" : " " + mapping.name();
                return mapping.range() + " " + mapping.protection() + name;
            }
        }
        return "nothing";
    }
}
