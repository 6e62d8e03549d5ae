#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bootable: what the station takes boots, and what boots it takes.

Seeded plans for the plain ESP32 (tests/support/random_flash.py), two of five sound, the others with one defect each. The
station is asked by `flashline job check`, tests/support/second_stage.py by the flash that a perfect flasher leaves. It is a
violation that the station takes what the reader refuses, and that it refuses what boots, but for the kinds of STRICTER and
where a board that was used before would start what it had: the same flash is read once more with an older application in
every application partition that the plan leaves alone.
CONTRIBUTING.md tells how to run it.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import made_flash # noqa: E402
import random_flash # noqa: E402
import second_stage # noqa: E402

OK, REFUSED = 0, 4 # how `job check` ends
ENOUGH = 5 # plans of a kind, before a row of STRICTER may be called idle

# Boards that start, and yet a station should not make them: kind, and why. A row that nothing needs is a violation.
STRICTER = {
    "otadata: the slot it chooses is damaged, factory boots":
        "the board starts from factory, but a damaged file is never written",
    "otadata: chooses an empty slot, another one boots":
        "the board starts, but the selection is for another build: it names a slot without an application",
    "otadata: sequence number 0":
        "the board starts, but the selection names a slot without an application",
    "bootloader: SHA-256 wrong": "nobody checks it at start, but a file that does not match its own digest is damaged",
    "data: runs over its partition into the next": "the board starts and the next partition is damaged",
    "table: application and data partition overlap": "the board starts until somebody writes to that partition",
    "table: a data partition over the bootloader": "the board starts until somebody writes to that partition",
    "table: a data partition over the table": "the board starts until somebody writes to that partition",
    "table: an unused application partition not on 64 KiB":
        "the board starts, and never what an update puts there; ESP-IDF's own tool makes no such table",
}

Case = collections.namedtuple("Case", "number kind seed")
End = collections.namedtuple("End", "form station line boots intent said violations")


def draw_cases(count, seed):
    """Two plans of five are sound; the others go through the defects in turn, so that a slice has each."""
    kinds = random_flash.KINDS[1:]

    def kind(i):
        return "sound" if i % 5 < 2 else kinds[(i // 5 * 3 + i % 5 - 2) % len(kinds)]

    return [Case(i, kind(i), f"{seed} {i}") for i in range(count)]


def ask_station(station, job, home):
    """(how it ended, its one line where it refused)."""
    env = {"PATH": os.environ.get("PATH", ""), "HOME": home, "LC_ALL": "C.UTF-8"}
    done = subprocess.run([station, "job", "check", job], capture_output=True, text=True, env=env, errors="replace",
                          stdin=subprocess.DEVNULL, timeout=120)
    lines = done.stderr.strip().splitlines()
    return done.returncode, lines[0] if lines and done.returncode else ""


def read_board(plan):
    """What the reader says of the board that this plan makes, if anybody could."""
    name = plan.too_long()
    if name:
        return second_stage.Verdict(False, None, f"{name} ends beyond the flash", [])
    return second_stage.judge(plan.flash_after(), plan.table_at, plan.revision)


def starts_older(plan, verdict):
    """Whether a used board that gets this plan starts an older application instead of what the plan writes."""
    files = plan.files()
    spans = [(offset, offset + len(data)) for _, offset, data in files]
    if plan.merged is not None: # one file: what lies between is written too
        spans = [(min(a for a, _ in spans), max(b for _, b in spans))]
    older = made_flash.Image([(0x3F400020, bytes(256)), (0x40080000, bytes(64))], 0x40080000).packed()
    flash = bytearray(plan.flash_after())
    for part in plan.app_parts():
        if len(older) <= part.size and not any(a < part.offset + part.size and part.offset < b for a, b in spans):
            flash[part.offset:part.offset + len(older)] = older
    again = second_stage.judge(bytes(flash), plan.table_at, plan.revision)
    return not again.boots or again.partition.offset != verdict.partition.offset


def judge(case, plan, status, line, verdict):
    """Everything that must hold of this plan."""
    violations = []
    older = verdict.boots and starts_older(plan, verdict)
    if status not in (OK, REFUSED):
        violations.append(f"station ended with {status}")
    if status == REFUSED and not line:
        violations.append("refused without a word")
    if status == OK and not verdict.boots:
        violations.append("station too lax")
    if status == OK and older:
        violations.append("station too lax for a used board")
    if status == REFUSED and verdict.boots and not older and case.kind not in STRICTER:
        violations.append("station too strict")
    if verdict.boots != (plan.intent == "boots"):
        violations.append("reader and generator differ")
    said = f"boots {verdict.partition.label}" if verdict.boots else verdict.reason
    form = {None: "files", "offset": "merged", "found": "merged, to be found"}[plan.merged]
    return End(f"{form}, table at 0x{plan.table_at:x}", status, line, verdict.boots, plan.intent, said, violations)


def run_share(station, folder, evidence, cases):
    """The cases of one worker, in turn. Returns [(case, end)]."""
    ends = []
    for case in cases:
        place = os.path.join(folder, f"case{case.number}")
        plan = random_flash.draw(case.seed, case.kind)
        status, line = ask_station(station, plan.write(place), folder)
        end = judge(case, plan, status, line.replace(place + "/", ""), read_board(plan))
        if end.violations and len(os.listdir(evidence)) < 40:
            kept = os.path.join(evidence, f"case{case.number}")
            shutil.move(place, kept)
            with open(os.path.join(kept, "flash.bin"), "wb") as f:
                f.write(plan.flash_after())
        shutil.rmtree(place, ignore_errors=True)
        ends.append((case, end))
    return ends


def run(args, cases, work, evidence):
    os.makedirs(evidence, exist_ok=True)
    shares = [cases[i::args.workers * 8] for i in range(args.workers * 8)]
    folders = [os.path.join(work, f"worker{i}") for i in range(len(shares))]
    for folder in folders:
        os.mkdir(folder)
    with concurrent.futures.ProcessPoolExecutor(args.workers) as pool:
        tasks = [pool.submit(run_share, args.station, *pair) for pair in
                 ((folder, evidence, share) for folder, share in zip(folders, shares))]
        return sorted((pair for t in tasks for pair in t.result()), key=lambda pair: pair[0].number)


def print_table(ends):
    rows = collections.defaultdict(list)
    for case, end in ends:
        rows[case.kind].append(end)
    head = ["kind", "plans", "both boot", "both refuse", "station too lax", "station too strict", "stricter on purpose",
            "reader unsure"]
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))

    def line(kind, some):
        def count(word):
            return sum(word in e.violations for e in some)
        strict = sum(e.station == REFUSED and e.boots for e in some)
        cells = [kind, len(some), sum(e.station == OK and e.boots for e in some),
                 sum(e.station == REFUSED and not e.boots for e in some),
                 count("station too lax") + count("station too lax for a used board"), count("station too strict"),
                 strict - count("station too strict"), count("reader and generator differ")]
        print("| " + " | ".join(str(c) for c in cells) + " |")

    for kind in random_flash.KINDS:
        if kind in rows:
            line(kind, rows[kind])
    line("all", [e for _, e in ends])


def idle_rows(ends):
    """Rows of STRICTER of which there were plans enough, none of them refused."""
    seen = collections.Counter(c.kind for c, _ in ends)
    used = {c.kind for c, e in ends if e.station == REFUSED and e.boots}
    return sorted(k for k in STRICTER if k not in random_flash.KINDS or seen[k] >= ENOUGH and k not in used)


def print_violations(ends, idle, evidence, seed):
    bad = [(c, e) for c, e in ends if e.violations]
    for word, n in collections.Counter(v for _, e in bad for v in e.violations).most_common():
        print(f"violation: {word}: {n}")
    shown = collections.defaultdict(list)
    for case, end in bad:
        shown[(case.kind, *end.violations)].append((case, end))
    for (kind, *words), some in shown.items():
        case, end = some[0]
        print(f"  {', '.join(words)}: {kind}: {len(some)}; case {case.number} ({end.form}): "
              f"station {end.station} {end.line or '-'}; reader: {end.said}")
        forms = collections.Counter(e.form for _, e in some)
        print("    " + ", ".join(f"{n} of {form}" for form, n in forms.most_common()))
    for kind in idle:
        print(f"violation: STRICTER has a row that nothing needs: {kind}")
    if bad:
        print(f"evidence: {evidence}/case*/; again: script/soak bootable --seed {seed} --only {bad[0][0].number}")
    return len(bad) + len(idle)


def write_log(path, ends):
    with open(path, "w", encoding="utf-8") as f:
        for c, e in ends:
            f.write(json.dumps({"case": c.number, "kind": c.kind, "form": e.form, "station": e.station, "line": e.line, "boots": e.boots,
                                "reader": e.said, "violations": e.violations}) + "\n")


def parse_args():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--station", required=True, help="the flashline programme")
    p.add_argument("--cases", type=int, default=5000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    p.add_argument("--only", type=int, action="append", help="these case numbers only")
    p.add_argument("--log", help="a file for one line of JSON a plan")
    p.add_argument("--evidence", help="where violations are kept (default: below the temporary folder)")
    return p.parse_args()


def main():
    args = parse_args()
    args.station = os.path.abspath(args.station)
    began = time.monotonic()
    cases = draw_cases(args.cases, args.seed)
    if args.only:
        cases = [c for c in draw_cases(max(args.only) + 1, args.seed) if c.number in args.only]
    work = tempfile.mkdtemp(prefix="bootable-")
    evidence = args.evidence or os.path.join(tempfile.gettempdir(), f"bootable-seed{args.seed}")
    if not args.evidence:
        shutil.rmtree(evidence, ignore_errors=True)
    try:
        ends = run(args, cases, work, evidence)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if args.log:
        write_log(args.log, ends)
    print_table(ends)
    bad = print_violations(ends, idle_rows(ends), evidence, args.seed)
    boots = sum(e.boots for _, e in ends)
    if not 0.3 <= boots / max(1, len(ends)) <= 0.7 and not args.only:
        print(f"violation: {boots} of {len(ends)} plans boot: too few of one sort to mean anything")
        bad += 1
    if not bad:
        shutil.rmtree(evidence)
    print(f"bootable: {len(ends)} plans, {boots} boot, seed {args.seed}, {time.monotonic() - began:.0f} s, {bad} with violations")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
