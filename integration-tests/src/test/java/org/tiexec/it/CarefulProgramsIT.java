package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.Specimens;

/** Programs whose code is not just read and executed: what must stay as it is stays, what may be swapped goes on working. */
@InLab
final class CarefulProgramsIT {
    /** Some seconds' worth of optimised and deoptimised code in little time; prints digests that do not depend on time. */
    private static final String JIT_HEAVY = """
            const crypto = require('crypto'), zlib = require('zlib');
            const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
            const digest = value => crypto.createHash('sha256').update(String(value)).digest('hex').slice(0, 16);
            function matrix(n) {
                const a = Float64Array.from({ length: n * n }, (_, i) => i % 7), b = new Float64Array(n * n);
                for (let i = 0; i < n; i++)
                    for (let j = 0; j < n; j++) { let s = 0; for (let k = 0; k < n; k++) s += a[i * n + k] * a[k * n + j]; b[i * n + j] = s; }
                return b.join();
            }
            function shapes(n) {
                const made = [];
                for (let i = 0; i < n; i++) {
                    const o = i % 3 ? { x: i, y: 1 } : i % 5 ? { y: 2, x: i } : { x: String(i), z: 3 };
                    made.push(typeof o.x === 'number' ? o.x + (o.y | 0) : o.x.length);
                }
                return made.reduce((sum, v) => (sum * 31 + v) >>> 0, 7);
            }
            function compiled(n) {
                let sum = 0;
                for (let i = 0; i < n; i++) sum = (sum + new Function('v', `return (v * ${i} + ${i % 13}) % 1009`)(i)) % 1000003;
                return sum;
            }
            function* walk(n) { for (let i = 0n; i < n; i++) yield i * i; }
            function wasm() {
                const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100,
                    100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11]);
                const { add } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
                let sum = 0;
                for (let i = 0; i < 300000; i++) sum = add(sum, i) | 0;
                return sum;
            }
            function work(seed) {
                const text = Array.from({ length: 4000 }, (_, i) => 'w' + (i * seed % 997)).join(' ');
                return [matrix(90), shapes(200000), compiled(3000), [...walk(3000n)].reduce((a, b) => a ^ b, 0n), wasm(),
                    text.replace(/w(\\d)(\\d*)/g, (m, a, b) => b + a), zlib.gunzipSync(zlib.gzipSync(text)).toString(),
                    JSON.stringify(JSON.parse(JSON.stringify(text.split(' ').sort())))].map(digest).join(' ');
            }
            if (isMainThread) {
                console.log(work(17));
                const worker = new Worker(__filename, { workerData: 31 });
                worker.on('message', text => console.log(text));
                worker.on('exit', code => process.exit(40 + code));
            } else {
                parentPort.postMessage(work(workerData));
                process.exit(2);
            }
            """;

    private static final String SNAPSHOT_ENTRY = """
            const table = new Map(Array.from({ length: 20000 }, (_, i) => ['key' + i, i * i % 7919]));
            const sum = from => [...table.values()].slice(from).reduce((a, b) => (a * 31 + b) % 1000003, 0);
            require('v8').startupSnapshot.setDeserializeMainFunction(() => {
                console.log('from the snapshot', table.size, sum(Number(process.argv[2] || 0)));
                process.exitCode = 5;
            });
            """;

    @ParameterizedTest
    @EnumSource
    void codeThatTheLoaderPatchesStaysAsItIs(Backing backing, Lab lab) {
        lab.provide(backing);
        Path program = Specimens.patchedByItsLoader();
        Outcome plain = lab.plain(program).run();
        assertThat(plain.status()).as(plain.toString()).isEqualTo(7);

        RunningProgram traced = lab.tracer("-v").of(program).start().awaitLine("ready");
        traced.text().assertOnSmallPages();
        Outcome verbose = traced.finish();

        assertThat(verbose.out()).isEqualTo(plain.out()).contains("addresses lead to 42");
        assertThat(verbose.status()).isEqualTo(7);
        assertThat(verbose.err())
                .contains("nothing to do", "its loader is going to patch it (text relocations, DT_TEXTREL)");
        assertThat(lab.tracer("--strict").of(program).run()).isEqualTo(plain);
    }

    @Test
    void codeThatTheLoaderPatchesIsPredictedToStay(Lab lab) {
        Outcome prediction =
                lab.helper("plan", "--elf=" + Specimens.patchedByItsLoader()).run();

        assertThat(prediction.status()).isZero();
        assertThat(prediction.outLines())
                .singleElement()
                .asString()
                .contains("\"nothingToDo\":true", "text relocations, DT_TEXTREL");
    }

    @ParameterizedTest
    @EnumSource
    void codeInWritableMemoryStaysAsItIs(Backing backing, Lab lab) {
        lab.provide(backing);
        Path program = Specimens.withWritableCode();
        Outcome plain = lab.plain(program).run();
        assertThat(plain.status()).as(plain.toString()).isEqualTo(7);

        RunningProgram traced = lab.tracer("-v").of(program).start().awaitLine("ready");
        traced.text().assertOnSmallPages();
        Outcome verbose = traced.finish();

        assertThat(verbose.out()).isEqualTo(plain.out());
        assertThat(verbose.status()).isEqualTo(7);
        assertThat(verbose.errLines())
                .singleElement()
                .asString()
                .contains("nothing to do", "has code in writable memory, which must stay as it is");
        assertThat(lab.tracer("--strict").of(program).run()).isEqualTo(plain);
    }

    @Test
    void codeInWritableMemoryOfARunningProgramIsPredictedToStay(Lab lab) {
        RunningProgram program = lab.plain(Specimens.withWritableCode()).start().awaitLine("ready");

        Outcome plan = lab.helper("plan", "--pid=" + program.process().pid()).run();
        program.finish();

        assertThat(plan.status()).isZero();
        assertThat(plan.out()).contains("\"nothingToDo\":true", "left as it is: writable and executable");
    }

    @Test
    void codeThatARunningProgramHasSealedIsPredictedToStay(Lab lab) {
        Outcome sealing = lab.plain(Specimens.specimen(), "seal").run();
        assumeFalse(
                sealing.out().contains("not implemented"), "this kernel has no mseal(2), which came with Linux 6.10");
        RunningProgram program =
                lab.plain(Specimens.specimen(), "seal", "hold").start().awaitLine("ready");

        Outcome plan = lab.helper("plan", "--pid=" + program.process().pid()).run();
        program.finish();

        assertThat(plan.status()).isZero();
        assertThat(plan.out()).contains("\"nothingToDo\":true", "left as it is: sealed by the program (mseal)");
    }

    @ParameterizedTest
    @EnumSource
    void aProgramMaySealTheCodeThatItWasGiven(Backing backing, Lab lab) {
        lab.provide(backing);
        Object[] program = {Specimens.specimen(), "check", "seal", "check", "fork", "2", "hold", "exit", "7"};
        Outcome plain = lab.plain(program).run();
        assumeFalse(plain.out().contains("not implemented"), "this kernel has no mseal(2), which came with Linux 6.10");
        assertThat(plain.out()).contains("sealed\n");

        RunningProgram traced = lab.tracer("--strict").of(program).start().awaitLine("ready");
        traced.text().assertWhollyOn(backing);

        assertThat(traced.finish()).isEqualTo(plain);
    }

    /** Its bytes and sums are the same; the names in its maps are not. */
    @ParameterizedTest
    @CsvSource({"HUGETLB, code of the pool", "THP, code of nobody"})
    void aProgramThatChecksItselfSeesTheSameCodeUnderAnotherName(Backing backing, String name, Lab lab) {
        lab.provide(backing);
        Object[] program = {Specimens.specimen(), "check", "names", "check", "exit", "7"};
        Outcome plain = lab.plain(program).run();

        Outcome traced = lab.tracer("--strict").of(program).run();

        assertThat(plain.outLines()).contains("code of its file");
        assertThat(traced.out()).isEqualTo(plain.out().replace("code of its file", name));
        assertThat(traced.status()).isEqualTo(plain.status()).isEqualTo(7);
        assertThat(traced.err()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void nodeUnderAHeavyLoadOfCompiledCodeComesToTheSameResults(Backing backing, Lab lab) {
        lab.provide(backing);
        Path script = lab.file("heavy.js", JIT_HEAVY);
        Outcome plain = lab.plain("node", script).run();
        assertThat(plain.status()).as(plain.toString()).isEqualTo(42);
        assertThat(plain.outLines()).hasSize(2);

        assertThat(lab.tracer("--strict").of("node", script).run()).isEqualTo(plain);
        assertThat(lab.tracer("--strict")
                        .of("node", "--always-sparkplug", "--stress-compaction", script)
                        .run())
                .isEqualTo(plain);
    }

    /** V8 looks at the code that is embedded in its own executable when it makes a snapshot, and when it reads one. */
    @ParameterizedTest
    @EnumSource
    void nodeMakesAndRunsASnapshotAsPlain(Backing backing, Lab lab) {
        lab.provide(backing);
        Path entry = lab.file("entry.js", SNAPSHOT_ENTRY);
        Path plainBlob = lab.directory().resolve("plain.blob");
        Path tracedBlob = lab.directory().resolve("traced.blob");
        Outcome plain = lab.plain("node", "--snapshot-blob", plainBlob, "--build-snapshot", entry)
                .run();
        assertThat(plain.status()).as(plain.toString()).isZero();

        assertThat(lab.tracer("--strict")
                        .of("node", "--snapshot-blob", tracedBlob, "--build-snapshot", entry)
                        .run())
                .isEqualTo(plain);

        Outcome plainRun =
                lab.plain("node", "--snapshot-blob", plainBlob, "100").run();
        assertThat(plainRun.status()).as(plainRun.toString()).isEqualTo(5);
        assertThat(plainRun.out()).startsWith("from the snapshot 20000 ");
        for (Path blob : new Path[] {plainBlob, tracedBlob}) {
            assertThat(lab.tracer("--strict")
                            .of("node", "--snapshot-blob", blob, "100")
                            .run())
                    .isEqualTo(plainRun);
            assertThat(lab.plain("node", "--snapshot-blob", blob, "100").run()).isEqualTo(plainRun);
        }
    }
}
