#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeded plans for a plain ESP32. random_flash.py SEED FOLDER [--kind KIND] writes one, its job and the flash it leaves.

A plan is a partition table, images (bootloader, applications, data) at offsets, and the job that names them. draw() makes it:
sound, of many layouts (made_flash.py), or with one defect (flash_defects.py). Each kind says what it is meant to do to the
start of the board ("boots", "refused"), so that a reader that sees something else is caught as well as a generator that
breaks nothing. Plan.flash_after() lays the files into blank flash as a perfect flasher would.

Made from Espressif's public documents and sources, never from ours, as tests/support/second_stage.py is.
"""
import argparse
import os
import random

from flash_defects import DEFECTS
from made_flash import sound

KINDS = ["sound", *DEFECTS]


def fits(plan):
    """Nothing beyond the flash that the kind does not mean to put there."""
    return plan.kind.startswith(("table: beyond", "data: beyond")) or \
        plan.too_long() is None and \
        (plan.kind.startswith(("header:", "table: beyond")) or
         all(p.offset + p.size <= min(plan.declared(), plan.flash_size) for p in plan.parts))


def draw(seed, kind="sound"):
    """A plan of that kind; the same for the same seed."""
    rng = random.Random(f"{seed} {kind}")
    while True:
        plan = sound(rng)
        if kind != "sound":
            intent, only, function = DEFECTS[kind]
            if not only(plan):
                continue
            plan.kind, plan.intent = kind, intent
            function(rng, plan)
        if fits(plan):
            return plan


def main():
    p = argparse.ArgumentParser(description="One seeded plan: its files, job.yaml, and flash.bin as a perfect flasher leaves it")
    p.add_argument("seed")
    p.add_argument("folder")
    p.add_argument("--kind", choices=KINDS, default="sound")
    args = p.parse_args()
    plan = draw(args.seed, args.kind)
    print(plan.write(args.folder))
    with open(os.path.join(args.folder, "flash.bin"), "wb") as f:
        f.write(plan.flash_after())


if __name__ == "__main__":
    main()
