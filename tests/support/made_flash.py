# SPDX-License-Identifier: Apache-2.0
"""Sound plans for a plain ESP32, drawn at random: sound(rng). Images (bootloader, applications, data) are made here, byte by
byte; a Plan lays them into blank flash as a perfect flasher would and writes them as files with the job that names them.

Made from Espressif's public documents and sources, never from ours, as second_stage.py is. flash_defects.py breaks them.
"""
import hashlib
import os
import struct
import zlib

SECTOR = 0x1000
PAGE = 0x10000
MB = 1 << 20
BOOTLOADER_AT = 0x1000
APP, DATA = 0, 1
FACTORY, OTA_0, TEST = 0x00, 0x10, 0x20
OTADATA, PHY, NVS, COREDUMP, FAT, SPIFFS, LITTLEFS = 0x00, 0x01, 0x02, 0x03, 0x81, 0x82, 0x83


def up(value, step):
    return -(-value // step) * step


def content(rng, size):
    """Bytes as firmware has them: noise and runs."""
    out = bytearray()
    while len(out) < size:
        n = rng.choice((64, 500, 3000))
        out += rng.randbytes(n) if rng.random() < 0.5 else bytes([rng.randrange(256)]) * n
    return bytes(out[:size])


class Image:
    """An image to be, and whatever is bent in it."""

    def __init__(self, segments, entry):
        self.segments, self.entry = segments, entry # [(address, bytes)]
        self.magic, self.count, self.size_code, self.chip = 0xE9, len(segments), 2, 0
        self.least_major, self.least, self.most = 0, 0, 0xFFFF
        self.hashed, self.bad_checksum, self.bad_digest, self.bad_data = True, 0, False, False
        self.bad_length = 0 # added to what the last segment's header says
        self.cut = 0 # bytes missing at the end
        self.tail = b"" # bytes after it, as tools pad their files

    def packed(self):
        speed_size = (self.size_code & 15) << 4 | 0x0F
        out = struct.pack("<BBBBI", self.magic, self.count, 2, speed_size, self.entry) + b"\xEE" + bytes(3)
        out += struct.pack("<HBHH", self.chip, self.least_major, self.least, self.most)
        out += bytes(4) + bytes([self.hashed])
        checksum = 0xEF
        for i, (address, data) in enumerate(self.segments):
            longer = self.bad_length if i == len(self.segments) - 1 else 0
            out += struct.pack("<II", address, len(data) + longer) + data
            for byte in set(data):
                checksum ^= byte if data.count(byte) & 1 else 0
        out += bytes(15 - len(out) % 16) + bytes([checksum ^ self.bad_checksum])
        if self.hashed:
            digest = hashlib.sha256(out).digest()
            out += bytes(32) if self.bad_digest else digest
        if self.bad_data:
            at = len(out) // 2
            out = out[:at] + bytes([out[at] ^ 0x10]) + out[at + 1:]
        return (out[:len(out) - self.cut] if self.cut else out) + self.tail


def description(rng):
    text = struct.pack("<II8x", 0xABCD5432, 0)
    for value, width in ((f"{rng.randrange(9)}.{rng.randrange(20)}", 32), ("made", 32), ("12:00:00", 16), ("Jan  1 2026", 16),
                         ("v5.4", 32)):
        text += value.encode().ljust(width, b"\0")
    return text.ljust(256, b"\0")


def words(rng, low, high):
    return rng.randrange(low, high) // 4 * 4


def application(rng):
    """As a linker lays it: constants mapped, then what is loaded, then code mapped at the same place within 64 KiB."""
    segments = [(0x3F400020, description(rng) + content(rng, words(rng, 0x40, 0x5000)))]
    segments.append((0x3FFB0000, content(rng, words(rng, 0x20, 0x1000))))
    segments.append((0x40080000, content(rng, words(rng, 0x400, 0x3000))))
    if rng.random() < 0.15:
        segments.append((rng.choice((0x400C0000, 0x50000000)), content(rng, words(rng, 4, 0x200))))
    if rng.random() < 0.4:
        size = 24 + sum(8 + len(d) for _, d in segments)
        pad = (0x20 - 8 - size - 8) % PAGE # the code's bytes begin 0x20 into a page
        segments += [(0, bytes(pad)), (0x400D0020, content(rng, words(rng, 0x100, 0x4000)))]
    image = Image(segments, 0x40080000 + words(rng, 0, 0x300))
    image.least_major, image.least = rng.choice(((0, 0), (0, 0), (1, 100), (3, 300)))
    image.most = rng.choice((0xFFFF, 0xFFFF, 0, 399))
    image.hashed = rng.random() < 0.85
    image.size_code = rng.choice((0, 1, 2, 4)) # nobody reads it in an application
    if rng.random() < 0.15:
        image.tail = b"\xFF" * rng.choice((1, 16, 4096))
    return image


def bootloader(rng):
    segments = [(0x3FFF0018, content(rng, words(rng, 4, 0x1000))), (0x40078000, content(rng, words(rng, 0x1000, 0x3000))),
                (0x40080400, content(rng, words(rng, 0x400, 0x1400)))]
    image = Image(segments, 0x40080400 + words(rng, 0, 0x300))
    image.hashed = rng.random() < 0.9
    return image


def ota_entry(seq, state=0xFFFFFFFF, crc_flip=0):
    crc = zlib.crc32(struct.pack("<I", seq), 0xFFFFFFFF) ^ crc_flip
    return (struct.pack("<I", seq) + b"\xFF" * 20 + struct.pack("<II", state, crc)).ljust(SECTOR, b"\xFF")


class Part:
    def __init__(self, label, kind, subtype, size, flags=0):
        self.label, self.kind, self.subtype, self.size, self.flags = label, kind, subtype, size, flags
        self.offset = 0

    def packed(self):
        return struct.pack("<HBBII16sI", 0x50AA, self.kind, self.subtype, self.offset, self.size, self.label.encode(),
                           self.flags)


class Plan:
    """A plan while it is drawn. `apps` and `data`: {label: image or bytes}; `lost`: files that are left out."""

    def __init__(self, rng):
        self.rng, self.kind, self.intent = rng, "sound", "boots"
        self.flash_size = rng.choices((2, 4, 8, 16), (12, 58, 20, 10))[0] * MB
        self.table_at = rng.choices((0x8000, 0x9000, 0xA000, 0x10000), (76, 10, 8, 6))[0]
        self.bootloader_at = BOOTLOADER_AT
        self.bootloader, self.parts, self.apps, self.data = bootloader(rng), [], {}, {}
        self.otadata = None # the two sectors, where they are written
        self.md5, self.has_end, self.rows_after = "right", True, b""
        self.lost, self.extra = set(), [] # extra: (name, offset, bytes)
        self.merged = None # None, "offset" or "found": one file, and whether the job says where it begins
        self.revision, self.job_revision = 301, None # of the board, and the job's line about it
        self.laid = None

    # ---- what a plan is made of

    def declared(self):
        return MB << self.bootloader.size_code

    def part(self, label):
        return next(p for p in self.parts if p.label == label)

    def app_parts(self):
        return [p for p in self.parts if p.kind == APP]

    def table(self):
        raw = b"".join(p.packed() for p in self.parts)
        if self.md5 != "none":
            digest = hashlib.md5(raw).digest()
            raw += b"\xEB\xEB" + b"\xFF" * 14 + (digest if self.md5 != "wrong" else bytes(16))
            if self.md5 == "twice":
                raw += b"\xEB\xEB" + b"\xFF" * 14 + hashlib.md5(raw).digest()
        raw += self.rows_after
        return raw.ljust(0xC00, b"\xFF")[:0xC00] if self.has_end else raw

    def files(self):
        """[(name, offset, bytes)] in the order of their offsets; asked for once the plan is drawn."""
        if self.laid is None:
            self.laid = self.lay()
        return self.laid

    def lay(self):
        out = []
        if "bootloader" not in self.lost:
            out.append(("bootloader.bin", self.bootloader_at, self.bootloader.packed()))
        if "table" not in self.lost:
            out.append(("partitions.bin", self.table_at, self.table()))
        if self.otadata is not None:
            part = next(p for p in self.parts if (p.kind, p.subtype) == (DATA, OTADATA))
            out.append(("otadata.bin", part.offset, self.otadata))
        for label, image in self.apps.items():
            out.append((f"{label}.bin", self.part(label).offset, image.packed() if isinstance(image, Image) else image))
        out += [(f"{label}.bin", self.part(label).offset, data) for label, data in self.data.items()]
        return sorted(out + self.extra, key=lambda f: f[1])

    def flash_after(self):
        flash = bytearray(b"\xFF" * self.flash_size)
        for _, offset, data in self.files():
            data = data[:max(0, self.flash_size - offset)]
            flash[offset:offset + len(data)] = data
        return bytes(flash)

    def too_long(self):
        """The name of a file that ends beyond the flash, or None."""
        return next((name for name, offset, data in self.files() if offset + len(data) > self.flash_size), None)

    def booting(self):
        """The label that boots, where nothing is broken."""
        return next(iter(self.apps))

    # ---- the job

    def overlaps(self):
        files = self.files()
        return any(a[1] + len(a[2]) > b[1] for a, b in zip(files, files[1:]))

    def write(self, folder):
        """Files and job.yaml; returns the job's path."""
        os.makedirs(folder, exist_ok=True)
        files = self.files()
        lines = ["board: esp32", "chip: esp32", f"flash_size: [{self.flash_size // MB}MB]"]
        lines += [f"revision: {self.job_revision}"] if self.job_revision else []
        lines.append("firmware:")
        if self.merged and files and not self.overlaps():
            start = 0 if self.merged == "found" else min(f[1] for f in files)
            image = bytearray(b"\xFF" * (max(o + len(d) for _, o, d in files) - start))
            for _, offset, data in files:
                image[offset - start:offset - start + len(data)] = data
            files = [("merged.bin", start, bytes(image))]
            where = "" if self.merged == "found" else f", offset: 0x{start:x}"
            lines.append(f"  merged: {{file: merged.bin{where}}}")
        else:
            lines += ["  images:"] + [f"    - {{file: {name}, offset: 0x{offset:x}}}" for name, offset, _ in files]
        for name, _, data in files:
            with open(os.path.join(folder, name), "wb") as f:
                f.write(data)
        job = os.path.join(folder, "job.yaml")
        with open(job, "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
        return job


SHAPES = (("factory",), ("factory", "ota_0", "ota_1"), ("ota_0", "ota_1"), ("ota_0", "ota_1", "ota_2"), ("ota_0",),
          ("factory", "ota_0"), ("factory", "test"))


def wanted_parts(rng, shape):
    parts = [Part(rng.choice(("nvs", "settings")), DATA, NVS, rng.choice((3, 4, 5, 6)) * SECTOR)]
    if "ota_0" in shape:
        parts.append(Part("otadata", DATA, OTADATA, 2 * SECTOR))
    if rng.random() < 0.5:
        parts.append(Part("phy_init", DATA, PHY, SECTOR))
    size = rng.choice((0x30000, 0x40000, 0x50000, 0x61000, 0x80000))
    for label in shape:
        subtype = {"factory": FACTORY, "test": TEST}.get(label)
        if subtype is None:
            subtype = OTA_0 + int(label[4:])
        parts.append(Part(label, APP, subtype, size, rng.choice((0, 0, 0, 1))))
    for i in range(rng.choice((0, 1, 1, 2, 3))):
        kind, subtype = rng.choice(((DATA, FAT), (DATA, SPIFFS), (DATA, LITTLEFS), (DATA, COREDUMP), (0x40, i), (DATA, 6)))
        flags = rng.choice((0, 0, 2)) if kind == DATA else 0
        parts.append(Part(f"store{i}", kind, subtype, rng.choice((1, 4, 16, 40)) * SECTOR, flags))
    return parts


def lay_parts(rng, parts, table_at):
    """Each after the last, applications on 64 KiB, sometimes with a gap; returns where they end."""
    at = table_at + SECTOR
    for part in parts:
        at = up(at, PAGE if part.kind == APP else SECTOR)
        if rng.random() < 0.1:
            at += PAGE if part.kind == APP else SECTOR
        part.offset = at
        at += part.size
    return at


def choose_booting(rng, plan, shape):
    """The application that is to boot, and otadata where the plan writes it."""
    slots = [s for s in shape if s.startswith("ota_")]
    first = "factory" if "factory" in shape else "ota_0"
    if not slots or rng.random() < 0.45:
        if slots and rng.random() < 0.4:
            plan.otadata = b"\xFF" * (2 * SECTOR)
        return first
    seq = rng.choice((1, 1, 2, 3, rng.randrange(1, 1000)))
    state = rng.choice((0xFFFFFFFF, 2))
    other = rng.choice((b"\xFF" * SECTOR, ota_entry(max(seq - 1, 1)), ota_entry(seq + 1, crc_flip=1), ota_entry(seq + 1, 3)))
    halves = [ota_entry(seq, state), other]
    if rng.random() < 0.4:
        halves.reverse()
    plan.otadata = b"".join(halves)
    return slots[(seq - 1) % len(slots)]


def sound(rng):
    """A plan with nothing wrong."""
    while True:
        plan = Plan(rng)
        shape = rng.choice(SHAPES)
        plan.parts = wanted_parts(rng, shape)
        end = lay_parts(rng, plan.parts, plan.table_at)
        codes = [c for c in range(5) if end <= MB << c <= plan.flash_size]
        if not codes:
            continue
        plan.bootloader.size_code = codes[-1] if rng.random() < 0.85 else rng.choice(codes)
        break
    booting = choose_booting(rng, plan, shape)
    plan.apps[booting] = application(rng)
    for part in plan.app_parts():
        if part.label != booting and rng.random() < 0.25:
            plan.apps[part.label] = application(rng)
    for part in plan.parts:
        if part.label.startswith("store") and rng.random() < 0.5:
            plan.data[part.label] = content(rng, rng.choice((1, part.size, part.size // 2, min(part.size, 700))))
    plan.md5 = "none" if rng.random() < 0.1 else "right"
    plan.merged = rng.choices((None, "offset", "found" if plan.table_at == 0x8000 else None), (80, 12, 8))[0]
    return plan
