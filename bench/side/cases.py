# SPDX-License-Identifier: Apache-2.0
"""What is measured: one axis at a time from 921600 baud, stub v2, a dirty flash, one slot; and the write stage's matrix."""
from dataclasses import dataclass

BASE_BAUD = 921600
BAUDS = (460800, 921600, 2000000, 3000000)
SLOTS = (8, 32, 64)


@dataclass(frozen=True)
class Case:
    name: str
    baud: int = BASE_BAUD
    loader: str = "v2"      # rom, v1, v2
    state: str = "dirty"    # blank, dirty, unchanged
    slots: int = 1
    foreign: bool = True    # with the other programmes beside it
    stub: str = None        # file; filled in when the tools are known
    floor: str = "v2"       # the floor's name of the loader, as well


def short(baud):
    return f"{baud // 1000000}M" if baud % 1000000 == 0 else str(baud)


def side_by_side():
    out = [Case("base")]
    out += [Case(short(b), baud=b) for b in BAUDS if b != BASE_BAUD]
    out += [Case(loader, loader=loader) for loader in ("rom", "v1")]
    out += [Case(state, state=state) for state in ("blank", "unchanged")]
    return out


def many():
    return [Case(f"slots-{n}", slots=n) for n in SLOTS]


def is_quick(case):
    """Whether --quick looks at it: not at what takes long or says the same as another."""
    return case.slots not in SLOTS[1:2] and not (case.name.startswith("write-") and case.baud not in (BASE_BAUD, BAUDS[-1]))


def matrix(boards):
    """Write stage against floor, stub and ROM in pairs: boards side by side in one run are as many samples."""
    return [[Case(f"write-{loader}-{state}-{short(baud)}", baud=baud, loader=loader, state=state, slots=boards, foreign=False)
             for loader in ("v2", "rom")] for state in ("blank", "dirty") for baud in BAUDS]
