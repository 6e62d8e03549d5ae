#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""noisy-line: whatever bits the line turns over, a PASS means that every byte of the flash is what an independent model says.

The same boards and jobs at each error rate (one bit in so many bytes, both ways together, at any rate of the line), over the
ROM and the stub, in virtual time at 2 Mbaud at most. Told for each: how boards ended, what was done again, and how fast the
flash was written. flash_model.py, which knows job, firmware and first dump alone, says what must be there.
"""
import argparse
import collections
import concurrent.futures
import os
import random
import shutil
import sys
import tempfile
import time

import flash_model
import soak_inputs
import sweep_flash_exact as exact

MB = 1 << 20
RATES = (0, 2_000_000, 200_000, 50_000) # bytes a turned bit; 0: none
JOBS = 24
MIB = 4

Board = collections.namedtuple("Board", "case noise size")


class Bench(exact.Bench):
    def run(self, board):
        c = board.case
        return self.ask(f"{c.job} {c.stub} {c.revision} {c.mib} {c.wiring} {c.seed} - {board.noise}")


def make_jobs(folder, seed, count):
    """[(kind, job file without its stub, bytes written)]: an application, mostly of the usual sizes, and what it needs to start."""
    jobs = []
    for i in range(count):
        rng = random.Random(f"{seed} noisy {i}")
        sub = os.path.join(folder, f"images{i}")
        os.mkdir(sub)
        size = rng.choice((96, 160, 256, 384)) * 1024 + rng.randrange(-0x1800, 0x1800)
        rows = [("nvs", 1, 2, 0x9000, 0x6000), ("phy_init", 1, 1, 0xF000, 0x1000), ("factory", 0, 0, 0x10000, 0x180000)]
        files = [("boot.bin", 0x1000, soak_inputs.esp_image(rng, 0x5000)), ("table.bin", 0x8000, soak_inputs.partition_table(rows)),
                 ("app.bin", 0x10000, soak_inputs.esp_image(rng, size))]
        for name, _, data in files:
            with open(os.path.join(sub, name), "wb") as f:
                f.write(data)
        lines = ["images:"] + [f"  - {{file: images{i}/{name}, offset: 0x{at:X}}}" for name, at, _ in files]
        jobs.append((lines, sum(len(data) for _, _, data in files)))
    return jobs


def write_job(folder, number, lines, stub):
    path = os.path.join(folder, f"job{number}-{stub}.yaml")
    if not os.path.exists(path):
        keys = {"board": "esp32", "chip": "esp32", "baud": 2000000, "retries": 1, "reset": "tight", "stub": stub}
        soak_inputs.write_job(path, keys, lines)
    return path


def draw_boards(folder, loaders, count, seed):
    """Every board at every error rate: what the noise costs is told by nothing else."""
    jobs, boards = make_jobs(folder, seed, min(JOBS, count)), []
    for number in range(count):
        rng = random.Random(f"{seed} board {number // len(RATES)}")
        loader, stub = loaders[number // len(RATES) % len(loaders)]
        which = rng.randrange(len(jobs))
        job = write_job(folder, which, jobs[which][0], "no" if stub is None else "auto")
        case = exact.Case(number, loader, loader, stub or "-", "wired", job, 1, MIB, "-", rng.randrange(1 << 48), which)
        boards.append(Board(case, RATES[number % len(RATES)], jobs[which][1]))
    return boards


def run_share(programme, folder, evidence, boards):
    bench, ends = Bench(programme, folder), []
    for board in boards:
        line = bench.run(board)
        if line.startswith("REFUSED"):
            raise RuntimeError(f"{board.case.job}: {line}")
        end = exact.judge(board.case, line, bench.dump("first.bin"), bench.dump("last.bin"))
        if end.violations and len(os.listdir(evidence)) < 40:
            exact.keep_evidence(evidence, board.case, line, end, bench)
        ends.append((board, end))
    if bench.close() != 0:
        raise RuntimeError("soak_board did not end well")
    shutil.rmtree(folder)
    return ends


def print_table(ends):
    head = ["loader", "one bit in", "boards", "bits turned", "PASS", "of these after retry", "retries", "FAIL", "ERROR",
            "false PASS", "KiB/s", "of the quiet line's"]
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    rows = collections.defaultdict(list)
    for board, end in ends:
        rows[(board.case.loader, RATES.index(board.noise))].append((board, end))
    quiet = {}
    for loader, rate in sorted(rows, key=lambda k: (k[0] != "rom", k)):
        some = rows[(loader, rate)]
        passed = [(b, e) for b, e in some if e.result == "PASS"]
        # Failed boards cost time and bring nothing: all the seconds, the good boards' bytes.
        speed = sum(b.size for b, _ in passed) / 1024 / max(sum(e.seconds for _, e in some), 1e-9)
        quiet.setdefault(loader, speed)
        every = f"{RATES[rate]:,} bytes" if RATES[rate] else "none"
        row = [loader, every, len(some), sum(e.faults for _, e in some), len(passed), sum(e.retries > 0 for _, e in passed),
               sum(e.retries for _, e in some), sum(e.result == "FAIL" for _, e in some),
               sum(e.result == "ERROR" for _, e in some), sum("false PASS" in e.violations for _, e in some),
               f"{speed:.1f}", f"{speed / max(quiet[loader], 1e-9):.2f}"]
        print("| " + " | ".join(str(c) for c in row) + " |")


def print_violations(ends, evidence, seed):
    bad = [(b, e) for b, e in ends if e.violations]
    for board, end in bad[:25]:
        print(f"violation: {', '.join(end.violations)}: board {board.case.number}, {board.case.loader}, one bit in "
              f"{board.noise} bytes: {end.result} {end.code or ''} {end.detail}")
    if bad:
        print(f"evidence: {evidence}/case*/; again: script/soak noisy-line --seed {seed} --only {bad[0][0].case.number}")
    return len(bad)


def parse_args():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--board", required=True, help="the soak_board programme")
    p.add_argument("--cases", type=int, default=10000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    p.add_argument("--only", type=int, action="append", help="these boards only")
    p.add_argument("--evidence", help="where violations are kept (default: below the temporary folder)")
    return p.parse_args()


def main():
    args, began, have = parse_args(), time.monotonic(), exact.stub_files()
    loaders = [(name, have.get(file)) for name, file in exact.LOADERS if name != "stub v1" and (file is None or file in have)]
    if "esp32.json" not in have:
        print("skipped: stub v2: no esp32.json among the stub files")
    work = tempfile.mkdtemp(prefix="flashline-noisy-")
    evidence = args.evidence or tempfile.mkdtemp(prefix="flashline-noisy-evidence-")
    os.makedirs(evidence, exist_ok=True)
    try:
        boards = draw_boards(work, loaders, args.cases, args.seed)
        boards = [b for b in boards if not args.only or b.case.number in args.only]
        boards.sort(key=lambda b: b.case.job) # each job is read once a worker
        with concurrent.futures.ProcessPoolExecutor(args.workers) as pool:
            tasks = [pool.submit(run_share, args.board, os.path.join(work, f"bench{i}"), evidence, share)
                     for i in range(args.workers) if (share := boards[len(boards) * i // args.workers:
                                                                     len(boards) * (i + 1) // args.workers])]
            ends = sorted((pair for t in tasks for pair in t.result()), key=lambda pair: pair[0].case.number)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print_table(ends)
    bad = print_violations(ends, evidence, args.seed)
    if not bad:
        shutil.rmtree(evidence)
    print(f"noisy-line: {len(ends)} boards, seed {args.seed}, {time.monotonic() - began:.0f} s, {bad} with violations")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
