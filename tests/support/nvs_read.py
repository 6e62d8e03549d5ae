#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads NVS partitions as Espressif's guide describes them ("Non-Volatile Storage Library", "Internals"), and trusts nothing.

  nvs_read.py PACKED     PACKED: partitions one after another, each behind its size as four bytes, little-endian

For each partition a line "partition SIZE: N pages used", then one line a key, in the order in which it is complete:
"NAMESPACE KEY TYPE VALUE". A number is decimal, a string or blob hex, of more than 40 bytes its length and SHA-256.
What a partition fresh from a writer may not have (a checksum, a state, an order, a byte that should be blank) is a line
"wrong: ..." and exit status 1. Written from the document, not from the writer: it is its witness.
"""
import hashlib
import struct
import sys
import zlib

PAGE, ENTRY, ENTRIES = 4096, 32, 126
EMPTY, ACTIVE, FULL = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFC
NUMBERS = {0x01: "<B", 0x11: "<b", 0x02: "<H", 0x12: "<h", 0x04: "<I", 0x14: "<i", 0x08: "<Q", 0x18: "<q"}
STRING, BLOB_DATA, BLOB_INDEX = 0x21, 0x42, 0x48
BLANK = b"\xff" * PAGE


class Wrong(Exception):
    pass


def need(condition, *what):
    if not condition:
        raise Wrong(" ".join(str(w) for w in what))


def crc(*parts):
    value = 0xFFFFFFFF
    for part in parts:
        value = zlib.crc32(part, value)
    return value


def written_entries(page, where):
    """Count of written entries: from the first on, without a gap, none erased, and blank behind them."""
    bitmap = page[32:64]
    states = [bitmap[i // 4] >> i % 4 * 2 & 3 for i in range(128)]
    count = 0
    while count < ENTRIES and states[count] == 0b10:
        count += 1
    need(all(s == 0b11 for s in states[count:]), where, "a gap, an erased entry or a used spare bit in the bitmap")
    need(page[64 + count * ENTRY:] == BLANK[64 + count * ENTRY:], where, "bytes in an entry that is empty")
    return count


def pages_of(image):
    """Used pages in the order of their sequence numbers, as (number, page, written entries)."""
    used, blank = [], 0
    for at in range(0, len(image), PAGE):
        page = image[at:at + PAGE]
        state, number = struct.unpack_from("<II", page)
        where = f"page at 0x{at:x}:"
        if state == EMPTY:
            need(page == BLANK, where, "empty and not blank")
            blank += 1
            continue
        need(state in (ACTIVE, FULL), where, f"state {state:08x}")
        need(page[8] == 0xFE, where, f"version {page[8]:02x}")
        need(page[9:28] == BLANK[9:28], where, "bytes in the unused part of the header")
        need(struct.unpack_from("<I", page, 28)[0] == crc(page[4:28]), where, "checksum of the header")
        used.append((number, state, page, written_entries(page, where), where))
    need(blank > 0, "no empty page")
    used.sort(key=lambda u: u[0])
    for before, after in zip(used, used[1:]):
        need(before[0] != after[0], after[4], "sequence number twice")
        need(before[1] == FULL, before[4], "active, and not the last")
    need(not used or used[-1][1] == ACTIVE, "the last page is not active")
    return used


class Reader:
    def __init__(self):
        self.spaces = {}
        self.chunks = {}
        self.found = []
        self.keys = set()

    def space(self, index, where):
        need(index in self.spaces, where, f"namespace {index} has no name")
        return self.spaces[index]

    def value(self, entry, page, at, kind, where):
        """Of a string or a chunk: its bytes, from the entries behind this one."""
        size, spare, checksum = struct.unpack_from("<HHI", entry, 24)
        span = entry[2]
        need(spare == 0xFFFF, where, "reserved bytes are used")
        need(span == 1 + (size + ENTRY - 1) // ENTRY, where, f"{size} bytes in a span of {span}")
        start = 64 + (at + 1) * ENTRY
        data = page[start:start + (span - 1) * ENTRY]
        need(data[size:] == BLANK[:len(data) - size], where, "bytes behind the end of the value")
        need(checksum == crc(data[:size]), where, kind, "checksum of the value")
        return data[:size]

    def keep(self, space, key, kind, value, where):
        need((space, key) not in self.keys, where, f"{key} twice in namespace {space}")
        self.keys.add((space, key))
        self.found.append(f"{self.space(space, where)} {key} {kind} {value}")

    def number(self, space, key, kind, entry, where):
        width = struct.calcsize(NUMBERS[kind])
        value = struct.unpack_from(NUMBERS[kind], entry, 24)[0]
        need(entry[24 + width:32] == BLANK[:8 - width], where, "bytes behind a number")
        if space != 0:
            name = ("i" if kind & 0x10 else "u") + str(8 * width)
            self.keep(space, key, name, value, where)
            return
        need(kind == 0x01 and 1 <= value <= 254, where, f"a namespace with the number {value}")
        need(value not in self.spaces and key not in self.spaces.values(), where, f"namespace {key} twice")
        self.spaces[value] = key

    def index(self, space, key, entry, where):
        size, count, start, spare = struct.unpack_from("<IBBH", entry, 24)
        need(spare == 0xFFFF and start in (0, 0x80), where, "a strange index of a blob")
        need(count <= 127, where, f"{count} chunks")
        parts = [self.chunks.pop((space, key, start + i), None) for i in range(count)]
        need(None not in parts, where, f"blob {key}: a chunk is missing")
        blob = b"".join(parts)
        need(len(blob) == size, where, f"blob {key}: {len(blob)} bytes of {size}")
        self.keep(space, key, "blob", shown(blob), where)

    def entry(self, page, at, count, where):
        """One entry with what follows it; returns its span."""
        entry = page[64 + at * ENTRY:64 + (at + 1) * ENTRY]
        space, kind, span, chunk = entry[:4]
        where = f"{where} entry {at}:"
        need(span >= 1 and at + span <= count, where, f"span {span} leaves the page")
        need(struct.unpack_from("<I", entry, 4)[0] == crc(entry[:4], entry[8:]), where, "checksum of the entry")
        name = entry[8:24]
        key = name[:name.index(0)].decode("ascii") if 0 in name else ""
        need(key and name[len(key):] == bytes(16 - len(key)), where, "its key is empty, or no text that ends")
        need((chunk == 0xFF) == (kind != BLOB_DATA), where, f"chunk number {chunk}")
        need(space != 0 or kind == 0x01, where, "a key without a namespace")
        if kind in NUMBERS:
            need(span == 1, where, "a number in several entries")
            self.number(space, key, kind, entry, where)
        elif kind == STRING:
            text = self.value(entry, page, at, "string", where)
            need(text.endswith(b"\0") and text.count(b"\0") == 1, where, "a string that does not end, or twice")
            self.keep(space, key, "string", shown(text[:-1]), where)
        elif kind == BLOB_DATA:
            need((space, key, chunk) not in self.chunks, where, f"chunk {chunk} of {key} twice")
            self.chunks[space, key, chunk] = self.value(entry, page, at, "chunk", where)
        else:
            need(kind == BLOB_INDEX and span == 1, where, f"type {kind:02x}")
            self.index(space, key, entry, where)
        return span


def shown(value):
    if len(value) <= 40:
        return value.hex() or "-"
    return f"{len(value)}:{hashlib.sha256(value).hexdigest()}"


def read(image):
    need(len(image) % PAGE == 0 and len(image) >= 3 * PAGE, f"a size of {len(image)} bytes")
    reader = Reader()
    used = pages_of(image)
    for _, _, page, count, where in used:
        at = 0
        while at < count:
            at += reader.entry(page, at, count, where)
    need(not reader.chunks, "chunks without an index:", *reader.chunks)
    return [f"partition {len(image)}: {len(used)} pages used"] + reader.found


def main(path):
    with open(path, "rb") as file:
        packed = file.read()
    at, number, status, lines = 0, 0, 0, []
    while at < len(packed):
        size = struct.unpack_from("<I", packed, at)[0]
        image = packed[at + 4:at + 4 + size]
        try:
            need(len(image) == size, "cut off")
            lines += read(image)
        except Wrong as wrong:
            lines.append(f"wrong: partition {number}: {wrong}")
            status = 1
        at += 4 + size
        number += 1
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
