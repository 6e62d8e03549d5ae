#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# The folder of an ESP-IDF build: flashed as it is, imported as a job, released, run; and what is refused is named.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

make_build() { python3 "$SOURCE_DIR/tests/support/build_make.py" "$@"; }
# in_flash DUMP FILE OFFSET: the file's bytes are there, by cmp and nothing of ours
in_flash() { cmp -n "$(stat -c %s "$2")" -i "0:$(($3))" "$2" "$1" || fail "$2 is not at $3 of $1"; }
whole_build() {
    in_flash "$1" build/bootloader/bootloader.bin 0x1000
    in_flash "$1" build/partition_table/partition-table.bin 0x8000
    in_flash "$1" 'build/hello world.bin' 0x10000
}

make_build build
for given in build build/ build/flasher_args.json; do
    rm -rf dump
    "$FLASHLINE" flash $given --sim --sim-time virtual --sim-dump dump --yes >out 2>err </dev/null || fail "flash $given: $?: $(cat out err)"
    grep -q 'v3.2-1-gabc from hello world.bin' out || fail "flash $given: $(cat out)"
    ! grep -q '^Note:' out || fail "flash $given has something to note: $(cat out)"
    whole_build dump/slot-1.bin
done
"$FLASHLINE" attempts --training --json >out
head -n 1 out | jq -e '.version == "v3.2-1-gabc" and .result == "PASS" and .job == "hello world"' >/dev/null || fail "the record: $(head -n 1 out)"
(cd build && "$FLASHLINE" flash . --sim --sim-time virtual --yes >../out 2>../err </dev/null) || fail "flash .: $(cat out err)"

# Imported: beside it, elsewhere, and from where it is; the paths are the job's own.
mkdir -p jobs/line3 config/flashline
"$FLASHLINE" job import build -o jobs/line3/lamp.yaml >out 2>err || fail "import: $(cat out err)"
grep -q 'file: ../../build/bootloader/bootloader.bin' jobs/line3/lamp.yaml || fail "import: $(cat jobs/line3/lamp.yaml)"
grep -q 'flash_size: \[2MB, 4MB, 8MB, 16MB\]' jobs/line3/lamp.yaml || fail "import: $(cat jobs/line3/lamp.yaml)"
! grep -q '^Note:' out || fail "import has something to note: $(cat out)"
(cd jobs && "$FLASHLINE" job import ../build --output=here.yaml --json >../out) || fail "import --json: $(cat out)"
jq -e '.event == "imported" or .type == "imported" or .kind == "imported"' out >/dev/null || fail "import --json: $(cat out)"
"$FLASHLINE" job check jobs/here.yaml >out || fail "check: $(cat out)"
"$FLASHLINE" job release jobs/line3/lamp.yaml >out || fail "release: $(cat out)"
[ "$(grep -c '^      sha256: ' jobs/line3/lamp.yaml)" = 3 ] || fail "released: $(cat jobs/line3/lamp.yaml)"
rm -rf dump
"$FLASHLINE" run --job jobs/line3/lamp.yaml --sim 2 --once --headless --sim-time virtual --sim-dump dump >out 2>err </dev/null || fail "run: $?: $(tail -n 3 out err)"
whole_build dump/slot-1.bin
whole_build dump/slot-2.bin
expect 4 '*lamp.yaml: is there already*' "$FLASHLINE" job import build -o jobs/line3/lamp.yaml
expect 4 '*lamp.yaml:*released with its own firmware*' "$FLASHLINE" job check jobs/line3/lamp.yaml --firmware build

# 'run' and 'job check' take the folder where they take a file.
rm -rf dump
"$FLASHLINE" run --job esp32 --firmware build --sim 1 --once --headless --sim-time virtual --sim-dump dump >out 2>err </dev/null ||
    fail "run --firmware build: $(tail -n 3 out err)"
whole_build dump/slot-1.bin

# As an editor of Windows leaves it.
make_build windows windows
"$FLASHLINE" flash windows --sim --sim-time virtual --yes >out 2>err </dev/null || fail "with a mark and CRLF: $(cat out err)"

# What a job has no word for is told by name, once, by both doors; what it has a word for is carried.
make_build set settings
"$FLASHLINE" job import set -o set.yaml >out 2>err || fail "settings: $(cat out err)"
for want in 'flash_mode qio' 'flash_freq 80m' 'flash_size detect' 'after: no_reset' '--erase-all'; do
    [ "$(grep -c -- "^Note: $want .*is not carried over" out)" = 1 ] || fail "settings: '$want' is not told: $(cat out)"
done
grep -q '^reset: none' set.yaml && grep -q '^stub: no' set.yaml || fail "settings: $(cat set.yaml)"
make_build kept/build outside
"$FLASHLINE" flash kept/build --sim --sim-time virtual --yes >out 2>err </dev/null || fail "outside: $(cat out err)"
grep -q '^Note: ../extra.bin lies outside' out || fail "outside: $(cat out)"

refused() { # refused WHAT PATTERN: through all doors
    make_build "bad-$1" "$1"
    expect 4 "$2" "$FLASHLINE" flash "bad-$1" --sim --yes
    expect 4 "$2" "$FLASHLINE" job import "bad-$1" -o bad.yaml
    expect 4 "$2" "$FLASHLINE" job check esp32 --firmware "bad-$1"
    [ ! -e bad.yaml ] || fail "bad-$1: a job was written"
}
refused esp8266 '*bad-esp8266*is a build for esp8266*'
refused encrypted "*bad-encrypted*is an encrypted build*'app' (hello world.bin)*"
refused secure-boot '*bad-secure-boot*is a build with secure boot (SECURE_BOOT in config/sdkconfig.json)*'
refused lost '*bad-lost/lost.bin*cannot be read*'
refused offset "*bad-offset*'0x200010' is no offset in whole 4 KiB sectors*"
refused large '*bad-large*is a build for 32 MB of flash or more*'
mkdir -p project/build && cp -r build/. project/build
expect 4 "*project: is a folder without flasher_args.json*name the folder 'build' in it*" "$FLASHLINE" flash project --sim --yes
expect 4 '*is no folder of an ESP-IDF build*' "$FLASHLINE" job import build/bootloader/bootloader.bin -o bad.yaml
expect 2 '*import DIR -o FILE*' "$FLASHLINE" job import build
expect 4 '*nowhere/x.yaml*' "$FLASHLINE" job import build -o nowhere/x.yaml
finish
