#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes file system images for tests: file_system_make.py littlefs|spiffs KILOBYTES OUT [full].

Empty file systems with leftovers of deleted files, as their makers lay them out for 4 KiB blocks, from the published formats:
littlefs 2.0 (SPEC.md) has its superblock in the first two blocks and leaves free blocks as they were erased; SPIFFS has a
magic number in the look-up page of every block, also of the last. `full`: the leftovers reach into the last block.
"""
import random
import struct
import sys
import zlib

BLOCK, PAGE = 4096, 256
SPIFFS_MAGIC = 0x20140529


def littlefs_crc(data):
    return zlib.crc32(data) ^ 0xFFFFFFFF


class Commit:
    """A metadata block's first commit: tags big-endian, each XORed with the one before, then a checksum."""

    def __init__(self, revision):
        self.out, self.last = struct.pack("<I", revision), 0xFFFFFFFF

    def tag(self, kind, number, data, length=None):
        tag = kind << 20 | number << 10 | (len(data) if length is None else length)
        self.out += struct.pack(">I", tag ^ self.last) + data
        self.last = tag

    def closed(self):
        """With its checksum over all before it and over its own tag; the padding reaches to 64 bytes."""
        room = -(len(self.out) + 8) % 64
        self.tag(0x500, 0x3FF, b"", 4 + room)
        return (self.out + struct.pack("<I", littlefs_crc(self.out))).ljust(BLOCK, b"\xFF")


def littlefs(blocks):
    def superblock(revision):
        c = Commit(revision)
        c.tag(0x0FF, 0, b"littlefs")
        c.tag(0x201, 0, struct.pack("<IIIIII", 0x00020000, BLOCK, blocks, 255, 0x7FFFFFFF, 1022))
        return c.closed()

    return [superblock(2), superblock(1)] + [b"\xFF" * BLOCK] * (blocks - 2)


def spiffs(blocks):
    out = []
    for n in range(blocks):
        magic = (SPIFFS_MAGIC ^ PAGE ^ (blocks - n)) & 0xFFFF
        look_up = b"\xFF" * (PAGE - 4) + struct.pack("<HH", magic, 0)
        out.append(look_up + b"\xFF" * (BLOCK - PAGE))
    return out


def main():
    what, blocks, out = sys.argv[1], int(sys.argv[2]) * 1024 // BLOCK, sys.argv[3]
    image = {"littlefs": littlefs, "spiffs": spiffs}[what](blocks)
    last = blocks if sys.argv[4:] == ["full"] else blocks // 4
    rng = random.Random(11)
    for n in range(2, last):
        image[n] = image[n][:PAGE] + rng.randbytes(1500) + image[n][PAGE + 1500:]
    with open(out, "wb") as f:
        f.write(b"".join(image))


if __name__ == "__main__":
    main()
