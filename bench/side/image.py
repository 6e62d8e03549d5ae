# SPDX-License-Identifier: Apache-2.0
"""A merged image as a build makes one: second stage, partition table, application, FF between; compresses like firmware."""
import os
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "support"))
import firmware_make as make  # noqa: E402

OFFSET = 0x1000  # of the merged image; where an ESP32's second stage lies
TABLE = 0x8000
APP = 0x10000
ROWS = [(1, 2, 0x9000, 0x6000, "nvs"), (1, 1, 0xF000, 0x1000, "phy_init"), (0, 0, APP, 0x300000, "factory")]


def code(size, seed):
    """Words of a vocabulary, some often and some seldom, each with a byte that follows no rule: about 0.6 by deflate."""
    r = random.Random(seed)
    words = [r.randbytes(5) for _ in range(4096)]
    weights = [1 / (i + 3) for i in range(len(words))]
    picked = r.choices(words, weights, k=size // 6 + 1)
    rest = r.randbytes(size // 6 + 1)
    return b"".join(w + rest[i:i + 1] for i, w in enumerate(picked))[:size]


def merged(size):
    """`size` bytes or so, from OFFSET on."""
    app = make.image(make.app_descriptor("bench") + code(size - (APP - OFFSET) - 1024, 1))
    out = bytearray(make.image(code(20000, 2)))
    for offset, part in ((TABLE, make.table(ROWS)), (APP, app)):
        out += b"\xff" * (offset - OFFSET - len(out)) + part
    return bytes(out)


def dirt(size):
    """What lies in a used board's flash from 0 on: nothing blank, nothing as the image has it."""
    return random.Random(3).randbytes(size).replace(b"\xff", b"\x00")
