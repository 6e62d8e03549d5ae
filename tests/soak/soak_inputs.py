# SPDX-License-Identifier: Apache-2.0
"""Inputs of the soaks, all from one seed: images, partition tables, Pycom archives and the job files that name them.

Sizes and places are chosen where writing goes wrong: around multiples of 32 KiB and of a sector, at the end of the
flash, on either side of the identity sector, several pieces within one 32 KiB window, next to what a plan erases.
"""
import hashlib
import io
import json
import os
import struct
import tarfile

SECTOR = 0x1000
WINDOW = 0x8000
IDENTITY = 0x3FF000
MB = 1 << 20


def sectors(size):
    return -(-size // SECTOR)


def content(rng, size):
    """Bytes as firmware has them: noise, repetition, runs of FF and of 00."""
    out = bytearray()
    while len(out) < size:
        n = rng.choice((64, 700, 4096, 9000))
        kind = rng.randrange(8)
        if kind < 4:
            out += rng.randbytes(n)
        elif kind < 6:
            out += (rng.randbytes(24) * (n // 24 + 1))[:n]
        else:
            out += (b"\xFF" if kind == 6 else b"\x00") * n
    return bytes(out[:size])


def esp_image(rng, size, flash_size=4 * MB):
    """A sound ESP32 image of about that size: header, one segment, checksum, SHA-256."""
    size = max(size // 16 * 16, 128)
    data = bytearray(content(rng, size - 32 - 24 - 8 - 16 - 16))
    data += bytes(-len(data) % 4)
    power = (flash_size // MB).bit_length() - 1
    head = struct.pack("<BBBBI", 0xE9, 1, 2, power << 4 | 0xF, 0x40080000) + b"\xEE" + bytes(3)
    head += struct.pack("<HB", 0, 0) + bytes(8) + b"\x01"
    body = head + struct.pack("<II", 0x3F400020, len(data)) + data
    checksum = 0xEF
    for byte in data:
        checksum ^= byte
    body += bytes(-(len(body) + 1) % 16) + bytes([checksum])
    return body + hashlib.sha256(body).digest()


def partition_table(rows):
    """rows: (label, type, subtype, offset, size)."""
    table = b"".join(struct.pack("<HBBII16sI", 0x50AA, kind, sub, offset, size, label.encode(), 0)
                     for label, kind, sub, offset, size in rows)
    return (table + b"\xEB\xEB" + b"\xFF" * 14 + hashlib.md5(table).digest()).ljust(0xC00, b"\xFF")


def awkward_size(rng):
    """Bytes: a multiple of the window or of a sector, and what lies just beside it."""
    base = rng.choice((WINDOW, WINDOW, 2 * WINDOW, 3 * WINDOW, SECTOR * rng.randint(1, 20)))
    return max(1, base + rng.choice((0, 0, -1, 1, -SECTOR, SECTOR, -SECTOR - 1, SECTOR + 1, -4, 4, -3, 3, -0x400, 0x400)))


class Places:
    """Which sectors of a flash are taken."""

    def __init__(self, flash_size, write_config):
        self.flash_size = flash_size
        self.taken = set() if write_config else {IDENTITY // SECTOR}

    def take(self, offset, size):
        if offset < 0 or offset + size > self.flash_size:
            return False
        wanted = set(range(offset // SECTOR, offset // SECTOR + sectors(size)))
        if wanted & self.taken:
            return False
        self.taken |= wanted
        return True


def at_the_end(rng, flash_size):
    if rng.random() < 0.5:
        size = awkward_size(rng)
        return flash_size - sectors(size) * SECTOR, size
    offset = flash_size - rng.choice((1, 2, 7, 8, 9, 16, 17)) * SECTOR
    return offset, max(1, flash_size - offset - rng.choice((0, 1, SECTOR - 1, 5)))


def beside_identity(rng, flash_size):
    if flash_size > 4 * MB and rng.random() < 0.5:
        return IDENTITY + SECTOR, awkward_size(rng)
    size = awkward_size(rng)
    gap = rng.choice((0, 0, 0, 1, 2))
    return IDENTITY - (sectors(size) + gap) * SECTOR, size


def in_one_window(rng, start):
    """Small pieces side by side, with and without a sector between them."""
    at, pieces = start, []
    for _ in range(rng.randint(2, 5)):
        size = rng.choice((1, SECTOR, SECTOR - 1, SECTOR + 1, 2 * SECTOR, 2 * SECTOR - 4, 3 * SECTOR))
        pieces.append((at, size))
        at += (sectors(size) + rng.choice((0, 0, 1))) * SECTOR
    return pieces


def wishes(rng, flash_size):
    """(offset, size) that one job would like to write."""
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(0x20, flash_size // SECTOR - 0x40) * SECTOR
        kind = rng.randrange(5)
        if kind == 0:
            yield at_the_end(rng, flash_size)
        elif kind == 1:
            yield beside_identity(rng, flash_size)
        elif kind == 2:
            yield from in_one_window(rng, start)
        else:
            yield start, awkward_size(rng)


def boot_set(rng, flash_size):
    """Bootloader, table and application as ESP-IDF lays them, with two or no otadata sectors; the rest is one partition."""
    app = rng.choice((0x10000, 0x20000))
    first, second = rng.choice(((("factory", 0, 0), ("ota_0", 0, 0x10)), (("ota_0", 0, 0x10), ("ota_1", 0, 0x11))))
    rows = [("nvs", 1, 2, 0x9000, 0x5000), (*first, app, 0x80000), (*second, app + 0x80000, 0x80000),
            ("rest", 0x40, 0, 0x120000, flash_size - 0x120000)]
    if rng.random() < 0.5:
        rows.insert(1, ("otadata", 1, 0, 0xE000, 2 * SECTOR))
    return [(SECTOR, esp_image(rng, rng.choice((SECTOR, 0x2000, 0x4010, 0x7000)), flash_size)),
            (0x8000, partition_table(rows)), (app, esp_image(rng, min(awkward_size(rng) + 0x400, 0x80000)))]


# What a virtual board comes with: a job that writes a part is held against it (docs/simulator.md).
FRONT = range(0x1, 0x9) # sectors of its bootloader and its table
STARTS = range(0x10, 0x190) # those of the application that it starts
CAME_WITH = [(0x9000, 0x7000, False), (0x10000, 0x180000, True), (0x190000, SECTOR, False), (0x1A0000, 0x180000, True),
             (0x380000, 0x7F000, False)]


def suits(offset, size, flash_size):
    """A file there stays within the partition it begins in, and is no data at the start of an application's."""
    for at, length, is_app in CAME_WITH:
        if at + length > flash_size:
            break
        if at <= offset < at + length:
            return offset + size <= at + length and not (is_app and offset == at)
        if offset < at < offset + size:
            return False
    return True


def make_images(rng, folder, flash_size, write_config):
    """(files of one images job: [(name, offset)], whether they are but a part of a flash)."""
    places, files = Places(flash_size, write_config), []
    pieces = [(offset, data) for offset, data in boot_set(rng, flash_size)] if rng.random() < 0.5 else []
    part = not pieces
    if pieces:
        places.taken |= set(range(0x9, 0x10)) # what its table calls nvs and otadata stays free
    elif rng.random() < 0.4:
        pieces = [(SECTOR, esp_image(rng, rng.choice((SECTOR, 0x2010, 0x7000)), flash_size))]
    for offset, data in pieces:
        if not places.take(offset, len(data)):
            raise AssertionError("a boot set overlaps itself")
    if part:
        places.taken |= {*FRONT, *STARTS}
    else:
        places.taken |= set(range(0x10, 0x120)) # its table's applications: nothing but an image may go there
    if write_config:
        pieces.append((IDENTITY, content(rng, SECTOR)))
        places.take(IDENTITY, SECTOR)
    for offset, size in wishes(rng, flash_size):
        if (not part or suits(offset, size, flash_size)) and places.take(offset, size):
            pieces.append((offset, content(rng, size)))
    if not pieces:
        pieces.append((0x1B0000, content(rng, WINDOW)))
    for i, (offset, data) in enumerate(pieces):
        files.append((f"piece{i}.bin", offset))
        with open(os.path.join(folder, f"piece{i}.bin"), "wb") as f:
            f.write(data)
    return files, part


def whole_flash(rng, flash_size):
    """A merged image that runs over the identity sector and is blank there."""
    boot, table, app = boot_set(rng, flash_size)
    image = bytearray(b"\xFF" * (IDENTITY + SECTOR + rng.choice((0, SECTOR, WINDOW)) - SECTOR))
    for offset, data in (boot, table, app):
        image[offset - SECTOR:offset - SECTOR + len(data)] = data
    tail = content(rng, 0x3000)
    image[IDENTITY - SECTOR - len(tail):IDENTITY - SECTOR] = tail
    return bytes(image[:flash_size - SECTOR])


TABLE_4MB = [("nvs", 1, 2, 0x9000, 0x7000), ("factory", 0, 0, 0x10000, 0x1AE000), ("otadata", 1, 0, 0x1BE000, 0x1000),
             ("ota_0", 0, 0x10, 0x1C0000, 0x1AE000), ("dummy", 1, 7, 0x36E000, 0x10000), ("fs", 1, 5, 0x380000, 0x7F000),
             ("config", 1, 6, 0x3FF000, 0x1000)]
TABLE_8MB = [("nvs", 1, 2, 0x9000, 0x7000), ("factory", 0, 0, 0x10000, 0x1EF000), ("otadata", 1, 0, 0x1FF000, 0x1000),
             ("ota_0", 0, 0x10, 0x210000, 0x1EF000), ("config", 1, 6, 0x3FF000, 0x1000)]
TABLE_2017 = [("nvs", 1, 2, 0x9000, 0x7000), ("factory", 0, 0, 0x10000, 0x180000), ("otadata", 1, 0, 0x190000, 0x1000),
              ("ota_0", 0, 0x10, 0x1A0000, 0x180000), ("dummy", 1, 7, 0x320000, 0x10000), ("fs", 1, 5, 0x380000, 0x7F000),
              ("config", 1, 6, 0x3FF000, 0x1000)]


def make_script(rng, rows, version2, with_table):
    """A script of erases and writes, named and by offset, in any order."""
    where = {label: (offset, size) for label, _, _, offset, size in rows}
    slot = "factory" if rng.random() < 0.7 else "ota_0"

    def at(name, fixed):
        return name if version2 and rng.random() < 0.7 else f"0x{fixed:X}"

    commands = [[rng.choice("ww" + "o"), at(slot, where[slot][0]), "app.bin"]]
    if rng.random() < 0.85: # else the board keeps its own
        commands.append(["w", at("bootloader", 0x1000), "bootloader.bin"])
    if with_table: # else it says itself where things lie, and the board's own table has to agree
        commands.append(["w", at("partitions", 0x8000), "table.bin"])
    if version2 and with_table and rng.random() < 0.1:
        commands.append(["e", "all"])
    for _ in range(rng.randint(0, 4)):
        kind = rng.randrange(6)
        if kind == 0:
            commands.append(["e", "nvs"] if version2 else ["e", "0x9000", "0x7000"])
        elif kind == 1:
            commands.append(["e", rng.choice(("fs", "fs1"))] if version2 else ["e", "0x380000", "0x40000"])
        elif kind == 5:
            commands.append(["e", "ota"] if version2 else ["e", "0x37F000", "0x81000"])
        elif kind == 2:
            commands.append(["e", "0x1000", f"0x{rng.randint(1, 64 if with_table else 7) * SECTOR:X}"])
        elif kind == 3: # from before the identity sector to its end, or next to it
            n = rng.choice((1, 2, 8, 9))
            commands.append(["e", f"0x{IDENTITY - (n - rng.randint(0, 1)) * SECTOR:X}", f"0x{n * SECTOR:X}"])
        else:
            commands.append(["e", f"0x{rng.randrange(0x200, 0x3C0) * SECTOR:X}", f"0x{rng.randint(1, 40) * SECTOR:X}"])
    if rng.random() < 0.4:
        size_at = rng.choice((0x370000, 0x37F000, 0x3F7000, 0x3FE000))
        commands.append([rng.choice("wo"), f"0x{size_at:X}", "extra.bin"])
    rng.shuffle(commands)
    if not version2:
        return commands
    return {"version": "2.1", "script": commands,
            "partitions": {n: [f"0x{where[n][0]:X}", f"0x{where[n][1]:X}"] for n in ("factory", "otadata", "ota_0")}}


def make_archive(rng, path, flash_size):
    """A Pycom archive of our own: real layouts, random scripts."""
    version2 = rng.random() < 0.6
    with_table = not version2 or rng.random() < 0.85
    later = TABLE_8MB if flash_size >= 8 * MB else TABLE_4MB
    rows = rng.choice((TABLE_2017, later)) if with_table else TABLE_2017 # as the board has it
    members = {
        "bootloader.bin": esp_image(rng, rng.choice((0x3000, 0x4020, 0x5650, 0x7000))),
        "table.bin": partition_table(rows),
        "app.bin": esp_image(rng, awkward_size(rng) + 0x1000),
        "extra.bin": content(rng, rng.choice((1, SECTOR - 1, SECTOR))),
    }
    name = rng.choice(("script2", "script_8MB" if flash_size >= 8 * MB else "script_4MB")) if version2 else "script"
    members[name] = json.dumps(make_script(rng, rows, version2, with_table), indent=1).encode()
    prefix = rng.choice(("", "./"))
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        for member, data in members.items():
            info = tarfile.TarInfo(prefix + member)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def write_job(path, keys, firmware):
    """firmware: lines below `firmware:`."""
    with open(path, "w", encoding="utf-8") as f:
        for key, value in keys.items():
            f.write(f"{key}: {value}\n")
        f.write("firmware:\n" + "".join(f"  {line}\n" for line in firmware))
