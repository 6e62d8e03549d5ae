#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A file system image that fills the flash up to its end at 4 MB. A plain board holds all of it, or it is no PASS. A Pycom board
# has its identity in the last sector: an image that holds something there is refused, one that is blank there is written around
# it, and what was left out is told before the start and stands in the records, through every door.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v jq >/dev/null || skip "jq is not installed"

python3 - "$SOURCE_DIR/tests/support" <<'PY'
import random, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import firmware_make as make
rows = [(1, 2, 0x9000, 0x6000, "nvs"), (0, 0, 0x10000, 0x100000, "factory"), (1, 0x82, 0x380000, 0x80000, "storage")]
files = {"boot": make.image(b"boot" * 500), "table": make.table(rows)}
noise = random.Random(5).randbytes(9000)
files["app"] = make.image(make.app_descriptor("2.1") + noise)
files["pycom"] = make.image(make.app_descriptor("2.1") + b"Pycom MicroPython 1.20.2.r4 [x] on 2021-01-12; WiPy with ESP32\0" + noise)
for name, data in files.items():
    open(name + ".bin", "wb").write(data)
PY
fs() { python3 "$SOURCE_DIR/tests/support/file_system_make.py" "$@"; }
fs littlefs 512 littlefs.bin
fs spiffs 512 spiffs.bin
fs littlefs 512 full.bin full
head -c 16 littlefs.bin | tail -c 8 | cmp - <(printf littlefs) || fail "no superblock: $(head -c 64 littlefs.bin | od -c)"

images='    - {file: boot.bin, offset: 0x1000}
    - {file: table.bin, offset: 0x8000}
    - {file: app.bin, offset: 0x10000}'
for what in littlefs spiffs full; do
    for board in esp32 WiPy; do
        printf '%s\n' "board: $board" 'chip: esp32' 'firmware:' '  images:' "$images" \
            "    - {file: $what.bin, offset: 0x380000}" >"$board-$what.yaml"
    done
    for app in app pycom; do
        python3 - $app.bin $what.bin "$app-$what.bin" <<'PY'
import sys
whole = bytearray(b"\xFF" * 0x400000)
for at, name in ((0x1000, "boot.bin"), (0x8000, "table.bin"), (0x10000, sys.argv[1]), (0x380000, sys.argv[2])):
    data = open(name, "rb").read()
    whole[at:at + len(data)] = data
open(sys.argv[3], "wb").write(whole)
PY
    done
done
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  images:' "$images" >born.yaml
sim=(--sim-time virtual --sim-flash-size 4 --sim-revision 0)
run() { "$FLASHLINE" run --job "./$1.yaml" --sim 1 "${sim[@]}" --headless --sim-dump "$1" --db "$1.db" "${@:2}"; }
part() { tail -c +$(($2 + 1)) "$1/slot-1.bin" | head -c $(($3)); }
holds() { part "$1" 0x380000 0x80000 | cmp - "$2"; }

# The plain board: job check has nothing to say, the dump equals the file to its last byte.
for what in littlefs spiffs full; do
    "$FLASHLINE" job check "./esp32-$what.yaml" --json | jq -e '(.warnings // []) == []' >/dev/null || fail "check of esp32-$what"
    run "esp32-$what" >out 2>err || fail "$what on a plain board: $(cat out err)"
    [ ! -s err ] || fail "$what on a plain board: $(cat err)"
    holds "esp32-$what" $what.bin || fail "$what on a plain board: the dump is not the file"
done
"$FLASHLINE" flash app-littlefs.bin --sim --yes "${sim[@]}" --sim-dump flashed --db flashed.db >out 2>&1 || fail "flash: $(cat out)"
holds flashed littlefs.bin && ! grep -q Note out || fail "flash on a plain board: $(cat out)"
"$FLASHLINE" db events --db flashed.db >out && ! grep -q JOB out || fail "a plan that leaves nothing out: $(cat out)"

# Pycom's board, the last sector not blank: refused before any board, whichever way it is asked.
for what in spiffs full; do
    expect 4 "*WiPy-$what.yaml:8: files: $what.bin would overwrite the board's identity sector 0x3ff000*" run "WiPy-$what"
    expect 4 "*$what.bin would overwrite the board's identity sector 0x3ff000*" "$FLASHLINE" job check "./WiPy-$what.yaml"
    expect 4 "*pycom-$what.bin would overwrite the board's identity sector 0x3ff000*" "$FLASHLINE" flash "pycom-$what.bin" --sim --yes "${sim[@]}"
done

# Blank there: written around the sector, told, and on record.
note='is blank at 0x3ff000: the board keeps its own identity sector'
run born >out 2>err || fail "born: $(cat out err)"
run WiPy-littlefs >out 2>err || fail "WiPy: $(cat out err)"
grep -q "^flashline run: note: files: littlefs.bin $note" err || fail "run does not tell: $(cat err)"
part WiPy-littlefs 0x380000 0x7f000 | cmp - <(head -c $((0x7f000)) littlefs.bin) || fail "the dump is not the file before the sector"
part WiPy-littlefs 0x3ff000 0x1000 | cmp - <(part born 0x3ff000 0x1000) || fail "the identity sector is not the board's own"
! part WiPy-littlefs 0x3ff000 0x1000 | cmp -s - <(tail -c 4096 littlefs.bin) || fail "there was no identity"
"$FLASHLINE" flash pycom-littlefs.bin --sim --yes "${sim[@]}" --db flash.db >out 2>&1 || fail "flash of Pycom's: $(cat out)"
grep -q "^Note: merged: pycom-littlefs.bin $note" out || fail "flash does not tell: $(cat out)"
"$FLASHLINE" run --job ./WiPy-littlefs.yaml --sim 1 "${sim[@]}" --json --db json.db >out 2>err || fail "JSON: $(cat out err)"
head -n 1 out | jq -e --arg note "$note" '.event == "start" and (.job_notes | length == 1 and (.[0] | endswith($note)))' >/dev/null ||
    fail "JSON does not tell: $(head -n 1 out)"
for db in WiPy-littlefs flash json; do
    mac=$("$FLASHLINE" attempts --training --json --db $db.db | jq -r .mac)
    "$FLASHLINE" unit "$mac" --training --db $db.db >out
    grep -q "^attempt 1: of its job was said: [a-z]*: .*littlefs.bin $note" out || fail "unit of $db: $(cat out)"
    "$FLASHLINE" unit "$mac" --training --json --db $db.db |
        jq -es --arg note "$note" 'map(select(.event == "note")) | length == 1 and (.[0] | .kind == "JOB" and .attempt == 1 and (.text | endswith($note)))' >/dev/null ||
        fail "unit --json of $db"
    "$FLASHLINE" db events --db $db.db >out && grep -q "JOB .*$note" out || fail "events of $db: $(cat out)"
    "$FLASHLINE" db verify --db $db.db >out 2>&1 || fail "verify of $db: $(cat out)"
done
finish
