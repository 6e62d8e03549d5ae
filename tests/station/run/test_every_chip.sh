#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# The engine and virtual boards of every chip, neither of which knows the other's table: the shipped job of a chip flashes its
# board by the ROM, and by the chip's stub where that is there; the bytes are in its flash. A tray of four chips: those that
# the job is not for are FAIL 301 and nothing on them is touched.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v jq >/dev/null || skip "jq is not installed"
stubs=$SOURCE_DIR/tests/interop/node_modules/esptool-js/lib/targets/stub_flasher

python3 - "$SOURCE_DIR/tests/support" <<'PY'
import json, os, random, struct, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import firmware_make as make
# Chip: its id in images, where its ROM looks for the second stage, and a place in its memory.
CHIPS = {"esp32": (0, 0x1000, 0x40080000), "esp32s2": (2, 0x1000, 0x40024000), "esp32s3": (9, 0, 0x40374000),
         "esp32c3": (5, 0, 0x40380000), "esp32c2": (12, 0, 0x40380000), "esp32c5": (23, 0x2000, 0x40800000),
         "esp32c6": (13, 0, 0x40800000), "esp32c61": (20, 0, 0x40800000), "esp32h2": (16, 0, 0x40800000),
         "esp32h21": (25, 0, 0x40800000), "esp32p4": (18, 0x2000, 0x4FF00000)}
ROWS = [(1, 2, 0x9000, 0x6000, "nvs"), (1, 1, 0xF000, 0x1000, "phy_init"), (0, 0, 0x10000, 0x100000, "factory")]


def for_chip(image, chip_id, load):
    image = bytearray(image[:-32])
    struct.pack_into("<I", image, 4, load)
    struct.pack_into("<H", image, 12, chip_id)
    struct.pack_into("<I", image, 24, load)
    return bytes(image) + make.hashlib.sha256(bytes(image)).digest()


for chip, (chip_id, boot_at, load) in CHIPS.items():
    os.mkdir(chip)
    files = {"boot.bin": for_chip(make.image(b"boot" * 500), chip_id, load), "table.bin": make.table(ROWS),
             "app.bin": for_chip(make.image(make.app_descriptor("1.0") + random.Random(chip_id).randbytes(40000)),
                                 chip_id, load)}
    for name, data in files.items():
        open(f"{chip}/{name}", "wb").write(data)
    at = {hex(boot_at): "boot.bin", "0x8000": "table.bin", "0x10000": "app.bin"}
    settings = {"flash_mode": "dio", "flash_size": "4MB", "flash_freq": "40m"}
    json.dump({"flash_settings": settings, "flash_files": at, "extra_esptool_args": {"chip": chip}},
              open(f"{chip}/flasher_args.json", "w"))
PY

# run_chip JOB CHIPS STUB [OPTION...]: with each board's flash in dump/
run_chip() {
    rm -rf dump
    "$FLASHLINE" run --job "$1" --firmware "$1" --sim-chip "$2" --stub "$3" --sim-time virtual --sim-dump dump --headless \
        --db x.db "${@:4}" >log 2>&1 || true
}
holds() { # holds CHIP FILE: what was to be written is there
    local at
    while IFS=$'\t' read -r at file; do
        cmp -n "$(stat -c %s "$1/$file")" -i "0:$((at))" "$1/$file" "$2" || fail "$1: $file is not at $at of $2"
    done < <(jq -r '.flash_files | to_entries[] | [.key, .value] | @tsv' "$1/flasher_args.json")
}
passes() { # passes JOB CHIP STUB NAME
    run_chip "$1" "$2" "$3" --sim 1
    grep -q '1 board: 1 PASS' log || { fail "$2, $4: $(tail -n 3 log)"; return; }
    holds "$1" dump/slot-1.bin
}

for chip in esp32*; do
    passes "$chip" "$chip" no "by its ROM"
    "$FLASHLINE" stub where "$chip" >/dev/null 2>&1 || continue # no package has one for it
    stub=$stubs/$chip.json
    [ "$chip" != esp32p4 ] || stub=$stubs/esp32p4-rev1.json
    if [ -r "$stub" ]; then passes "$chip" "$chip" "$stub" "by its stub"; else skip_row "no stub of $chip"; fi
done
passes esp32p4 esp32p4@3.1 no "whose flash must be switched on"

# What no job may touch: the dump of a board that was looked at and nothing more.
run_chip esp32c3 esp32c3,esp32s3,esp32c6,esp32 no --sim 16
grep -q '16 boards: 4 PASS, 12 FAIL' log || fail "a mixed tray: $(tail -n 1 log)"
[ "$(grep -c ' 301 this is not the chip the job is for$' log)" = 12 ] || fail "not each for its chip: $(tail -n 18 log)"
mv dump mixed
run_chip esp32c3 esp32c3,esp32s3,esp32c6,esp32 no --sim 16 --sim-personality "$(seq -s, -f '%g=silent' 16)"
for slot in $(seq 16); do
    if [ $((slot % 4)) = 1 ]; then
        holds esp32c3 "mixed/slot-$slot.bin"
    else
        cmp "dump/slot-$slot.bin" "mixed/slot-$slot.bin" || fail "slot $slot: a wrong chip's flash was changed"
    fi
done
finish
