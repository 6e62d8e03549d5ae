#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a small archive for a LoPy: lopy_make.py OUT.tar.gz [BOARD [VERSION]], as the maker shipped them up to 1.18.

One script of the first form, which erases eight blocks by their offsets and writes by offsets; LoPy and 1.20.2.r4 unless said.
"""
import json
import os
import random
import sys
import tarfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from firmware_make import add, app_descriptor, image, ROWS, table  # noqa: E402

out = sys.argv[1]
board = sys.argv[2] if len(sys.argv) > 2 else "LoPy"
version = sys.argv[3] if len(sys.argv) > 3 else "1.20.2.r4"
name = board.lower() + ".bin"
banner = b"\0Pycom MicroPython %s [v1] on 2020-01-01; %s with ESP32\0" % (version.encode(), board.encode())
app = image(app_descriptor(version) + banner + random.Random(7).randbytes(64 * 1024))
script = [["e", hex(0x1000 + 0x40000 * i), "0x40000"] for i in range(8)]
script += [["w", "0x1000", "bootloader.bin"], ["w", "0x8000", "partitions.bin"], ["w", "0x10000", name]]
files = {"bootloader.bin": image(b"boot" * 500), "partitions.bin": table(ROWS), name: app,
         "script": json.dumps(script).encode()}
with tarfile.open(out, "w:gz", format=tarfile.USTAR_FORMAT) as tar:
    for member, data in files.items():
        add(tar, member, data)
