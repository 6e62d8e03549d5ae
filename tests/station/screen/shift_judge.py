#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the station recorded against what was put where: shift_judge.py PUT DUMPS attempts.json units.json LOT OPERATOR

PUT has a line for each time a board lay in a slot to its end: SLOT BOARD SERIAL|- RESULT, as the operator wrote it down. Which
MAC a board has is its own word, DUMPS/BOARD.eui64: the first eight bytes of the sector at 0x3FF000 of its flash. Nothing that the
station says is taken for that. Prints what differs, or the count.
"""
import collections
import json
import sys


def mac_of(dumps, board):
    with open(f"{dumps}/{board}.eui64", "rb") as f:
        eui = f.read()
    if len(eui) != 8 or eui[3:5] != b"\xff\xfe":
        sys.exit(f"board {board}: no EUI-64 in its flash: {eui.hex()}")
    return ":".join(f"{b:02x}" for b in eui[:3] + eui[5:])


def rows_of(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def main():
    put, dumps, attempts, units, lot, operator = sys.argv[1:]
    wanted, last, macs = collections.Counter(), {}, {}
    with open(put, encoding="utf-8") as f:
        for line in f:
            slot, board, serial, result = line.split()
            serial = "" if serial == "-" else serial
            mac = macs.setdefault(board, mac_of(dumps, board))
            wanted[int(slot), mac, serial, result, lot, operator] += 1
            last[mac] = serial, result
    if len(set(macs.values())) != len(macs):
        sys.exit(f"two boards with one MAC: {macs}")
    got = collections.Counter(
        (int(r["slot"]), r["mac"], r["serial"] or "", r["result"], r["lot"], r["operator"]) for r in rows_of(attempts))
    bad = [f"put, not recorded: {row}" for row in (wanted - got).elements()]
    bad += [f"recorded, not put: {row}" for row in (got - wanted).elements()]
    now = {r["mac"]: (r["serial"] or "", r["result"]) for r in rows_of(units)}
    bad += [f"unit {mac}: {now.get(mac)}, not {end}" for mac, end in last.items() if now.get(mac) != end]
    bad += [f"a unit that nobody put in: {mac}" for mac in now if mac not in last]
    print("\n".join(bad) if bad else f"{sum(wanted.values())} times a board lay in a slot, {len(last)} boards: all alike")
    return 1 if bad else 0


sys.exit(main())
