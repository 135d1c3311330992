package org.tiexec.helper.planner;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.helper.proc.Exclusion;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.helper.proc.ProcessFiles;
import org.tiexec.helper.proc.UnreadableProcessException;
import org.tiexec.helper.region.CodeFile;
import org.tiexec.helper.region.ParkedCode;
import org.tiexec.helper.strategy.RegionStrategy;
import org.tiexec.protocol.elf.ElfFile;
import org.tiexec.protocol.elf.ElfHeaders;
import org.tiexec.protocol.elf.MalformedElfException;
import org.tiexec.protocol.elf.TextRelocations;
import org.tiexec.protocol.memory.AddressRange;
import org.tiexec.protocol.plan.Widened;
import org.tiexec.protocol.plan.Widening;
import org.tiexec.protocol.procfs.MappedPages;
import org.tiexec.protocol.procfs.Mapping;

/**
 * Finds code of a running process that must stay as it is.
 *
 * <p>Only where something could be gained it looks at all, as the kernel walks page tables for each answer.
 */
final class AttachObstacles {
    private final ProcessFiles files;
    private final ProcessFacts process;
    private final RegionStrategy strategy;
    private final ParkedCode parked;
    private final List<Exclusion> found = new ArrayList<>();
    private final List<Mapping> candidates = new ArrayList<>();

    AttachObstacles(ProcessFiles files, ProcessFacts process, RegionStrategy strategy) {
        this.files = files;
        this.process = process;
        this.strategy = strategy;
        this.parked = ParkedCode.in(process.mappings());
    }

    /**
     * Looks at some files' code.
     *
     * @throws UnreadableProcessException if the process is gone or foreign
     */
    List<Exclusion> in(List<CodeFile> codeFiles) throws UnreadableProcessException {
        for (CodeFile file : codeFiles) {
            look(file);
        }
        if (!candidates.isEmpty()) {
            for (MappedPages pages : files.pagesOf(candidates)) {
                look(pages);
            }
        }
        return found;
    }

    private void look(CodeFile file) throws UnreadableProcessException {
        Optional<String> obstacle = Optional.empty();
        boolean asked = false;
        for (Mapping mapping : file.code()) {
            Optional<AddressRange> range = strategy.choose(mapping, process.mappings());
            if (range.isPresent()) {
                obstacle = asked ? obstacle : obstacleIn(file);
                asked = true;
                if (obstacle.isPresent()) {
                    exclude(mapping, obstacle.get());
                } else {
                    candidates.add(mapping);
                    look(file, mapping, range.get());
                }
            }
        }
    }

    private Optional<String> obstacleIn(CodeFile file) {
        if (file.isWritten()) {
            return Optional.of("the program may write to its file, which it has mapped shared as well");
        }
        try {
            return files.lookInto(file.mappings(), AttachObstacles::isPatched)
                    ? Optional.of("its loader patches it (text relocations, DT_TEXTREL)")
                    : Optional.empty();
        } catch (MalformedElfException e) {
            // whatever it is, no loader of ELF files patches it
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("its file cannot be read: " + e.getMessage());
        }
    }

    private static boolean isPatched(ElfFile file) throws MalformedElfException, IOException {
        return ElfHeaders.read(file).is64Bit() && TextRelocations.areIn(file);
    }

    private void look(CodeFile file, Mapping mapping, AddressRange range) throws UnreadableProcessException {
        if (file.isCopied(mapping) || isParked(mapping)) {
            exclude(mapping, "this code is mapped elsewhere, too; a tracer that was killed may have left it");
            return;
        }
        Optional<AddressRange> code = range.intersection(mapping.range());
        if (code.isPresent()) {
            Optional<String> written = written(code.get());
            if (written.isPresent()) {
                exclude(mapping, written.get());
            }
        }
        for (Widened piece : Widening.of(range, mapping, process.mappings()).orElse(List.of())) {
            if (piece.before() == Widened.Before.READ_ONLY) {
                look(piece.range());
            }
        }
    }

    /** What a region may be widened over: sealed or written to, it stays, and the code beside it does not. */
    private void look(AddressRange neighbour) throws UnreadableProcessException {
        Optional<String> written = written(neighbour);
        if (written.isPresent()) {
            found.add(new Exclusion(neighbour, written.get()));
        }
        if (!files.sealedWithin(neighbour).isEmpty()) {
            found.add(new Exclusion(neighbour, "sealed by the program (mseal)"));
        }
    }

    private Optional<String> written(AddressRange range) throws UnreadableProcessException {
        long own = files.ownPagesIn(range);
        return own == 0
                ? Optional.empty()
                : Optional.of(own + (own == 1 ? " page of it is" : " pages of it are")
                        + " the process's own: it, or a debugger, has written there");
    }

    private boolean isParked(Mapping mapping) {
        for (ParkedCode.Homecoming homecoming : parked.homecomings()) {
            if (homecoming.park().equals(mapping)) {
                return true;
            }
        }
        return false;
    }

    private void look(MappedPages pages) {
        Mapping mapping = pages.mapping();
        if (pages.isSealed()) {
            exclude(mapping, "sealed by the program (mseal)");
        }
        Optional<AddressRange> range = strategy.choose(mapping, process.mappings());
        if (range.isPresent() && pages.hugeBytes() >= range.get().length()) {
            exclude(mapping, "already on 2 MB pages");
        }
    }

    private void exclude(Mapping mapping, String reason) {
        found.add(new Exclusion(mapping.range(), reason));
    }
}
