package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;

/** Programs of Debian and of the Go toolchain: same output and status as plain, their code on 2 MB pages. */
@InLab
final class RealProgramsIT {
    /** Sums up the r-x mappings on 2 MB pages in its own smaps; what it finds goes to standard error. */
    private static final String NODE_SCRIPT = """
            const fs = require('fs');
            const mappings = fs.readFileSync('/proc/self/smaps', 'utf8').split(/\\n(?=[0-9a-f]+-[0-9a-f]+ )/);
            let huge = 0;
            for (const mapping of mappings.filter(text => / r-xp /.test(text.split('\\n')[0]))) {
                const kilobytes = name => Number(mapping.match(new RegExp('^' + name + ': +(\\\\d+) kB', 'm'))[1]);
                huge += kilobytes('KernelPageSize') === 2048 ? kilobytes('Size') : kilobytes('AnonHugePages');
            }
            console.error(huge);
            let sum = 0;
            for (let i = 0; i < 3e6; i++) sum = (sum * 31 + i) % 1000003;
            console.log([1, 2, 3].map(n => n * n), JSON.stringify({ sum, regexp: 'aab'.match(/a+/)[0] }));
            console.log('ready');
            process.stdin.on('data', () => {}).on('end', () => process.exit(7));
            """;

    private static final String CPP_SOURCE = """
            #include <algorithm>
            #include <iostream>
            #include <map>
            #include <string>
            #include <vector>
            template <int N> struct Fibonacci { static constexpr long value = Fibonacci<N - 1>::value + Fibonacci<N - 2>::value; };
            template <> struct Fibonacci<1> { static constexpr long value = 1; };
            template <> struct Fibonacci<0> { static constexpr long value = 0; };
            int main() {
                std::map<std::string, std::vector<long>> numbers;
                numbers["fibonacci"].push_back(Fibonacci<80>::value);
                for (auto &[name, values] : numbers) {
                    std::sort(values.begin(), values.end());
                    std::cout << name << values.size() << values[0] << std::endl;
                }
            }
            """;

    @ParameterizedTest
    @EnumSource
    void nodeSeesItsOwnCodeOnHugePagesAndExitsAsPlain(Backing backing, Lab lab) {
        lab.provide(backing);
        Path script = lab.file("script.js", NODE_SCRIPT);
        Outcome plain = lab.plain("node", script).run();

        // Debian's own node keeps its code in a library, where it stays; other builds have it in the executable.
        RunningProgram node = lab.traced("node", script).start().awaitLine("ready");
        node.text().assertNoneLeftOutOf(backing);
        long possibleKb = node.text().possibleKb();
        Outcome traced = node.finish();

        assertThat(plain.err()).isEqualTo("0\n");
        assertThat(traced.err()).isEqualTo(possibleKb + "\n");
        assertThat(traced.out()).isEqualTo(plain.out());
        assertThat(traced.status()).isEqualTo(plain.status()).isEqualTo(7);
    }

    @ParameterizedTest
    @EnumSource
    void gdbWorksAsPlainWithItsCodeOnHugePages(Backing backing, Lab lab) {
        lab.provide(backing);
        Object[] gdb = {
            "gdb",
            "--batch",
            "--nx",
            "-ex",
            "print 6 * 7",
            "-ex",
            "info line main",
            "-ex",
            "disassemble main",
            "-ex",
            "shell echo ready; cat",
            "-ex",
            "quit 3",
            Specimens.specimen()
        };
        Outcome plain = lab.plain(gdb).run();

        RunningProgram traced = lab.traced(gdb).start().awaitLine("ready");
        traced.text().assertWhollyOn(backing);

        assertThat(traced.finish()).isEqualTo(plain);
        assertThat(plain.outLines()).contains("$1 = 42");
        assertThat(plain.status()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void cc1plusCompilesTheSameObjectFileWithItsCodeOnHugePages(Backing backing, Lab lab) throws IOException {
        lab.provide(backing);
        Path plainAssembly = lab.directory().resolve("plain.s");
        Path tracedAssembly = lab.directory().resolve("traced.s");
        Outcome plain = lab.plain(cc1plus(lab, plainAssembly)).run(CPP_SOURCE);

        // it waits for its source on standard input while we look
        RunningProgram compiler = lab.traced(cc1plus(lab, tracedAssembly)).start();
        compiler.awaitTextWhollyOn(backing);
        compiler.say(CPP_SOURCE);

        assertThat(compiler.finish()).isEqualTo(plain).isEqualTo(new Outcome(0, "", ""));
        assertThat(assembled(lab, tracedAssembly)).isEqualTo(assembled(lab, plainAssembly));
    }

    private static Object[] cc1plus(Lab lab, Path assembly) {
        Outcome dryRun = lab.plain("g++", "-###", "-O2", "-S", "-x", "c++", "-", "-o", assembly)
                .run();
        List<String> lines = dryRun.errLines().stream()
                .filter(line -> line.contains("cc1plus"))
                .toList();
        assumeThat(lines).as("g++ -### names a cc1plus").hasSize(1);
        List<String> words = new ArrayList<>();
        for (String word : lines.get(0).strip().split(" ", -1)) {
            words.add(word.startsWith("\"") ? word.substring(1, word.length() - 1) : word);
        }
        words.add("-quiet");
        return words.toArray();
    }

    private static byte[] assembled(Lab lab, Path assembly) throws IOException {
        Path object = lab.directory().resolve("object.o");
        // the same input name twice: it is part of the object file
        Path input = Files.copy(assembly, lab.directory().resolve("assembly-to-compare.s"));
        assertThat(lab.plain("g++", "-c", input, "-o", object).run().status()).isZero();
        Files.delete(input);
        byte[] bytes = Files.readAllBytes(object);
        assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).contains("main");
        return bytes;
    }

    @ParameterizedTest
    @EnumSource
    void aStaticGoProgramServesAndComputesAsPlainOnHugePages(Backing backing, Lab lab) {
        lab.provide(backing);
        Outcome plain = lab.plain(Specimens.goProgram()).run();

        RunningProgram traced = lab.traced(Specimens.goProgram()).start().awaitLine("ready");
        traced.text().assertWhollyOn(backing);

        assertThat(traced.finish()).isEqualTo(plain);
        assertThat(plain.status()).isEqualTo(3);
    }
}
