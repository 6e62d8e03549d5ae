#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Would this flash boot? second_stage.py DUMP [--table 0x8000] [--revision 3.1] [--header-size-free] [--otadata-free]

Reads a dump of an ESP32's flash by the rules of what starts it: the chip's ROM, which loads the bootloader at 0x1000, and
ESP-IDF's second-stage bootloader, which reads table, otadata and application. Prints "BOOTS LABEL at OFFSET" or "REFUSED:
REASON", then warnings; ends with 0 or 1 (2: the dump cannot be read). As a module: judge(dump, ...).

Written from Espressif's public documents and sources (the application image format, partition tables, over-the-air updates;
bootloader_support of ESP-IDF v5 and after), never from ours: it is the witness against what the station says of a job, and
may share no mistake with it. Standard library only, for the same reason.

What is a refusal, and who refuses
  ROM          no 0xE9 at 0x1000, more than 16 segments, a segment beyond the flash, the checksum byte
  build        the bootloader runs into the table: nothing could have put both there whole
  second stage its own chip id and least revision; the table (magic, rows within the flash size that the bootloader's header
               declares, one sound MD5 row at most, an end mark within 96 rows); otadata of less than two sectors; an
               application: 0xE9, chip id, revisions, at most 16 segments, lengths of whole words, mapped segments at the
               same place within a 64 KiB page as in the flash, loaded ones in memory that exists and is not the
               bootloader's own, checksum, SHA-256 where it is appended, all of it within its partition
  application  more flash declared than there is: its driver ends with "Probe failed" at start

Which application: otadata's higher valid sequence number, (number - 1) modulo the count of OTA rows; with both entries blank
or invalid factory, else ota_0. From there downwards to factory, then upwards, then the test application. Without otadata
from factory upwards.

Warnings, because the bootloader does not care: overlapping partitions; an appended SHA-256 of the bootloader that does not
match (flashing tools rewrite its header; nobody checks it at start); an application partition not on 64 KiB that nothing
boots; an entry point outside of all segments; a first segment too short for the description of an application (refused by
bootloaders of mid-2026 and after only).

Out of scope: secure boot, flash encryption, anti-rollback and rollback (the defaults are taken: a state of "new" or
"pending" boots), factory reset and test pins, validation switched off. A flash size code of 0 is 1 MB, as ESP-IDF reads it;
Pycom's own bootloaders carry it and set 4 MB themselves, or what the chip has: --header-size-free takes the dump's size.
They also keep otadata of one sector in a form of their own: --otadata-free looks for any application that boots. Where the
bootloader looks for the table is compiled into it and cannot be seen in the dump: --table says it.
"""
import argparse
import collections
import hashlib
import struct
import sys
import zlib

BOOTLOADER_AT = 0x1000
TABLE_AT = 0x8000
TABLE_SIZE = 0xC00
ROW = 32
SECTOR = 0x1000
PAGE = 0x10000 # of the flash mapping
MB = 1 << 20
MAX_SEGMENTS = 16
MAX_IMAGE = 16 * MB
MAX_MAPPING = 50 * PAGE # what the bootloader maps of otadata at once
DESCRIPTION_SIZE = 256
CHIP_ESP32 = 0
UNKNOWN_SIZE = 2 * MB # what a flash size code that nobody knows is taken for

# Addresses of the ESP32: what is mapped, what can be loaded.
DROM = range(0x3F400000, 0x3F800000)
IROM = range(0x400D0000, 0x40400000)
DRAM = range(0x3FFAE000, 0x40000000)
IRAM = range(0x40080000, 0x400AA000)
LOADER_RAM = range(0x40078000, 0x40080000) # the part of the bootloader that loads
RTC = (range(0x400C0000, 0x400C2000), range(0x3FF80000, 0x3FF82000), range(0x50000000, 0x50002000))
STACK = range(0x3FFE3F20 - 0x8000, 0x3FFE3F20) # the ROM's, and the room the bootloader keeps below it
NOT_LOADED_BELOW = 0x10000000

APP, DATA = 0, 1
FACTORY, OTA_0, TEST = 0x00, 0x10, 0x20
OTADATA = 0
BLANK = 0xFFFFFFFF
STATE_INVALID, STATE_ABORTED = 3, 4

Segment = collections.namedtuple("Segment", "address at size")
Image = collections.namedtuple("Image", "size size_code entry segments chip least most hashed")
Row = collections.namedtuple("Row", "label kind subtype offset size flags")
Verdict = collections.namedtuple("Verdict", "boots partition reason warnings")


class Refused(Exception):
    """What the ROM, the bootloader or the application says no to."""


def folded(data):
    """The exclusive or of all bytes."""
    value, bits = int.from_bytes(data, "little"), 8
    while bits < len(data) * 8:
        bits *= 2
    while bits > 8:
        bits //= 2
        value = (value >> bits) ^ (value & ((1 << bits) - 1))
    return value


def overlap(a_from, a_to, b_from, b_to):
    return a_from < b_to and b_from < a_to


def is_mapped(address):
    return address in DROM or address in IROM


def is_loaded(address):
    return not is_mapped(address) and address >= NOT_LOADED_BELOW


def part_of(dump, at, size, what):
    if at + size > len(dump):
        raise Refused(f"{what} runs beyond the flash")
    return dump[at:at + size]


def read_segments(dump, at, count, what):
    """([Segment], where they end); lengths of whole words, all of them within the flash."""
    segments, here = [], at + 24
    for i in range(count):
        address, size = struct.unpack("<II", part_of(dump, here, 8, f"{what}: segment {i}"))
        if size % 4 or size >= MAX_IMAGE:
            raise Refused(f"{what}: segment {i} has length 0x{size:x}")
        part_of(dump, here + 8, size, f"{what}: segment {i}")
        segments.append(Segment(address, here + 8, size))
        here += 8 + size
    return segments, here


def read_image(dump, at, what):
    """What ROM and bootloader both ask of the image at that place. `hashed`: None without SHA-256, else whether it fits."""
    head = part_of(dump, at, 24, what)
    magic, count, _, speed_size, entry = struct.unpack_from("<BBBBI", head)
    chip, _, least, most = struct.unpack_from("<HBHH", head, 12)
    if magic != 0xE9:
        raise Refused(f"{what}: no image (0x{magic:02x} where 0xe9 should be)")
    if count > MAX_SEGMENTS:
        raise Refused(f"{what}: {count} segments, 16 at most")
    segments, end = read_segments(dump, at, count, what)
    checksum = 0xEF
    for segment in segments:
        checksum ^= folded(dump[segment.at:segment.at + segment.size])
    end += 16 - (end - at) % 16 # the checksum is the last byte of a block of 16
    if part_of(dump, end - 1, 1, f"{what}: checksum")[0] != checksum:
        raise Refused(f"{what}: checksum 0x{dump[end - 1]:02x}, of its segments 0x{checksum:02x}")
    hashed = None
    if head[23]:
        digest = part_of(dump, end, 32, f"{what}: SHA-256")
        hashed = hashlib.sha256(dump[at:end]).digest() == digest
        end += 32
    return Image(end - at, speed_size >> 4, entry, segments, chip, least, most, hashed)


def check_entry(image, what, warnings):
    if not any(image.entry in range(s.address, s.address + s.size) for s in image.segments):
        warnings.append(f"{what}: the entry point 0x{image.entry:08x} is in none of its segments")


def check_chip(image, revision, what):
    """Chip and least revision: the bootloader asks both of itself and of an application."""
    if image.chip != CHIP_ESP32:
        raise Refused(f"{what}: for chip id {image.chip}, not for the ESP32")
    if image.least > revision:
        raise Refused(f"{what}: for revision {image.least / 100:.2f} and later, the chip is {revision / 100:.2f}")


def declared_size(image):
    """The flash size that a header declares."""
    return MB << image.size_code if image.size_code <= 7 else UNKNOWN_SIZE


def read_bootloader(dump, table_at, revision, warnings):
    what = "bootloader"
    image = read_image(dump, BOOTLOADER_AT, what)
    if BOOTLOADER_AT + image.size > table_at:
        raise Refused(f"{what}: ends at 0x{BOOTLOADER_AT + image.size:x}, the table stands at 0x{table_at:x}")
    check_chip(image, revision, what)
    check_entry(image, what, warnings)
    if image.hashed is False:
        warnings.append(f"{what}: its SHA-256 does not match, which nobody checks at start")
    return image


def read_row(raw):
    _, kind, subtype, offset, size, label, flags = struct.unpack("<HBBII16sI", raw)
    return Row(label.split(b"\0")[0].decode("utf-8", "replace"), kind, subtype, offset, size, flags)


def read_table(dump, at, flash_size):
    """[Row] of a table that the bootloader takes."""
    raw = part_of(dump, at, TABLE_SIZE, "partition table")
    rows, has_md5 = [], False # the MD5 row keeps its place in rows, as None
    for i in range(TABLE_SIZE // ROW):
        one = raw[i * ROW:(i + 1) * ROW]
        magic = one[:2]
        if magic == b"\xAA\x50":
            row = read_row(one)
            if row.offset > flash_size or row.size > flash_size - row.offset:
                raise Refused(f"partition table: {row.label} ends at 0x{row.offset + row.size:x}, "
                              f"beyond the 0x{flash_size:x} bytes of the bootloader's header")
            rows.append(row)
        elif magic == b"\xEB\xEB":
            if has_md5:
                raise Refused("partition table: two MD5 rows")
            if hashlib.md5(raw[:i * ROW]).digest() != one[16:]:
                raise Refused("partition table: its MD5 does not match")
            has_md5 = True
            rows.append(None)
        elif i and one[:4] == b"\xFF" * 4:
            # One row less for the MD5, wherever it stands: where it is not the last, the bootloader loses the last.
            return [r for r in rows[:i - has_md5] if r is not None]
        else:
            raise Refused(f"partition table: row {i} begins with {one[:4].hex()}")
    raise Refused("partition table: no end mark")


def warn_of_rows(rows, table_at, bootloader, warnings):
    places = [("the bootloader", BOOTLOADER_AT, BOOTLOADER_AT + bootloader.size), ("the table", table_at, table_at + SECTOR)]
    for row in sorted(rows, key=lambda r: r.offset):
        if row.kind in (2, 3): # those that stand for bootloader and table
            continue
        for name, low, high in places:
            if overlap(row.offset, row.offset + row.size, low, high):
                warnings.append(f"partition {row.label} overlaps {name}")
        places.append((row.label, row.offset, row.offset + row.size))
        if row.kind == APP and row.offset % PAGE:
            warnings.append(f"application partition {row.label} at 0x{row.offset:x} is not on 64 KiB")


class Slots:
    """What the bootloader remembers of a table: the last row of each kind, and how many OTA rows there are."""

    def __init__(self, rows):
        self.factory = self.test = self.otadata = None
        self.ota, self.count = {}, 0
        for row in rows:
            if row.kind == APP and row.subtype == FACTORY:
                self.factory = row
            elif row.kind == APP and row.subtype == TEST:
                self.test = row
            elif row.kind == APP and row.subtype & 0xF0 == OTA_0:
                self.ota[row.subtype & 0x0F] = row
                self.count += 1
            elif row.kind == DATA and row.subtype == OTADATA:
                self.otadata = row

    def at(self, index):
        """-1 is factory. An OTA row whose number is not below their count is never looked at."""
        if index == -1:
            return self.factory
        return self.ota.get(index) if 0 <= index < self.count else None

    def order(self, start):
        """Every row in the order in which it is tried."""
        tried = list(range(start, -2, -1)) + list(range(start + 1, self.count))
        rows = [self.at(i) for i in tried] + [self.test]
        return [r for r in rows if r is not None and r.size > 0]


Entry = collections.namedtuple("Entry", "seq state crc")


def read_otadata(dump, row):
    if row.size < 2 * SECTOR:
        raise Refused(f"otadata: 0x{row.size:x} bytes, two sectors are needed")
    if row.size > MAX_MAPPING:
        raise Refused(f"otadata: 0x{row.size:x} bytes are more than the bootloader maps")
    entries = []
    for at in (row.offset, row.offset + SECTOR):
        seq, state, crc = struct.unpack("<I20xII", part_of(dump, at, 32, "otadata"))
        entries.append(Entry(seq, state, crc))
    return entries


def is_unused(entry):
    return entry.seq == BLANK or entry.state in (STATE_INVALID, STATE_ABORTED)


def is_valid(entry):
    return not is_unused(entry) and entry.crc == zlib.crc32(struct.pack("<I", entry.seq), 0xFFFFFFFF)


def first_choice(dump, slots):
    """The index that is tried first."""
    if slots.otadata is None or slots.otadata.offset == 0:
        return -1
    entries = read_otadata(dump, slots.otadata)
    has_factory = slots.factory is not None and slots.factory.offset != 0
    if all(is_unused(e) for e in entries) or slots.count == 0:
        return -1 if has_factory else 0
    valid = [e for e in entries if is_valid(e)]
    if not valid:
        return -1
    return (max(e.seq for e in valid) - 1 & 0xFFFFFFFF) % slots.count


def check_mapping(segment, i, what):
    if segment.at % PAGE != segment.address % PAGE:
        raise Refused(f"{what}: segment {i} for 0x{segment.address:08x} lies at 0x{segment.at:x} of the flash: "
                      "not the same place within 64 KiB")


def check_loading(segment, i, bootloader, what):
    low, high = segment.address, segment.address + segment.size
    where = f"{what}: segment {i} for 0x{low:08x}"

    def inside(memory):
        return memory.start <= low and high <= memory.stop

    if not (inside(DRAM) or inside(IRAM) or any(inside(r) for r in RTC)):
        raise Refused(f"{where} fits no memory that can be loaded")
    if overlap(low, high, STACK.start, STACK.stop):
        raise Refused(f"{where} is loaded over the bootloader's stack")
    for own in bootloader.segments: # what it has loaded in IRAM itself has served by then
        if (own.address in DRAM or own.address in LOADER_RAM) and overlap(low, high, own.address, own.address + own.size):
            raise Refused(f"{where} is loaded over the bootloader")


def read_application(dump, row, bootloader, revision, warnings):
    what = f"application {row.label} at 0x{row.offset:x}"
    if row.offset % 4:
        raise Refused(f"{what}: not on a whole word")
    if row.size > MAX_IMAGE:
        raise Refused(f"{what}: a partition of more than 16 MB")
    image = read_image(dump, row.offset, what)
    check_chip(image, revision, what)
    if image.most not in (0, 0xFFFF) and revision > image.most:
        raise Refused(f"{what}: for revision {image.most / 100:.2f} and before, the chip is {revision / 100:.2f}")
    for i, segment in enumerate(image.segments):
        if is_mapped(segment.address):
            check_mapping(segment, i, what)
        elif is_loaded(segment.address) and segment.size:
            check_loading(segment, i, bootloader, what)
    if image.size > row.size:
        raise Refused(f"{what}: 0x{image.size:x} bytes in a partition of 0x{row.size:x}")
    if image.hashed is False:
        raise Refused(f"{what}: its SHA-256 does not match")
    check_entry(image, what, warnings)
    if image.segments and image.segments[0].size < DESCRIPTION_SIZE:
        warnings.append(f"{what}: its first segment is too short for a description: "
                        "bootloaders of mid-2026 and after refuse it")
    return image


def boot(dump, table_at, revision, header_size_free, otadata_free, warnings):
    """The row that boots, or Refused."""
    bootloader = read_bootloader(dump, table_at, revision, warnings)
    flash_size = len(dump) if header_size_free else declared_size(bootloader)
    rows = read_table(dump, table_at, flash_size)
    warn_of_rows(rows, table_at, bootloader, warnings)
    slots = Slots(rows)
    order = slots.order(-1 if otadata_free else first_choice(dump, slots))
    reasons = []
    for row in order:
        try:
            read_application(dump, row, bootloader, revision, warnings)
        except Refused as e:
            reasons.append(str(e))
            continue
        if flash_size > len(dump):
            raise Refused(f"bootloader: its header declares 0x{flash_size:x} bytes of flash, there are 0x{len(dump):x}: "
                          "the application ends at start")
        if flash_size < len(dump):
            warnings.append(f"the header declares 0x{flash_size:x} bytes of flash, there are 0x{len(dump):x}")
        warnings += [f"passed over: {r}" for r in reasons]
        return row
    raise Refused(reasons[0] if reasons else "partition table: no application partition that is ever tried")


def judge(dump, table_at=TABLE_AT, revision=301, header_size_free=False, otadata_free=False):
    """Verdict of that flash; `revision` is major * 100 + minor. `dump` is bytes of the flash's size."""
    warnings = []
    try:
        row = boot(bytes(dump), table_at, revision, header_size_free, otadata_free, warnings)
    except Refused as e:
        return Verdict(False, None, str(e), warnings)
    return Verdict(True, row, "", warnings)


def parse_revision(text):
    major, _, minor = text.partition(".")
    return int(major) * 100 + int(minor or 0)


def main():
    p = argparse.ArgumentParser(description="Would this flash boot?")
    p.add_argument("dump")
    p.add_argument("--table", type=lambda s: int(s, 0), default=TABLE_AT, help="where the bootloader looks for the table")
    p.add_argument("--revision", type=parse_revision, default=301, help="of the chip, like 3.1")
    p.add_argument("--header-size-free", action="store_true", help="the flash's size, whatever the header says")
    p.add_argument("--otadata-free", action="store_true", help="any application that boots, whatever otadata says")
    args = p.parse_args()
    try:
        with open(args.dump, "rb") as f:
            dump = f.read()
    except OSError as e:
        print(f"second_stage: {args.dump}: {e.strerror}", file=sys.stderr)
        return 2
    verdict = judge(dump, args.table, args.revision, args.header_size_free, args.otadata_free)
    if verdict.boots:
        print(f"BOOTS {verdict.partition.label} at 0x{verdict.partition.offset:x}")
    else:
        print(f"REFUSED: {verdict.reason}")
    for warning in verdict.warnings:
        print(f"warning: {warning}")
    return 0 if verdict.boots else 1


if __name__ == "__main__":
    sys.exit(main())
