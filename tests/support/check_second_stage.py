#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""second_stage.py against flash that was made by hand, one known case a row, and against firmware that really boots.

check_second_stage.py [FIRMWARE-FOLDER]. The cases are written out here byte by byte, without random_flash.py: what both
believed wrongly would else agree.
"""
import collections
import hashlib
import json
import os
import struct
import sys
import tarfile

import second_stage

MB = 1 << 20
AA50 = b"\xAA\x50"

# CRC-32 of the sequence number alone, begun from all ones: what Espressif's otatool writes for 1, 2 and 3.
SEQ_1 = bytes.fromhex("01000000" + "ff" * 24 + "9a984347")
SEQ_2 = bytes.fromhex("02000000" + "ff" * 24 + "7437f655")
SEQ_3 = bytes.fromhex("03000000" + "ff" * 24 + "11504aed")
BAD_SEQ_9 = bytes.fromhex("09000000" + "ff" * 24 + "00000000")


def image(segments, entry=0x40080004, chip=0, least=0, most=0xFFFF, size_code=2, hashed=1, count=None, magic=0xE9):
    out = struct.pack("<BBBBI", magic, len(segments) if count is None else count, 2, size_code << 4, entry)
    out += b"\xEE\0\0\0" + struct.pack("<HBHH", chip, 0, least, most) + bytes(4) + bytes([hashed])
    check = 0xEF
    for address, data in segments:
        out += struct.pack("<II", address, len(data)) + data
        for byte in data:
            check ^= byte
    out += bytes(15 - len(out) % 16) + bytes([check])
    return out + (hashlib.sha256(out).digest() if hashed else b"")


BOOT = [(0x3FFF0000, b"\x11" * 0x100), (0x40078000, b"\x22" * 0x800), (0x40080000, b"\x33" * 0x200)]
APPLICATION = [(0x3F400020, b"\x41" * 0x300), (0x3FFB0000, b"\x42" * 0x80), (0x40080000, b"\x43" * 0x100)]


def row(label, kind, subtype, offset, size):
    return AA50 + struct.pack("<BBII16sI", kind, subtype, offset, size, label.encode(), 0)


def table(*rows, md5=True):
    raw = b"".join(rows)
    return raw + (b"\xEB\xEB" + b"\xFF" * 14 + hashlib.md5(raw).digest() if md5 else b"")


NVS = row("nvs", 1, 2, 0x9000, 0x4000)
OTADATA = row("otadata", 1, 0, 0xD000, 0x2000)
FACTORY = row("factory", 0, 0, 0x10000, 0x10000)
SLOTS = (row("ota_0", 0, 0x10, 0x20000, 0x10000), row("ota_1", 0, 0x11, 0x30000, 0x10000))
ALL = table(NVS, OTADATA, FACTORY, *SLOTS)
ONLY_SLOTS = table(NVS, OTADATA, *SLOTS)
GOOD = image(APPLICATION)


def flash(pieces, size=4 * MB):
    out = bytearray(b"\xFF" * size)
    for offset, data in pieces:
        out[offset:offset + len(data)] = data
    return bytes(out)


def board(rows=ALL, boot=image(BOOT), otadata=b"", table_at=0x8000, size=4 * MB, **applications):
    """A flash; applications: at10000=bytes."""
    pieces = [(0x1000, boot), (table_at, rows), (0xD000, otadata)]
    return flash(pieces + [(int(at[2:], 16), data) for at, data in applications.items()], size)


def cut_to(data, at, byte):
    return data[:at] + bytes([byte]) + data[at + 1:]


def bent(data, at=0x120):
    return cut_to(data, at, data[at] ^ 1)


def app_with(**values):
    return board(at10000=image(APPLICATION, **values))


def app_of(*segments, **values):
    return board(at10000=image(list(segments), **values))


TWO = SEQ_1 + b"\xFF" * (0x1000 - 32) + SEQ_2
INVALID_2 = SEQ_2[:24] + struct.pack("<I", 3) + SEQ_2[28:]
PENDING_2 = SEQ_2[:24] + struct.pack("<I", 1) + SEQ_2[28:]
FULL = b"".join(row(f"r{i}", 0x40, i, 0x100000, 0x1000) for i in range(96))

# name, flash, what must be said: the label that boots, or words of the refusal; options of judge().
CASES = [
    ("the ordinary board", board(at10000=GOOD), "factory", {}),
    ("no table row for the MD5", board(table(NVS, FACTORY, md5=False), at10000=GOOD), "factory", {}),
    ("nothing at all", flash([]), "!bootloader: no image (0xff", {}),
    ("bootloader at 0x0", flash([(0, image(BOOT)), (0x8000, ALL), (0x10000, GOOD)]), "!bootloader: no image", {}),
    ("bootloader: a bit turned over in data", board(boot=bent(image(BOOT), 0x50), at10000=GOOD), "!bootloader: checksum", {}),
    ("bootloader: 16 segments", board(boot=image([(0x40080000, b"abcd")] * 16), at10000=GOOD), "factory", {}),
    ("bootloader: 17 segments", board(boot=image([(0x40080000, b"abcd")] * 17), at10000=GOOD), "!17 segments", {}),
    ("bootloader: its digest differs", board(boot=cut_to(image(BOOT), len(image(BOOT)) - 1, 0), at10000=GOOD), "factory", {}),
    ("bootloader: no digest", board(boot=image(BOOT, hashed=0), at10000=GOOD), "factory", {}),
    ("bootloader: for the ESP32-S3", board(boot=image(BOOT, chip=9), at10000=GOOD), "!bootloader: for chip id 9", {}),
    ("bootloader: for v3.2, the chip is v3.1", board(boot=image(BOOT, least=302), at10000=GOOD), "!bootloader: for revision 3.02", {}),
    ("bootloader: for v3.1, the chip is v3.1", board(boot=image(BOOT, least=301), at10000=GOOD), "factory", {}),
    ("bootloader: a revision too new for it does not matter", board(boot=image(BOOT, most=1), at10000=GOOD), "factory", {}),
    ("bootloader: ends where the table begins", board(boot=image([(0x40080000, b"ab" * ((0x7000 - 24 - 8 - 16 - 32) // 2))]),
                                                      at10000=GOOD), "factory", {}),
    ("bootloader: one block over the table", board(boot=image([(0x40080000, b"ab" * ((0x7000 - 24 - 8 - 32) // 2))]),
                                                   table_at=0x9000, at10000=GOOD), "factory", {"table_at": 0x9000}),
    ("bootloader: over the table", board(boot=image([(0x40080000, b"ab" * 0x3800)]), at10000=GOOD), "!bootloader: checksum", {}),
    ("bootloader: over the table's sector, the table wins nothing",
     flash([(0x8000, ALL), (0x1000, image([(0x40080000, b"ab" * 0x3800)])), (0x10000, GOOD)]), "!ends at 0x80", {}),
    ("table elsewhere, and the bootloader knows", board(table_at=0xF000, at10000=GOOD), "factory", {"table_at": 0xF000}),
    ("table elsewhere, and it does not", board(table_at=0xF000, at10000=GOOD), "!partition table: row 0 begins with ffffffff", {}),
    ("table: a bit turned over", board(bent(ALL, 0x28), at10000=GOOD), "!MD5", {}),
    ("table: two MD5 rows", board(ALL + b"\xEB\xEB" + b"\xFF" * 14 + hashlib.md5(ALL).digest(), at10000=GOOD), "!two MD5", {}),
    ("table: something after it", board(ALL + b"\0" * 32, at10000=GOOD), "!begins with 00000000", {}),
    ("table: an end that is none", board(ALL + b"\xFF\xFF\x00\xFF", at10000=GOOD), "!begins with ffff00ff", {}),
    ("table: 95 rows and an end", board(FACTORY + FULL[:94 * 32], at10000=GOOD), "factory", {}),
    ("table: 96 rows", board(FACTORY + FULL[:95 * 32], at10000=GOOD), "!no end mark", {}),
    ("table: to the last byte of the flash", board(table(FACTORY, row("fs", 1, 0x82, 0x100000, 0x300000)), at10000=GOOD), "factory", {}),
    ("table: a sector beyond", board(table(FACTORY, row("fs", 1, 0x82, 0x100000, 0x301000)), at10000=GOOD), "!fs ends at 0x401000", {}),
    ("table: begins beyond", board(table(FACTORY, row("fs", 1, 0x82, 0xFFFFF000, 0x2000)), at10000=GOOD), "!beyond the 0x400000", {}),
    ("table: within the chip, not within the header", board(table(FACTORY, row("fs", 1, 0x82, 0x400000, 0x1000)), size=8 * MB,
                                                          at10000=GOOD), "!beyond the 0x400000", {}),
    ("table: the same, the header does not count", board(table(FACTORY, row("fs", 1, 0x82, 0x400000, 0x1000)), size=8 * MB,
                                                         at10000=GOOD), "factory", {"header_size_free": True}),
    ("table: overlaps are not seen", board(table(FACTORY, row("a", 1, 6, 0x10000, 0x2000)), at10000=GOOD), "factory", {}),
    ("header: 8 MB, the chip has 4", board(boot=image(BOOT, size_code=3), at10000=GOOD), "!declares 0x800000", {}),
    ("header: 2 MB, the chip has 4", board(boot=image(BOOT, size_code=1), at10000=GOOD), "factory", {}),
    ("header: code 0 is 1 MB", board(table(FACTORY, row("fs", 1, 6, 0xFF000, 0x2000)), boot=image(BOOT, size_code=0), at10000=GOOD),
     "!beyond the 0x100000", {}),
    ("header: code 12 is 2 MB", board(table(FACTORY, row("fs", 1, 6, 0x1FF000, 0x2000)), boot=image(BOOT, size_code=12),
                                      at10000=GOOD), "!beyond the 0x200000", {}),
    ("application: one bit of data", board(at10000=bent(GOOD)), "!checksum", {}),
    ("application: two bits that the checksum does not see", board(at10000=bent(bent(GOOD, 0x120), 0x130)), "!SHA-256", {}),
    ("application: the same without a digest", board(at10000=bent(bent(image(APPLICATION, hashed=0), 0x120), 0x130)), "factory", {}),
    ("application: for the ESP32-C3", app_with(chip=5), "!for chip id 5", {}),
    ("application: for v3.2 and later", app_with(least=302), "!for revision 3.02 and later", {}),
    ("application: up to v3.0", app_with(most=300), "!for revision 3.00 and before", {}),
    ("application: up to v3.1", app_with(most=301), "factory", {}),
    ("application: most of 0 says nothing", app_with(most=0), "factory", {}),
    ("application: 17 segments", app_with(count=17), "!17 segments", {}),
    ("application: no 0xE9", app_with(magic=0xE8), "!no image (0xe8", {}),
    ("application: a length of 6", app_of((0x3F400020, b"x" * 0x102)), "!length 0x102", {}),
    ("application: mapped at another place in the page", app_of((0x3F400024, b"x" * 0x200)), "!same place within 64 KiB", {}),
    ("application: code mapped at another place", app_of(APPLICATION[0], (0x400D0020, b"y" * 16)), "!same place within 64 KiB", {}),
    ("application: padded to its place", app_of(APPLICATION[0], (0, bytes(0x10000 - 0x320 - 16 + 0x20)), (0x400D0020, b"y" * 16)),
     "!0x100", {}), # ... and now larger than its partition
    ("application: to where no memory is", app_of(APPLICATION[0], (0x3FF00000, b"x" * 8)), "!fits no memory", {}),
    ("application: over the end of memory", app_of(APPLICATION[0], (0x400A9FFC, b"x" * 8)), "!fits no memory", {}),
    ("application: to the end of memory", app_of(APPLICATION[0], (0x400A9FF8, b"x" * 8)), "factory", {}),
    ("application: into memory that stays on", app_of(APPLICATION[0], (0x50000000, b"x" * 8)), "factory", {}),
    ("application: over the bootloader's data", app_of(APPLICATION[0], (0x3FFF00FC, b"x" * 8)), "!over the bootloader", {}),
    ("application: behind the bootloader's data", app_of(APPLICATION[0], (0x3FFF0100, b"x" * 8)), "factory", {}),
    ("application: over the stack", app_of(APPLICATION[0], (0x3FFE3F1C, b"x" * 8)), "!stack", {}),
    ("application: fills its partition", board(table(row("factory", 0, 0, 0x10000, len(GOOD))), at10000=GOOD), "factory", {}),
    ("application: a byte more", board(table(row("factory", 0, 0, 0x10000, len(GOOD) - 1)), at10000=GOOD), "!in a partition of", {}),
    ("application: not on 64 KiB", board(table(row("factory", 0, 0, 0x13000, 0x8000)), at13000=GOOD), "!same place within 64 KiB", {}),
    ("application: of no known sort", board(table(row("odd", 0, 0x30, 0x10000, 0x10000)), at10000=GOOD), "!no application partition", {}),
    ("test alone", board(table(row("test", 0, 0x20, 0x10000, 0x10000)), at10000=GOOD), "test", {}),
    ("factory goes before test", board(table(row("test", 0, 0x20, 0x20000, 0x10000), FACTORY), at10000=GOOD, at20000=GOOD), "factory", {}),
    ("blank otadata: factory first", board(at10000=GOOD, at20000=GOOD), "factory", {}),
    ("blank otadata, factory empty: upwards", board(at30000=GOOD), "ota_1", {}),
    ("blank otadata, no factory: ota_0", board(ONLY_SLOTS, at20000=GOOD, at30000=GOOD), "ota_0", {}),
    ("no otadata, no factory: ota_0", board(table(*SLOTS), at20000=GOOD, at30000=GOOD), "ota_0", {}),
    ("number 1 is ota_0", board(otadata=SEQ_1, at10000=GOOD, at20000=GOOD, at30000=GOOD), "ota_0", {}),
    ("number 2 in the other sector is ota_1", board(otadata=TWO, at10000=GOOD, at20000=GOOD, at30000=GOOD), "ota_1", {}),
    ("the same, sectors exchanged", board(otadata=SEQ_2.ljust(0x1000, b"\xFF") + SEQ_1, at10000=GOOD, at20000=GOOD, at30000=GOOD), "ota_1", {}),
    ("a wrong CRC does not count", board(otadata=SEQ_2.ljust(0x1000, b"\xFF") + BAD_SEQ_9, at20000=GOOD, at30000=GOOD), "ota_1", {}),
    ("only a wrong CRC: factory", board(otadata=BAD_SEQ_9, at10000=GOOD, at20000=GOOD), "factory", {}),
    ("marked invalid does not count", board(otadata=SEQ_1.ljust(0x1000, b"\xFF") + INVALID_2, at20000=GOOD, at30000=GOOD), "ota_0", {}),
    ("pending counts", board(otadata=SEQ_1.ljust(0x1000, b"\xFF") + PENDING_2, at20000=GOOD, at30000=GOOD), "ota_1", {}),
    ("the number is counted round", board(otadata=SEQ_3, at20000=GOOD, at30000=GOOD), "ota_0", {}),
    ("the number is counted round, of one", board(table(OTADATA, SLOTS[0]), otadata=SEQ_2, at20000=GOOD), "ota_0", {}),
    ("chosen but empty: downwards, not factory first", board(otadata=SEQ_2, at10000=GOOD, at20000=GOOD), "ota_0", {}),
    ("chosen but empty: then factory", board(otadata=SEQ_2, at10000=GOOD), "factory", {}),
    ("chosen but empty: then upwards", board(ONLY_SLOTS, otadata=SEQ_1, at30000=GOOD), "ota_1", {}),
    ("chosen but empty, nothing else", board(otadata=SEQ_2), "!ota_1 at 0x30000: no image", {}),
    ("otadata of one sector", board(table(row("otadata", 1, 0, 0xD000, 0x1000), FACTORY), at10000=GOOD), "!two sectors", {}),
    ("the same, a bootloader with its own", board(table(row("otadata", 1, 0, 0xD000, 0x1000), FACTORY), at10000=GOOD), "factory",
     {"otadata_free": True}),
    ("an OTA number beyond their count", board(table(SLOTS[1]), at30000=GOOD), "!no application partition", {}),
    ("two rows for one OTA number: the last counts", board(table(SLOTS[0], row("again", 0, 0x10, 0x30000, 0x10000)), at20000=GOOD),
     "!again at 0x30000", {}),
]
WARNINGS = [
    ("overlap", board(table(FACTORY, row("a", 1, 6, 0x10000, 0x2000)), at10000=GOOD), "overlaps factory"),
    ("over the bootloader", board(table(FACTORY, row("a", 1, 6, 0x1000, 0x2000)), at10000=GOOD), "overlaps the bootloader"),
    ("over the table", board(table(FACTORY, row("a", 1, 6, 0x8000, 0x1000)), at10000=GOOD), "overlaps the table"),
    ("off 64 KiB", board(table(FACTORY, row("b", 0, 0x10, 0x21000, 0x1000)), at10000=GOOD), "not on 64 KiB"),
    ("digest", board(boot=cut_to(image(BOOT), len(image(BOOT)) - 1, 0), at10000=GOOD), "SHA-256 does not match"),
    ("entry", app_with(entry=0x40090000), "entry point 0x40090000"),
    ("passed over", board(otadata=SEQ_2, at10000=GOOD), "passed over: application ota_1"),
    ("smaller header", board(boot=image(BOOT, size_code=1), at10000=GOOD), "declares 0x200000"),
    ("no description", app_of((0x3F400020, b"x" * 252)), "too short for a description"),
]


def said(verdict):
    return verdict.partition.label if verdict.boots else f"!{verdict.reason}"


def is_as_wanted(verdict, want):
    return not verdict.boots and want[1:] in verdict.reason if want[0] == "!" else said(verdict) == want


def check_cases():
    wrong = 0
    for name, dump, want, options in CASES:
        verdict = second_stage.judge(dump, **options)
        if not is_as_wanted(verdict, want):
            print(f"{name}: wanted {want}, got {said(verdict)}")
            wrong += 1
    for name, dump, want in WARNINGS:
        verdict = second_stage.judge(dump)
        if not verdict.boots or not any(want in w for w in verdict.warnings):
            print(f"warning {name}: wanted '{want}', got {said(verdict)}, {verdict.warnings}")
            wrong += 1
    sound = [c for c in CASES if c[0] == "the ordinary board"]
    if second_stage.judge(sound[0][1]).warnings:
        print("the ordinary board has warnings")
        wrong += 1
    return wrong


# ---- firmware that has started many boards

Real = collections.namedtuple("Real", "file script mib revision strict")
REAL = [Real("micropython-tinypico-1.12.bin", None, 4, 100, "factory"),
        Real("WiPy-1.18.1.r1.tar.gz", "script", 4, 0, "!beyond the 0x100000"),
        Real("WiPy-1.18.1.r1.tar.gz", "script", 8, 100, "!beyond the 0x100000"),
        Real("WiPy-1.20.1.r1-0.7.0.tar.gz", "script_4MB", 4, 0, "!beyond the 0x100000"),
        Real("WiPy-1.20.1.r1-0.7.0.tar.gz", "script_8MB", 8, 100, "!beyond the 0x100000")]


def archive_pieces(path, name):
    """[(offset, bytes)] by the archive's own script."""
    with tarfile.open(path) as tar:
        members = {m.name.lstrip("./"): tar.extractfile(m).read() for m in tar if m.isfile()}
    script = json.loads(members[name])
    places, commands = {"bootloader": "0x1000", "partitions": "0x8000"}, script
    if isinstance(script, dict):
        commands = script["script"]
        places.update({label: where[0] for label, where in script["partitions"].items()})
    return [(int(places.get(c[1], c[1]), 16), members[c[2].lstrip("./")]) for c in commands if c[0] == "w"]


def check_real(folder):
    wrong = 0
    for real in REAL:
        path = os.path.join(folder, real.file)
        if not os.path.exists(path):
            print(f"skipped: {real.file}: not in the shared firmware folder")
            continue
        if real.script:
            pieces = archive_pieces(path, real.script)
        else:
            with open(path, "rb") as f:
                pieces = [(0x1000, f.read())]
        dump = flash(pieces, real.mib * MB)
        spared = {"header_size_free": True, "otadata_free": True} if real.script else {}
        for options, want in (({}, real.strict), (spared, "factory")):
            verdict = second_stage.judge(dump, revision=real.revision, **options)
            if not is_as_wanted(verdict, want) or verdict.boots and verdict.warnings:
                print(f"{real.file} {real.script or ''}: wanted {want}, got {said(verdict)}, {verdict.warnings}")
                wrong += 1
        damaged = bytearray(dump)
        damaged[0x18000] ^= 1
        if second_stage.judge(damaged, revision=real.revision, **spared).boots:
            print(f"{real.file}: boots with a bit turned over")
            wrong += 1
    return wrong


def main():
    wrong = check_cases() + (check_real(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(f"second_stage: {len(CASES) + len(WARNINGS)} cases, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
