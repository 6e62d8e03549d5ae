#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""flash-exact: after a PASS every byte of the flash is what an independent model says; whatever happens, the identity
sector is kept and a good board is never blamed.

Boards over three loaders (the ROM alone, stub v1, stub v2), with and without reset wiring, whose chip restarts by itself
and whose answers are lost at seeded moments, on real firmware (where ../shared/firmware is) and made jobs. Each runs once
through the engine (soak_board.c); flash_model.py says what must be there. CONTRIBUTING.md tells how to run it.
"""
import argparse
import collections
import concurrent.futures
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import flash_model
import soak_inputs

MB = 1 << 20
IMAGE_JOBS = 200
MADE_ARCHIVES = 60
REAL = (("WiPy 1.18", "WiPy-1.18.1.r1.tar.gz"), ("WiPy 1.20", "WiPy-1.20.1.r1-0.7.0.tar.gz"),
        ("merged", "micropython-tinypico-1.12.bin"))
LOADERS = (("rom", None), ("stub v1", "esp32-v1.json"), ("stub v2", "esp32.json"))

Case = collections.namedtuple("Case", "number kind loader stub wiring job revision mib troubles seed input")
End = collections.namedtuple("End", "result code name retries loader restarts told faults seconds detail violations wrong")


def stub_files():
    """{file name: path} of what this machine has."""
    env = os.environ.get
    for folder in (env("FLASHLINE_STUB_DIR"), os.path.join(env("XDG_CACHE_HOME") or os.path.join(env("HOME", "/"), ".cache"),
                                                           "flashline/stubs")):
        if folder and os.path.isdir(folder):
            return {n: os.path.join(folder, n) for n in os.listdir(folder) if n.endswith(".json")}
    return {}


class Inputs:
    """Firmware files, and one job file for each way in which a case needs it."""

    def __init__(self, folder, shared, seed, images, archives):
        self.folder, self.seed, self.made = folder, seed, {}
        self.parts = set() # of made images: those that are but a part of a flash
        self.sources = [] # (kind, name, flash sizes in MiB)
        self.skipped = []
        for kind, name in REAL:
            path = os.path.join(shared, name)
            if not os.path.exists(path):
                self.skipped.append(f"{kind}: no {name} in the shared firmware folder")
                continue
            self.sources.append((kind, path, (4, 8)))
        self.sources.append(("whole flash", "whole", (4, 8)))
        self.sources += [("images", f"images{i}", None) for i in range(images)]
        self.sources += [("made archive", f"archive{i}", None) for i in range(archives)]

    def pick(self, rng):
        """Real firmware a third of the time, however few files of it there are."""
        real = [s for s in self.sources if s[0] in {k for k, _ in REAL}]
        if real and rng.random() < 0.33:
            return rng.choice(real)
        kind = rng.choices(("images", "made archive", "whole flash"), (70, 25, 5))[0]
        return rng.choice([s for s in self.sources if s[0] == kind])

    def make(self, source):
        """(firmware lines, flash MiB to choose from, write_config) of a source; its files exist afterwards."""
        kind, name, sizes = source
        if name in self.made:
            return self.made[name]
        rng = random.Random(f"{self.seed} {name}")
        config = "no"
        if kind == "images":
            mib = rng.choice((4, 4, 8, 8, 8, 2, 16))
            config = "yes" if mib >= 4 and rng.random() < 0.05 else "no"
            sub = os.path.join(self.folder, name)
            os.mkdir(sub)
            files, part = soak_inputs.make_images(rng, sub, mib * MB, config == "yes")
            self.parts |= {name} if part else set()
            lines = ["images:"] + [f"  - {{file: {name}/{f}, offset: 0x{o:X}}}" for f, o in files]
            made = lines, (mib,), config
        elif kind == "made archive":
            mib = rng.choice((4, 8))
            soak_inputs.make_archive(rng, os.path.join(self.folder, name + ".tar.gz"), mib * MB)
            made = [f"archive: {name}.tar.gz"], (mib,), config
        elif kind == "whole flash":
            with open(os.path.join(self.folder, "whole.bin"), "wb") as f:
                f.write(soak_inputs.whole_flash(rng, 8 * MB))
            made = ["merged: {file: whole.bin, offset: 0x1000}"], (8,), config
        elif kind == "merged":
            made = [f"merged: {{file: {name}, offset: 0x1000}}"], sizes, config
        else:
            made = [f"archive: {name}"], sizes, config
        self.made[name] = made
        return made

    def job(self, source, stub, reset, retries):
        lines, _, config = self.make(source)
        name = os.path.basename(source[1]).replace(".", "-") + f"-{stub}-{reset}-{retries}"
        path = os.path.join(self.folder, name + ".yaml")
        if not os.path.exists(path):
            board = "WiPy" if "archive:" in lines[0] and source[0] != "made archive" else "esp32"
            if source[1] in self.parts: # of virtual boards, whose table and boot selection are Pycom's
                board = "WiPy"
            keys = {"board": board, "chip": "esp32", "baud": 921600, "retries": retries, "reset": reset, "stub": stub,
                    "write_config": config}
            if source[1] in self.parts:
                keys["partial"] = "yes"
            soak_inputs.write_job(path, keys, lines)
        return path


def draw_troubles(rng, kinds):
    """What happens to the chip and the line, and when: KIND:STAGE:PERCENT:BYTES, or "-"."""
    troubles = []
    for _ in range(rng.choice((0, 0, 1, 1, 1, 2))):
        stage = rng.choices(("backup", "stub", "erase", "write", "verify", "finalise", "confirm"),
                            (2, 4, 10, 58, 12, 8, 6))[0]
        percent = rng.randrange(100) if stage == "write" else rng.choice((0, 0, 30, 80))
        after = rng.choice((0, 1, 12, rng.randrange(40), rng.randrange(3000), rng.randrange(20000)))
        kind = rng.choices(("restart", "lose", "flip"), kinds)[0]
        troubles.append(f"{kind}:{stage}:{percent}:{after}")
    return ",".join(troubles) or "-"


def draw_cases(inputs, loaders, count, seed, kinds=(75, 25, 0)):
    cases = []
    for number in range(count):
        rng = random.Random(f"{seed} case {number}")
        loader, stub = loaders[number % len(loaders)]
        source = inputs.pick(rng)
        _, sizes, _ = inputs.make(source)
        mib = rng.choice(sizes)
        wiring = rng.choices(("wired", "jumper", "pulled"), (50, 42, 8))[0]
        job = inputs.job(source, "no" if stub is None else "auto", "none" if wiring != "wired" else
                         rng.choice(("classic", "tight")), rng.choice((0, 1, 1, 3)))
        revision = 0 if mib == 4 and source[0].startswith("WiPy") else rng.choice((1, 3))
        cases.append(Case(number, source[0], loader, stub or "-", wiring, job, revision, mib, draw_troubles(rng, kinds),
                          rng.randrange(1 << 48), source[1]))
    return cases


class Bench:
    """One soak_board process and the folder it dumps into."""

    def __init__(self, programme, folder):
        self.folder = folder
        os.mkdir(folder)
        self.process = subprocess.Popen([programme, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, case):
        return self.ask(f"{case.job} {case.stub} {case.revision} {case.mib} {case.wiring} {case.seed} {case.troubles}")

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        end = self.process.stdout.readline()
        if not end:
            raise RuntimeError(f"soak_board ended with status {self.process.wait()} on: {line}")
        return end.strip()

    def dump(self, name):
        with open(os.path.join(self.folder, name), "rb") as f:
            return f.read()

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


def judge(case, line, first, last):
    """Everything that must hold of this end."""
    result, code, name, retries, loader, restarts, told, faults, seconds, *detail = line.split(" ", 9)
    violations, wrong = [], []
    job = flash_model.read_job(case.job)
    config = flash_model.writes_identity(job)
    if result == "PASS":
        want = flash_model.plan_of(job, len(first)).after(first, config)
        if want != last:
            wrong = flash_model.differing_ranges(want, last)
            violations.append("false PASS")
    identity = slice(flash_model.IDENTITY, flash_model.IDENTITY + flash_model.SECTOR)
    if not config and first[identity] != last[identity]:
        violations.append("identity lost")
    if result == "FAIL":
        violations.append("good board blamed")
    if result not in ("PASS", "FAIL", "ERROR"):
        violations.append("no verdict")
    if result == "ERROR" and restarts == faults == "0":
        violations.append("ERROR without a cause")
    return End(result, int(code), name, int(retries), loader, int(restarts), int(told), int(faults), float(seconds),
               " ".join(detail), violations, wrong)


def keep_evidence(folder, case, line, end, bench):
    """All that is needed to look at it again."""
    place = os.path.join(folder, f"case{case.number}")
    os.makedirs(place, exist_ok=True)
    for name in ("first.bin", "last.bin"):
        shutil.copy(os.path.join(bench.folder, name), place)
    for name in [case.job] + flash_model.firmware_files(flash_model.read_job(case.job)):
        shutil.copy(name, place)
    with open(os.path.join(place, "case.txt"), "w", encoding="utf-8") as f:
        f.write(f"{case}\n{line}\n{', '.join(end.violations)}\n")
        f.writelines(f"0x{low:06x}-0x{high - 1:06x} differs\n" for low, high in end.wrong)


def run_share(programme, folder, evidence, cases):
    """The cases of one worker, in turn. Returns [(case, end)]."""
    bench, ends = Bench(programme, folder), []
    for case in cases:
        line = bench.run(case)
        if line.startswith("REFUSED"):
            ends.append((case, End("REFUSED", 0, "", 0, "", 0, 0, 0, 0.0, line, ["job refused"], [])))
            continue
        first, last = bench.dump("first.bin"), bench.dump("last.bin")
        end = judge(case, line, first, last)
        if end.violations and len(os.listdir(evidence)) < 40:
            keep_evidence(evidence, case, line, end, bench)
        ends.append((case, end))
    status = bench.close()
    if status != 0:
        raise RuntimeError(f"soak_board ended with status {status}")
    shutil.rmtree(folder)
    return ends


def shares(cases, workers):
    """Cases of one job follow each other on one worker, so that it is read once."""
    by_job = collections.defaultdict(list)
    for case in cases:
        by_job[case.job].append(case)
    out, load = [[] for _ in range(workers)], [0] * workers
    for job in sorted(by_job, key=lambda j: -len(by_job[j])):
        least = load.index(min(load))
        out[least] += by_job[job]
        load[least] += 2 + len(by_job[job]) * (3 if by_job[job][0].kind in dict(REAL) else 1)
    return [s for s in out if s]


def print_table(ends):
    rows = collections.defaultdict(list)
    for case, end in ends:
        wiring = "wired" if case.wiring == "wired" else "none"
        rows[(case.loader, wiring, case.kind)].append(end)
    codes = sorted({e.code for _, e in ends if e.result == "ERROR"})
    head = ["loader", "reset", "input", "boards", "chip restarts", "told", "line faults", "PASS", "of these after retry",
            "fell to ROM", "FAIL", *(f"ERROR {c}" for c in codes), "false PASS", "identity lost"]
    lines = [head]

    def line(label, some):
        passed = [e for e in some if e.result == "PASS"]
        stubbed = label[0].startswith("stub")
        return [*label, len(some), sum(e.restarts for e in some), sum(e.told for e in some),
                sum(e.faults for e in some), len(passed),
                sum(e.retries > 0 for e in passed),
                sum(e.loader != "stub" for e in passed) if stubbed else "-", sum(e.result == "FAIL" for e in some),
                *(sum(e.code == c and e.result == "ERROR" for e in some) for c in codes),
                sum("false PASS" in e.violations for e in some), sum("identity lost" in e.violations for e in some)]

    order = [name for name, _ in LOADERS]
    for key in sorted(rows, key=lambda k: (order.index(k[0]), *k[1:])):
        lines.append(line(key, rows[key]))
    lines.append(line(("all", "", ""), [e for _, e in ends]))
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in lines[1:]:
        print("| " + " | ".join(str(c) for c in row) + " |")


def print_violations(ends, evidence, seed):
    bad = [(c, e) for c, e in ends if e.violations]
    kinds = collections.Counter(v for _, e in bad for v in e.violations)
    for kind, n in kinds.most_common():
        print(f"violation: {kind}: {n}")
    for case, end in bad[:25]:
        wrong = ", ".join(f"0x{a:06x}-0x{b - 1:06x}" for a, b in end.wrong[:4])
        print(f"  case {case.number}: {', '.join(end.violations)}: {case.kind}, {case.loader}, {case.wiring}, "
              f"{case.mib} MB, {case.troubles}: {end.result} {end.code or ''} {end.detail}"
              f"{' wrong ' + wrong if wrong else ''}")
    if bad:
        print(f"evidence: {evidence}/case*/; again: script/soak flash-exact --seed {seed} --only {bad[0][0].number}")
    return len(bad)


def write_log(path, ends):
    with open(path, "w", encoding="utf-8") as f:
        for c, e in ends:
            fields = (c.number, c.loader, c.wiring, c.kind, f"{c.mib} MB", os.path.basename(c.job), c.troubles, e.result,
                      e.code, e.name, f"retries {e.retries}", e.loader, f"restarts {e.restarts} told {e.told}",
                      f"line faults {e.faults}", f"{e.seconds:.3f} s", e.detail, ", ".join(e.violations))
            f.write("\t".join(str(x) for x in fields) + "\n")


def parse_args():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--board", required=True, help="the soak_board programme")
    p.add_argument("--shared", default="../shared/firmware")
    p.add_argument("--cases", type=int, default=3000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--image-jobs", type=int, default=IMAGE_JOBS)
    p.add_argument("--made-archives", type=int, default=MADE_ARCHIVES)
    p.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    p.add_argument("--only", type=int, action="append", help="these case numbers only")
    p.add_argument("--flips", action="store_true",
                   help="the line also turns bits over, also in commands without checksum")
    p.add_argument("--log", help="a file for one line a board")
    p.add_argument("--evidence", help="where violations are kept (default: below the temporary folder)")
    return p.parse_args()


def main():
    args = parse_args()
    began = time.monotonic()
    have = stub_files()
    loaders = [(name, have.get(file) if file else None) for name, file in LOADERS if file is None or file in have]
    for name, file in LOADERS:
        if file and file not in have:
            print(f"skipped: {name}: no {file} among the stub files")
    work = tempfile.mkdtemp(prefix="flashline-soak-")
    evidence = args.evidence or tempfile.mkdtemp(prefix="flashline-soak-evidence-")
    os.makedirs(evidence, exist_ok=True)
    try:
        inputs = Inputs(work, os.path.abspath(args.shared), args.seed, args.image_jobs, args.made_archives)
        for why in inputs.skipped:
            print(f"skipped: {why}")
        cases = draw_cases(inputs, loaders, args.cases, args.seed, (50, 20, 30) if args.flips else (75, 25, 0))
        if args.only:
            cases = [c for c in cases if c.number in args.only]
        with concurrent.futures.ProcessPoolExecutor(args.workers) as pool:
            tasks = [pool.submit(run_share, args.board, os.path.join(work, f"bench{i}"), evidence, share)
                     for i, share in enumerate(shares(cases, args.workers))]
            ends = sorted((pair for t in tasks for pair in t.result()), key=lambda pair: pair[0].number)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if args.log:
        write_log(args.log, ends)
    print_table(ends)
    bad = print_violations(ends, evidence, args.seed)
    if not bad:
        shutil.rmtree(evidence)
    print(f"flash-exact: {len(ends)} boards, seed {args.seed}, {time.monotonic() - began:.0f} s, {bad} with violations")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
