package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.HugeCode;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.MariaDatabase;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;

/** Interpreters and a database, with the code of their libraries: same output and status as plain, on 2 MB pages. */
@InLab
final class LibraryProgramsIT {
    private static final Path LIBRARIES = Path.of("/usr/lib/x86_64-linux-gnu");
    private static final String BOTH = "--targets=exe,libs";

    /** Interpreters are of a size with which only rounding outward is sure to find a whole page. */
    private static final String OUTWARD = "--strategy=aggressive";

    private static final long HUGE_KB = 2048;

    private static final String PYTHON_SCRIPT = """
            import collections, hashlib, json, re, sys, threading
            words = collections.Counter(re.findall(r'[a-z]+', 'the code of the program is in the library ' * 1000))
            print(json.dumps(words, sort_keys=True))
            sums = []
            threads = [threading.Thread(target=lambda: sums.append(sum(i * i for i in range(200000)))) for _ in range(4)]
            [thread.start() for thread in threads]
            [thread.join() for thread in threads]
            print(set(sums), hashlib.sha256(repr(sums).encode()).hexdigest())
            try:
                {}['nothing']
            except KeyError as e:
                print(repr(e))
            print('ready', flush=True)
            sys.stdin.read()
            print(sum(i % 7 for i in range(300000)))
            sys.exit(7)
            """;

    private static final String PHP_SCRIPT = """
            <?php
            function fibonacci($n) { return $n < 2 ? $n : fibonacci($n - 1) + fibonacci($n - 2); }
            preg_match_all('/[a-z]+/', str_repeat('the code of the program ', 1000), $found);
            $words = array_count_values($found[0]);
            ksort($words);
            echo json_encode($words), ' ', fibonacci(20), ' ', hash('sha256', serialize($words)), "\\n";
            try { intdiv(1, 0); } catch (DivisionByZeroError $e) { echo $e->getMessage(), "\\n"; }
            echo "ready\\n";
            stream_get_contents(STDIN);
            echo fibonacci(22), "\\n";
            exit(7);
            """;

    private static final String PERL_SCRIPT = """
            use strict; use List::Util 'sum'; use Digest::SHA 'sha256_hex';
            $| = 1;
            my %words;
            $words{$_}++ for ('the code of the program ' x 1000) =~ /[a-z]+/g;
            print join(' ', map { "$_ $words{$_}" } sort keys %words), "\\n", sha256_hex(sum(map { $_ * $_ } 1 .. 100000)), "\\n";
            eval { die "nothing\\n" }; print $@;
            print `echo from a child`, $? >> 8, "\\n";
            print "ready\\n";
            my @rest = <STDIN>;
            print scalar(grep { $_ % 7 == 0 } 1 .. 300000), "\\n";
            exit 7;
            """;

    @Test
    void aPythonInALibraryWorksAsPlain(Lab lab) throws IOException {
        lab.provide(Backing.THP);
        assertSame(lab, OUTWARD, Specimens.python(libpython()), lab.file("script.py", PYTHON_SCRIPT));
    }

    /** Where the kernel aligns libraries, this one has no whole page within its code. */
    @Test
    void whatIsWatchedForIsRoundedOutwardAsWell(Lab lab) throws IOException {
        lab.provide(Backing.THP);
        Object[] python = {Specimens.python(libpython()), lab.file("script.py", PYTHON_SCRIPT)};
        Outcome plain = lab.plain(python).run();

        RunningProgram traced =
                lab.tracer(OUTWARD, "--dlopen=60").of(python).start().awaitLine("ready");
        traced.awaitThat("a library on huge pages", () -> HugeCode.kilobytes(traced.program()) >= HUGE_KB);

        assertThat(traced.finish()).isEqualTo(plain);
    }

    private static Path libpython() throws IOException {
        try (Stream<Path> files = Files.list(LIBRARIES)) {
            List<Path> found = files.filter(
                            file -> String.valueOf(file.getFileName()).matches("libpython3[.]\\d+[.]so[.]1[.]0"))
                    .toList();
            assumeTrue(!found.isEmpty(), "there is no libpython3");
            return found.get(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void phpWorksAsPlain(Backing backing, Lab lab) {
        lab.provide(backing);
        assertSame(lab, OUTWARD, "php", lab.file("script.php", PHP_SCRIPT));
    }

    /** What can be had of it depends on where it comes to lie. */
    @Test
    void perlWorksAsPlainWhateverIsThere(Lab lab) {
        lab.provide(Backing.THP);
        Object[] perl = {"perl", lab.file("script.pl", PERL_SCRIPT)};
        Outcome plain = lab.plain(perl).run();
        assertThat(plain.status()).isEqualTo(7);
        for (String strategy : List.of("--strategy=conservative", OUTWARD)) {
            assertThat(lab.tracer("--strict", BOTH, strategy).of(perl).run()).isEqualTo(plain);
        }
    }

    private static void assertSame(Lab lab, String strategy, Object... program) {
        Outcome plain = lab.plain(program).run();
        RunningProgram traced =
                lab.tracer("--strict", BOTH, strategy).of(program).start().awaitLine("ready");
        assertThat(HugeCode.kilobytes(traced.program())).isGreaterThanOrEqualTo(HUGE_KB);
        assertThat(traced.finish()).isEqualTo(plain);
        assertThat(plain.status()).isEqualTo(7);
    }

    @ParameterizedTest
    @EnumSource
    void mariadbAnswersOnHugePagesAndEndsAsPlain(Backing backing, Lab lab) {
        lab.provide(backing);
        MariaDatabase database = MariaDatabase.in(lab);
        Outcome plain = session(database, database.start(lab.plain(database.server())));

        RunningProgram server = database.start(lab.tracer("--strict", BOTH).of(database.server()));
        server.text().assertWhollyOn(backing);
        Outcome traced = session(database, server);

        assertThat(traced.out()).isEqualTo(plain.out());
        assertThat(traced.status()).isEqualTo(plain.status()).isZero();
        assertThat(plain.outLines()).contains("5000\t12502500", "1000");
    }

    /** What it answers, and how it ends. */
    private static Outcome session(MariaDatabase database, RunningProgram server) {
        Outcome answers = database.ask("""
                create database numbers;
                use numbers;
                create table number (n int primary key, word varchar(20), key (word)) engine=innodb;
                insert into number select seq, concat('word ', seq % 7) from seq_1_to_5000;
                select count(*), sum(n) from number;
                select word, count(*), group_concat(n order by n limit 3) from number group by word;
                select sha2(group_concat(one.n * other.n order by one.n), 256) from number one join number other on other.n = 5001 - one.n where one.n < 200;
                start transaction;
                delete from number where n > 1000;
                select count(*) from number;
                rollback;
                select json_object('sum', sum(n), 'matches', sum(word regexp '^word [0-3]$')) from number;
                drop database numbers;
                """);
        assertThat(answers.status()).as(answers.err()).isZero();
        server.process().signal("TERM");
        return new Outcome(server.awaitEnd().status(), answers.out(), "");
    }
}
