#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the folder of an ESP-IDF build for tests, sound or not: build_make.py FOLDER [WHAT].

flasher_args.json as such builds write it; the images are those of firmware_make.py, whose layout is the published one.
"""
import json
import os
import random
import sys

sys.dont_write_bytecode = True
import firmware_make as make  # noqa: E402

ROWS = [(1, 2, 0x9000, 0x6000, "nvs"), (1, 1, 0xF000, 0x1000, "phy_init"), (0, 0, 0x10000, 0x100000, "factory")]


def bootloader(mode, size_and_frequency):
    image = bytearray(make.image(b"boot" * 500))
    image[2], image[3] = mode, size_and_frequency
    return bytes(image[:-32]) + make.hashlib.sha256(bytes(image[:-32])).digest()


def main():
    folder, what = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    app = make.image(make.app_descriptor("v3.2-1-gabc") + random.Random(3).randbytes(40000))
    args = {
        "write_flash_args": ["--flash_mode", "dio", "--flash_size", "2MB", "--flash_freq", "40m"],
        "flash_settings": {"flash_mode": "dio", "flash_size": "2MB", "flash_freq": "40m"},
        "flash_files": {"0x1000": "bootloader/bootloader.bin", "0x10000": "hello world.bin",
                        "0x8000": "partition_table/partition-table.bin"},
        "bootloader": {"offset": "0x1000", "file": "bootloader/bootloader.bin", "encrypted": "false"},
        "app": {"offset": "0x10000", "file": "hello world.bin", "encrypted": "false"},
        "partition-table": {"offset": "0x8000", "file": "partition_table/partition-table.bin", "encrypted": "false"},
        "extra_esptool_args": {"after": "hard_reset", "before": "default_reset", "stub": True, "chip": "esp32"},
    }
    config = {"IDF_TARGET": "esp32", "SECURE_BOOT": what == "secure-boot"}
    if what == "esp8266":
        args["extra_esptool_args"]["chip"] = "esp8266"
    elif what == "encrypted":
        args["app"]["encrypted"] = "true"
    elif what == "settings":
        args["flash_settings"].update(flash_mode="qio", flash_freq="80m", flash_size="detect")
        args["extra_esptool_args"].update(after="no-reset", before="no-reset", stub=False)
        args["write_flash_args"].append("--erase-all")
    elif what == "outside":
        args["flash_files"]["0x200000"] = "../extra.bin"
    elif what == "lost":
        args["flash_files"]["0x200000"] = "lost.bin"
    elif what == "offset":
        args["flash_files"]["0x200010"] = "hello world.bin"
    elif what == "large":
        args["flash_settings"]["flash_size"] = "32MB"
    files = {"bootloader/bootloader.bin": bootloader(2, 0x10), "hello world.bin": app,
             "partition_table/partition-table.bin": make.table(ROWS),
             "config/sdkconfig.json": json.dumps(config).encode(),
             "flasher_args.json": json.dumps(args, indent=4).encode()}
    if what == "windows":
        files["flasher_args.json"] = b"\xef\xbb\xbf" + files["flasher_args.json"].replace(b"\n", b"\r\n")
    if what == "outside":
        files["../extra.bin"] = b"extra" * 1000
    for name, data in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
