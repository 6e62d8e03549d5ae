#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes firmware for tests, sound or broken on purpose: firmware_make.py OUT.tar.gz [WHAT [KILOBYTES]].

Written apart from the programme's own maker of demo archives, from the published layout of ESP32 images and partition
tables, so that one cannot share the other's mistake.
"""
import hashlib
import io
import json
import random
import struct
import sys
import tarfile

FACTORY, FACTORY_SIZE = 0x10000, 0x180000


def image(payload, chip=0, entry=0x40080000):
    """An ESP32 application image: header, one segment, checksum, SHA-256."""
    while len(payload) % 4:
        payload += b"\0"
    head = struct.pack("<BBBBI", 0xE9, 1, 2, 0x20, entry)
    head += struct.pack("<BBBBHBHH4sB", 0xEE, 0, 0, 0, chip, 0, 0, 0, b"\0" * 4, 1)
    body = head + struct.pack("<II", 0x3F400020, len(payload)) + payload
    checksum = 0xEF
    for byte in payload:
        checksum ^= byte
    body += b"\0" * (15 - len(body) % 16) + bytes([checksum])
    return body + hashlib.sha256(body).digest()


def app_descriptor(version):
    text = struct.pack("<IIQ", 0xABCD5432, 0, 0) + version.encode().ljust(32, b"\0") + b"demo".ljust(32, b"\0")
    return text.ljust(256, b"\0")


def table(rows):
    out = b""
    for kind, sub, offset, size, name in rows:
        out += struct.pack("<HBBII16sI", 0x50AA, kind, sub, offset, size, name.encode(), 0)
    out += b"\xEB\xEB" + b"\xFF" * 14 + hashlib.md5(out).digest()
    return out.ljust(0xC00, b"\xFF")


ROWS = [(1, 2, 0x9000, 0x7000, "nvs"), (0, 0, FACTORY, FACTORY_SIZE, "factory"), (1, 0, 0x190000, 0x1000, "otadata"),
        (0, 0x10, 0x1A0000, FACTORY_SIZE, "ota_0"), (1, 0x81, 0x380000, 0x7F000, "fs"), (1, 0xFE, 0x3FF000, 0x1000, "config")]
SCRIPT = [["e", "0x10000", "0x40000"], ["w", "0x1000", "bootloader.bin"], ["w", "0x8000", "partitions.bin"],
          ["w", "0x10000", "wipy.bin"]]


def members(what, kilobytes):
    noise = random.Random(7).randbytes(kilobytes * 1024)
    script = [list(row) for row in SCRIPT]
    app = image(app_descriptor("1.0.test") + noise, chip=5 if what == "wrong-chip" else 0)
    files = {"bootloader.bin": image(b"boot" * 500), "partitions.bin": table(ROWS), "wipy.bin": app}
    if what == "names-board":
        app = image(app_descriptor("1.0.test") + b"\0Pycom MicroPython 1.0.test [v1] on 2020-01-01; WiPy with ESP32\0" + noise)
        files["wipy.bin"] = app
    elif what == "missing-member":
        del files["wipy.bin"]
    elif what == "unknown-letter":
        script.append(["z", "0x20000", "wipy.bin"])
    elif what == "oversized":
        files["wipy.bin"] = image(app_descriptor("1.0.test") + noise + bytes(FACTORY_SIZE))
    elif what == "overlap":
        script.append(["w", "0x11000", "bootloader.bin"])
    elif what == "bad-checksum":
        files["wipy.bin"] = app[:5000] + bytes([app[5000] ^ 1]) + app[5001:]
    elif what == "bad-table":
        files["partitions.bin"] = files["partitions.bin"].replace(b"factory", b"factorx")
    elif what == "no-script":
        return files
    files["script"] = json.dumps(script).encode()
    return files


def add(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def main():
    out, what = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "sound"
    kilobytes = int(sys.argv[3]) if len(sys.argv) > 3 else 64
    with tarfile.open(out, "w:gz", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members(what, kilobytes).items():
            add(tar, name, data)
        if what == "path-trick":
            add(tar, "../evil.bin", b"x")
        if what == "bomb":
            for i in range(64):
                add(tar, "zeros-%d.bin" % i, bytes(16 << 20))


if __name__ == "__main__":
    main()
