#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What every byte of a board's flash must be after a PASS, said by somebody who knows only the documents.

Reads a job file, its firmware and the board's first dump. Written from docs/profiles.md and the published layouts of
Espressif and Pycom; it uses nothing of the programme's code and was written without reading it, so that both cannot
share one mistake. Knows the simple job files of the soak only (one key a line), not YAML.

    flash_model.py JOB FIRST.bin LAST.bin      compares; status 1 and the ranges that differ when they do
"""
import io
import json
import os
import struct
import sys
import tarfile
import zlib

SECTOR = 0x1000
BOOT = 0x1000
TABLE_AT = 0x8000
IDENTITY = 0x3FF000
MB = 1 << 20

# Where Pycom's own updater puts what a script names without saying where (the layout of 2017).
LAYOUT_2017 = {
    "secureboot": (0x0, 0x8000), "bootloader": (0x1000, 0x7000), "partitions": (0x8000, 0x1000),
    "nvs": (0x9000, 0x7000), "factory": (0x10000, 0x180000), "otadata": (0x190000, 0x1000),
    "ota_0": (0x1A0000, 0x180000), "fs": (0x380000, 0x7F000), "config": (0x3FF000, 0x1000),
    "fs1": (0x400000, 0x400000),
}
ALIAS = {"ota": "otadata", "cb": "config"}


class ModelError(Exception):
    """The documents do not say what this input means."""


def read_job(path):
    """The job's keys; `firmware` becomes ("archive", file) or ("files", [(file, offset)])."""
    job, images, where = {}, [], ""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            line = line.split("#")[0].rstrip()
            if not line:
                continue
            if not line.startswith(" "):
                key, _, value = line.partition(":")
                job[key], where = value.strip(), key
                continue
            text = line.strip()
            if where != "firmware":
                raise ModelError(f"{path}: {text!r} below {where!r}")
            if text.startswith("archive:"):
                job["firmware"] = ("archive", beside(path, text.partition(":")[2].strip()))
            elif text.startswith("- {") or text.startswith("merged: {"):
                fields = dict(f.split(":", 1) for f in text[text.index("{") + 1:text.index("}")].split(","))
                fields = {k.strip(): v.strip() for k, v in fields.items()}
                images.append((beside(path, fields["file"]), int(fields["offset"], 0)))
            elif text != "images:":
                raise ModelError(f"{path}: {text!r} is not of the simple form")
    if images:
        job["firmware"] = ("files", images)
    return job


def firmware_files(job):
    kind, source = job["firmware"]
    return [source] if kind == "archive" else [path for path, _ in source]


def beside(job, name):
    return os.path.join(os.path.dirname(job), name)


def read_table(data):
    """A partition table as ESP-IDF documents it: {label: (type, subtype, offset, size)}."""
    table = {}
    for at in range(0, len(data) - 31, 32):
        if data[at:at + 2] != b"\xAA\x50":
            break
        kind, sub, offset, size, label = struct.unpack_from("<BBII16s", data, at + 2)
        table[label.split(b"\0")[0].decode()] = (kind, sub, offset, size)
    return table


def otadata_record(active, status, size):
    """Pycom's boot record, the rest of its sector blank."""
    body = struct.pack("<IIIII", active, status, 0, size, 0) + b"\xFF" * 16
    return body + struct.pack("<I", zlib.crc32(b"\xFF\xFF\xFF\xFF" + body))


class Plan:
    """Erases and writes of one job for one flash size."""

    def __init__(self, flash_size):
        self.flash_size = flash_size
        self.erases, self.writes = [], []
        self.named = {} # stands for a table that the firmware does not write

    def erase(self, offset, size):
        self.erases.append((offset, size))

    def write(self, offset, data):
        self.writes.append((offset, data))

    def written_at(self, offset):
        return any(at <= offset < at + len(data) for at, data in self.writes)

    def bytes_at(self, offset):
        """What is written from there on."""
        for at, data in self.writes:
            if at <= offset < at + len(data):
                return data[offset - at:]
        return b""

    def select_boot(self):
        """The boot selection that the documents promise where the firmware's table has one and writes none."""
        table = read_table(self.bytes_at(TABLE_AT)) or self.named
        data = [(label, row) for label, row in table.items() if row[0] == 1 and row[1] == 0]
        if not data:
            return
        offset, size = data[0][1][2], data[0][1][3]
        if size >= 2 * SECTOR:
            if not all(self.written_at(offset + at) for at in range(0, size, SECTOR)):
                self.erase(offset, size)
            return
        if self.written_at(offset):
            return
        slots = {row[1]: row for row in table.values() if row[0] == 0}
        factory, ota_0 = slots.get(0x00), slots.get(0x10)
        if factory and self.written_at(factory[2]):
            self.write(offset, otadata_record(0, 1, factory[3]))
        elif ota_0 and self.written_at(ota_0[2]):
            self.write(offset, otadata_record(1, 0, ota_0[3]))
        else:
            raise ModelError("a table with otadata and neither factory nor ota_0 written: the documents are silent")

    def after(self, first, write_config):
        """The whole flash after the plan, from the board's first dump."""
        flash = bytearray(first)
        for offset, size in self.erases:
            low, high = offset // SECTOR * SECTOR, -(-(offset + size) // SECTOR) * SECTOR
            flash[low:high] = b"\xFF" * (high - low)
        for offset, data in self.writes:
            high = -(-(offset + len(data)) // SECTOR) * SECTOR
            flash[offset // SECTOR * SECTOR:high] = b"\xFF" * (high - offset // SECTOR * SECTOR)
        for offset, data in self.writes:
            flash[offset:offset + len(data)] = data
        if len(flash) != len(first):
            raise ModelError("the plan runs past the end of the flash")
        if not self.written_at(BOOT): # never erased without being written
            flash[BOOT:BOOT + SECTOR] = first[BOOT:BOOT + SECTOR]
        if not write_config and len(flash) > IDENTITY:
            flash[IDENTITY:IDENTITY + SECTOR] = first[IDENTITY:IDENTITY + SECTOR]
        return flash


def archive_members(path):
    """Plain or gzipped, flat or with "./" before each name."""
    members = {}
    with open(path, "rb") as f:
        raw = f.read()
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        for m in tar:
            if m.isfile():
                members[m.name[2:] if m.name.startswith("./") else m.name] = tar.extractfile(m).read()
    return members


def choose_script(members, flash_size):
    first = {8 * MB: "script_8MB", 4 * MB: "script_4MB"}.get(flash_size)
    for name in (first, "script2", "script"):
        if name in members:
            return json.loads(members[name])
    raise ModelError("no script for this flash size")


def table_of(members, commands):
    """The table that the script writes: by its place or its partition's name."""
    for letter, target, *rest in commands:
        if letter in "wo" and (target == "partitions" or target.startswith("0x") and int(target, 16) == TABLE_AT):
            return read_table(members[rest[0]])
    return {}


def plan_archive(path, flash_size):
    members = archive_members(path)
    script = choose_script(members, flash_size)
    commands = script if isinstance(script, list) else script["script"]
    named = {} if isinstance(script, list) else script.get("partitions", {})
    table = table_of(members, commands)

    def place(name):
        name = ALIAS.get(name, name)
        if name in named:
            return int(named[name][0], 16), int(named[name][1], 16)
        if name in table:
            return table[name][2], table[name][3]
        if name in LAYOUT_2017:
            return LAYOUT_2017[name]
        raise ModelError(f"partition {name!r} is nowhere")

    plan = Plan(flash_size)
    for name, kind in (("factory", (0, 0x00)), ("ota_0", (0, 0x10)), ("otadata", (1, 0))):
        if name in named:
            plan.named[name] = (*kind, *place(name))
    for letter, target, *rest in commands:
        if target.startswith("0x"):
            offset, size = int(target, 16), None
        elif letter == "e" and target == "all":
            offset, size = 0, flash_size
        elif letter == "e" and target in ("fs", "fs1"):
            offset, size = (0x400000, 0x400000) if flash_size >= 8 * MB else (0x380000, 0x7F000)
        else:
            offset, size = place(target)
        if letter == "e":
            plan.erase(offset, int(rest[0], 16) if size is None else size)
        else:
            if letter == "w" and size is not None:
                plan.erase(offset, size)
            plan.write(offset, members[rest[0]])
    return plan


def plan_files(images, flash_size):
    plan = Plan(flash_size)
    for path, offset in images:
        with open(path, "rb") as f:
            plan.write(offset, f.read())
    return plan


def plan_of(job, flash_size):
    kind, source = job["firmware"]
    plan = plan_archive(source, flash_size) if kind == "archive" else plan_files(source, flash_size)
    plan.select_boot()
    return plan


def writes_identity(job):
    return job.get("write_config") == "yes"


def differing_ranges(want, have):
    """[(offset, end)] of the bytes that differ, joined where less than 16 equal bytes lie between."""
    ranges = []
    for at in range(0, len(want), SECTOR):
        if want[at:at + SECTOR] == have[at:at + SECTOR]:
            continue
        for i in range(at, min(at + SECTOR, len(want))):
            if want[i] == have[i]:
                continue
            if ranges and i - ranges[-1][1] < 16:
                ranges[-1][1] = i + 1
            else:
                ranges.append([i, i + 1])
    return [tuple(r) for r in ranges]


def main(argv):
    if len(argv) != 4:
        sys.exit("usage: flash_model.py JOB FIRST.bin LAST.bin")
    job = read_job(argv[1])
    with open(argv[2], "rb") as f:
        first = f.read()
    with open(argv[3], "rb") as f:
        last = f.read()
    want = plan_of(job, len(first)).after(first, writes_identity(job))
    ranges = differing_ranges(want, last)
    for low, high in ranges[:40]:
        print(f"0x{low:06x}-0x{high - 1:06x} differs")
    print(f"{len(ranges)} ranges differ" if ranges else "equal in every byte")
    return 1 if ranges else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
