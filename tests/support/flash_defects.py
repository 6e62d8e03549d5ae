# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a plan: DEFECTS, {kind: (what it means to do to the start, which sound plans it can be done to, how)}.

Each takes a sound plan of made_flash.py and breaks one thing of it; some break nothing that matters to the start ("boots").
"""
from made_flash import (APP, BOOTLOADER_AT, DATA, FACTORY, FAT, MB, OTA_0, OTADATA, PAGE, SECTOR, SPIFFS, TEST, Part,
                        application, content, ota_entry, up)

DEFECTS = {}


def defect(name, intent, only=lambda plan: True):
    """A kind; `only`: the sound plans that it can be done to."""
    def add(function):
        DEFECTS[name] = (intent, only, function)
        return function
    return add


def alone(plan):
    """Only the application that boots is there: nothing is left to fall back to."""
    label = plan.booting()
    plan.apps = {label: plan.apps[label]}
    return plan.apps[label]


def bend(name, intent="refused", **values):
    """A kind that sets members of the one application's image."""
    @defect(name, intent)
    def _(_, plan):
        image = alone(plan)
        for key, value in values.items():
            setattr(image, key, value)


bend("application: checksum wrong", bad_checksum=0x55)
bend("application: SHA-256 wrong", hashed=True, bad_digest=True)
bend("application: a byte flipped", bad_data=True)
bend("application: for another chip", chip=9)
bend("application: for a later revision than any", least_major=9, least=900)
bend("application: more segments than 16", count=17)
bend("application: segment length no whole words", bad_length=2)
bend("application: segment longer than its file", bad_length=0x40000)
bend("application: no 0xE9", magic=0x00)
bend("application: cut off", cut=900, tail=b"")
bend("application: file longer than its image", "boots", tail=b"\xFF" * 3000)
bend("application: no SHA-256 appended", "boots", hashed=False)


@defect("application: for later revisions than the job takes", "refused")
def _(_, plan):
    image = alone(plan)
    image.least_major, image.least, image.most = 3, 300, 0xFFFF
    plan.revision, plan.job_revision = 100, "{min: 1, max: 1}"


@defect("application: for earlier revisions than the job takes", "refused")
def _(_, plan):
    image = alone(plan)
    image.least_major, image.least, image.most = 0, 0, 199
    plan.job_revision = "{min: 3, max: 3}"


@defect("application: none", "refused")
def _(_, plan):
    plan.apps = {}


@defect("application: encrypted or noise", "refused")
def _(rng, plan):
    alone(plan)
    plan.apps = {plan.booting(): b"\x5A" + rng.randbytes(20000)}


@defect("application: larger than its partition", "refused")
def _(rng, plan):
    image = alone(plan)
    size = len(image.packed()) - len(image.tail) - rng.choice((1, 0x800))
    plan.part(plan.booting()).size = max(SECTOR, up(size, SECTOR) - SECTOR)


@defect("application: partition of no size", "refused")
def _(_, plan):
    alone(plan)
    plan.part(plan.booting()).size = 0


@defect("application: not on 64 KiB", "refused")
def _(rng, plan):
    alone(plan)
    part = plan.part(plan.booting())
    move = rng.choice((1, 3, 8)) * SECTOR
    part.offset += move
    part.size -= move


@defect("application: built for another place in the page", "refused")
def _(rng, plan):
    image = alone(plan)
    image.segments[0] = (0x3F400020 + rng.choice((0x20, 0x1000, 4)), image.segments[0][1])


@defect("application: loaded where no memory is", "refused")
def _(rng, plan):
    image = alone(plan)
    address = rng.choice((0x20000000, 0x3FF00000, 0x40070000, 0x60000000, 0x3FFFFFF8))
    image.segments[1] = (address, image.segments[1][1].ljust(64, b"\1"))


@defect("application: loaded over the bootloader", "refused")
def _(rng, plan):
    image = alone(plan)
    image.segments[1] = (rng.choice((0x3FFF0018, 0x3FFE0000)), image.segments[1][1].ljust(64, b"\1"))


@defect("application: beside every partition", "refused", lambda plan: plan.flash_size >= 4 * MB)
def _(_, plan):
    image = alone(plan)
    at = up(max(p.offset + p.size for p in plan.parts), PAGE)
    plan.apps = {}
    plan.extra.append(("app.bin", at, image.packed()))


@defect("application: in a data partition", "refused")
def _(_, plan):
    image = alone(plan)
    part = plan.part(plan.booting())
    part.kind, part.subtype = DATA, FAT
    for other in [p for p in plan.app_parts() if p.subtype == OTA_0]:
        other.subtype = FACTORY # an application partition is left, empty
    if not plan.app_parts():
        plan.parts.append(Part("spare", APP, FACTORY, PAGE))
        plan.parts[-1].offset = up(max(p.offset + p.size for p in plan.parts), PAGE)
    plan.apps, plan.otadata = {}, None
    plan.extra.append(("app.bin", part.offset, image.packed()))


@defect("application: the bootloader's file", "refused")
def _(_, plan):
    alone(plan)
    plan.apps = {plan.booting(): plan.bootloader.packed()}


@defect("application: only one segment, all mapped", "boots")
def _(_, plan):
    image = alone(plan)
    image.segments, image.count = image.segments[:1], 1
    image.entry = image.segments[0][0]


@defect("bootloader: checksum wrong", "refused")
def _(_, plan):
    plan.bootloader.bad_checksum = 0x01


@defect("bootloader: SHA-256 wrong", "boots")
def _(_, plan):
    plan.bootloader.hashed = plan.bootloader.bad_digest = True


@defect("bootloader: for another chip", "refused")
def _(rng, plan):
    plan.bootloader.chip = rng.choice((2, 5, 9, 13))


@defect("bootloader: for a later revision than any", "refused")
def _(_, plan):
    plan.bootloader.least_major, plan.bootloader.least = 9, 900


@defect("bootloader: no 0xE9", "refused")
def _(_, plan):
    plan.bootloader.magic = 0x7F


@defect("bootloader: none", "refused")
def _(_, plan):
    plan.lost.add("bootloader")


@defect("bootloader: at 0x0, as on later chips", "refused", lambda plan: plan.table_at >= 0x8000)
def _(_, plan):
    plan.bootloader_at = 0


@defect("bootloader: runs into the table", "refused")
def _(rng, plan):
    size = plan.table_at - BOOTLOADER_AT + rng.choice((0x10, 0x400, 0x900)) - 0x1000
    plan.bootloader.segments.append((0x40090000, content(rng, up(size, 4))))
    plan.bootloader.count += 1


@defect("bootloader: cut off", "refused")
def _(_, plan):
    plan.bootloader.cut = 0x400


@defect("bootloader: more segments than 16", "refused")
def _(_, plan):
    plan.bootloader.count = 40


@defect("header: more flash than the board has", "refused", lambda plan: plan.flash_size <= 8 * MB)
def _(rng, plan):
    code = plan.flash_size.bit_length() - 21
    plan.bootloader.size_code = rng.randrange(code + 1, 5)


@defect("header: a size that nobody knows, table beyond 2 MB", "refused", lambda plan: plan.flash_size >= 4 * MB)
def _(rng, plan):
    plan.bootloader.size_code = rng.choice((8, 9, 15))
    last = plan.parts[-1]
    last.size = max(last.size, 2 * MB + PAGE - last.offset)


@defect("header: less flash than the table needs", "refused", lambda plan: plan.flash_size >= 4 * MB)
def _(rng, plan):
    plan.bootloader.size_code = rng.randrange(0, plan.flash_size.bit_length() - 21)
    far = Part("far", DATA, SPIFFS, SECTOR)
    far.offset = max(plan.declared(), up(max(p.offset + p.size for p in plan.parts), SECTOR))
    plan.parts.append(far)


@defect("header: less flash than the board has, table within", "boots", lambda plan: plan.flash_size >= 4 * MB)
def _(_, plan):
    end = max(p.offset + p.size for p in plan.parts)
    plan.bootloader.size_code = next(c for c in range(5) if MB << c >= end)


@defect("table: none", "refused")
def _(_, plan):
    plan.lost.add("table")


@defect("table: beyond the flash", "refused")
def _(rng, plan):
    plan.bootloader.size_code = plan.flash_size.bit_length() - 21
    last = plan.parts[-1]
    last.size = plan.flash_size - last.offset + rng.choice((1, 16)) * SECTOR


@defect("table: MD5 wrong", "refused")
def _(_, plan):
    plan.md5 = "wrong"


@defect("table: no MD5", "boots")
def _(_, plan):
    plan.md5 = "none"


@defect("table: two MD5 rows", "refused")
def _(_, plan):
    plan.md5 = "twice"


@defect("table: no application partition", "refused")
def _(_, plan):
    image = alone(plan)
    at = plan.part(plan.booting()).offset
    plan.parts = [p for p in plan.parts if p.kind != APP]
    plan.apps = {}
    plan.extra.append(("app.bin", at, image.packed()))


@defect("table: noise after its rows", "refused")
def _(rng, plan):
    plan.rows_after = b"\x12\x34" + rng.randbytes(30)


@defect("table: no end mark", "refused", lambda plan: plan.flash_size >= 4 * MB)
def _(_, plan):
    plan.bootloader.size_code = plan.flash_size.bit_length() - 21
    while len(plan.parts) < 96:
        part = Part(f"more{len(plan.parts)}", 0x40, len(plan.parts), SECTOR)
        part.offset = up(max(p.offset + p.size for p in plan.parts), SECTOR)
        plan.parts.append(part)
    plan.md5 = "none"


@defect("table: 95 rows", "boots", lambda plan: plan.flash_size >= 4 * MB)
def _(_, plan):
    plan.bootloader.size_code = plan.flash_size.bit_length() - 21
    while len(plan.parts) < 94: # and the MD5
        part = Part(f"more{len(plan.parts)}", 0x40, len(plan.parts), SECTOR)
        part.offset = up(max(p.offset + p.size for p in plan.parts), SECTOR)
        plan.parts.append(part)
    plan.md5 = "right"


@defect("table: empty", "refused")
def _(_, plan):
    files = [(f"{label}.bin", plan.part(label).offset, image.packed()) for label, image in plan.apps.items()]
    plan.parts, plan.apps, plan.data, plan.otadata, plan.md5 = [], {}, {}, None, "none"
    plan.extra += files


@defect("table: rows in another order", "boots")
def _(rng, plan):
    rng.shuffle(plan.parts)


@defect("table: a data partition over the bootloader", "boots")
def _(_, plan):
    part = Part("over", DATA, FAT, 2 * SECTOR)
    part.offset = BOOTLOADER_AT
    plan.parts.append(part)


@defect("table: a data partition over the table", "boots")
def _(_, plan):
    plan.parts[0].offset = plan.table_at


@defect("table: application and data partition overlap", "boots")
def _(_, plan):
    app = plan.part(plan.booting())
    part = Part("over", DATA, FAT, SECTOR)
    part.offset = app.offset + app.size - SECTOR
    plan.parts.append(part)


@defect("table: an unused application partition not on 64 KiB", "boots",
        lambda plan: any(p.label not in plan.apps for p in plan.app_parts()))
def _(_, plan):
    part = next(p for p in plan.app_parts() if p.label not in plan.apps)
    part.offset += SECTOR
    part.size -= SECTOR


@defect("table: test is the only application", "boots")
def _(_, plan):
    image = alone(plan)
    part = plan.part(plan.booting())
    plan.parts = [p for p in plan.parts if p.kind != APP or p is part]
    part.label, part.subtype = "test", TEST
    plan.apps, plan.otadata = {"test": image}, None


@defect("table: an OTA number that is never reached", "refused")
def _(_, plan):
    image = alone(plan)
    part = plan.part(plan.booting())
    plan.parts = [p for p in plan.parts if p.kind != APP or p is part]
    part.label, part.subtype = "ota_4", OTA_0 + 4
    plan.apps, plan.otadata = {"ota_4": image}, None


@defect("table: two rows for ota_0, the image in the first", "refused")
def _(_, plan):
    image = alone(plan)
    part = plan.part(plan.booting())
    plan.parts = [p for p in plan.parts if p.kind != APP or p is part]
    part.label, part.subtype = "first", OTA_0
    again = Part("again", APP, OTA_0, PAGE)
    again.offset = up(max(p.offset + p.size for p in plan.parts), PAGE)
    plan.parts.append(again)
    plan.apps, plan.otadata = {"first": image}, None


def has_otadata(plan):
    return any((p.kind, p.subtype) == (DATA, OTADATA) for p in plan.parts)


def slot_count(plan):
    return sum(p.subtype & 0xF0 == OTA_0 for p in plan.app_parts())


def empty_slot(plan):
    """A sequence number that chooses a slot without an image, or 0."""
    for i in range(slot_count(plan)):
        if f"ota_{i}" not in plan.apps:
            return i + 1
    return 0


@defect("otadata: of one sector", "refused", has_otadata)
def _(_, plan):
    next(p for p in plan.parts if (p.kind, p.subtype) == (DATA, OTADATA)).size = SECTOR
    plan.otadata = None


@defect("otadata: chooses an empty slot, another one boots", "boots", lambda plan: has_otadata(plan) and empty_slot(plan))
def _(_, plan):
    plan.otadata = ota_entry(empty_slot(plan)) + b"\xFF" * SECTOR


@defect("otadata: chooses an empty slot, nothing else is there", "refused", has_otadata)
def _(rng, plan):
    plan.apps = {}
    plan.otadata = ota_entry(rng.randrange(1, 9)) + b"\xFF" * SECTOR


@defect("otadata: CRC wrong, the first choice boots", "boots",
        lambda plan: has_otadata(plan) and ("factory" in plan.apps or "factory" not in [p.label for p in plan.parts]))
def _(rng, plan):
    plan.otadata = ota_entry(rng.randrange(1, 9), crc_flip=0x100) + b"\xFF" * SECTOR


@defect("otadata: marked invalid", "boots", has_otadata)
def _(rng, plan):
    plan.otadata = ota_entry(1, rng.choice((3, 4))) + ota_entry(2, rng.choice((3, 4)))


@defect("otadata: noise", "boots", has_otadata)
def _(rng, plan):
    plan.otadata = rng.randbytes(2 * SECTOR)


@defect("otadata: the slot it chooses is damaged, factory boots", "boots",
        lambda plan: has_otadata(plan) and "factory" in plan.apps and slot_count(plan))
def _(rng, plan):
    image = application(rng)
    image.bad_checksum = 0x0F
    plan.apps = {"factory": plan.apps["factory"], "ota_0": image}
    plan.otadata = ota_entry(1 + slot_count(plan)) + b"\xFF" * SECTOR


@defect("otadata: sequence number 0", "boots", has_otadata)
def _(_, plan):
    plan.otadata = ota_entry(0) + b"\xFF" * SECTOR


@defect("otadata: none in the table, ota_1 holds the image", "boots")
def _(_, plan):
    image = alone(plan)
    part = plan.part(plan.booting())
    plan.parts = [p for p in plan.parts if (p.kind != APP or p is part) and (p.kind, p.subtype) != (DATA, OTADATA)]
    part.label, part.subtype = "ota_1", OTA_0 + 1
    first = Part("ota_0", APP, OTA_0, PAGE)
    first.offset = up(max(p.offset + p.size for p in plan.parts), PAGE)
    plan.parts.append(first)
    plan.apps, plan.otadata = {"ota_1": image}, None


@defect("data: runs over its partition into the next", "boots")
def _(rng, plan):
    end = up(max(p.offset + p.size for p in plan.parts), SECTOR)
    for i in range(2):
        part = Part(f"side{i}", DATA, FAT, 2 * SECTOR)
        part.offset = end + 2 * i * SECTOR
        plan.parts.append(part)
    plan.data["side0"] = content(rng, 3 * SECTOR)


@defect("data: over the application", "refused")
def _(rng, plan):
    alone(plan)
    part = plan.part(plan.booting())
    plan.extra.append(("stray.bin", part.offset + SECTOR, content(rng, SECTOR)))
    plan.merged = None


@defect("data: beyond the flash", "refused")
def _(rng, plan):
    plan.extra.append(("stray.bin", plan.flash_size - SECTOR, content(rng, 2 * SECTOR)))
    plan.merged = None


@defect("merged: to be found by a table that is not at 0x8000", "boots", lambda plan: plan.table_at != 0x8000)
def _(_, plan):
    plan.merged = "found"


@defect("only: the application", "refused")
def _(_, plan):
    plan.lost |= {"bootloader", "table"}
    plan.merged = None
