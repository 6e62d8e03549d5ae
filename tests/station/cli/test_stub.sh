#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Helper programs of all chips: which are there, where each belongs, and that none is put to another chip's use.
# shellcheck source=tests/support/lib.inc.sh
. "${SOURCE_DIR:-$(cd "$(dirname "$0")/../../.." && pwd)}/tests/support/lib.inc.sh"

made='{"text": "AAAAAAAA", "text_start": 1077379072, "entry": 1077379072}'
names='esp32 esp32s2 esp32s3 esp32c2 esp32c3 esp32c5 esp32c6 esp32c61 esp32h2 esp32p4-rev1 esp32p4'

"$FLASHLINE" stub >out || fail "stub: $?"
[ "$(cut -d: -f1 out | tr '\n' ' ')" = "$names " ] || fail "stub lists: $(cat out)"
grep -vq ': no stub at ' out && fail "stub, none there: $(cat out)"
[ "$("$FLASHLINE" stub where)" = "$XDG_CACHE_HOME/flashline/stubs/esp32.json" ] || fail "where"
[ "$("$FLASHLINE" stub where esp32p4-rev1)" = "$XDG_CACHE_HOME/flashline/stubs/esp32p4-rev1.json" ] || fail "where NAME"
expect 2 "*'esp8266' is no helper program's name*" "$FLASHLINE" stub where esp8266

# What is not known by its digest is known by its name, or not taken.
echo "$made" >esp32c3.json
echo "$made" >mine.json
"$FLASHLINE" stub install esp32c3.json >out || fail "install: $?"
grep -q "^esp32c3: stub unknown installed at $XDG_CACHE_HOME/flashline/stubs/esp32c3.json" out || fail "install: $(cat out)"
expect 4 "*mine.json: is a helper program that is not known here*esp32c3.json*" "$FLASHLINE" stub install mine.json
"$FLASHLINE" stub --json >out || fail "stub --json: $?"
jq -se 'map(select(.found)) | length == 1 and .[0].chip == "esp32c3" and .[0].version == "unknown"' out >/dev/null || fail "stub --json: $(cat out)"
echo '{"text": 1}' >"$XDG_CACHE_HOME/flashline/stubs/esp32h2.json"
"$FLASHLINE" stub >out 2>err && fail "a bad one is no fault"
grep -q 'esp32h2.json' err || fail "a bad one: $(cat err)"
[ "$(wc -l <out)" = 10 ] || fail "the others: $(cat out)"
rm "$XDG_CACHE_HOME/flashline/stubs/esp32h2.json"

# Of a folder or an archive only what is known is taken; where nothing is, one line says so.
mkdir -p tool/targets/stub_flasher/2 package
cp esp32c3.json tool/targets/stub_flasher/2/esp32h2.json
echo '{}' >tool/other.json
expect 4 "*tool: has no helper program that is known here (of its JSON files 2 were looked at, 1 of them other*" "$FLASHLINE" stub install tool
cp tool/other.json package/
tar -czf package.tgz package
expect 4 "*package.tgz: has no helper program that is known here (of its JSON files 1 *" "$FLASHLINE" stub install package.tgz
head -c 100 package.tgz >cut.tgz
expect 4 "*cut.tgz: is cut off*" "$FLASHLINE" stub install cut.tgz
expect 4 "*nowhere.tgz: *" "$FLASHLINE" stub install nowhere.tgz
[ ! -e "$XDG_CACHE_HOME/flashline/stubs/esp32h2.json" ] || fail "one that is not known was taken out of a folder"

# For all accounts where there is such a folder that may be written to; an account's own goes before it, and that is said.
mkdir -p "$FLASHLINE_STATE_DIR/stubs"
"$FLASHLINE" stub install esp32c3.json >out 2>err || fail "for all: $(cat err)"
grep -q "^esp32c3: stub unknown installed at $FLASHLINE_STATE_DIR/stubs/esp32c3.json" out && grep -q '^for all accounts' out || fail "for all: $(cat out)"
grep -q "this account's own file goes before it: $XDG_CACHE_HOME/flashline/stubs/esp32c3.json" err || fail "a hidden one: $(cat err)"
[ "$("$FLASHLINE" stub where esp32c3)" = "$XDG_CACHE_HOME/flashline/stubs/esp32c3.json" ] || fail "its own is not first"
rm "$XDG_CACHE_HOME/flashline/stubs/esp32c3.json"
[ "$("$FLASHLINE" stub where esp32c3)" = "$FLASHLINE_STATE_DIR/stubs/esp32c3.json" ] || fail "the station's is not found"
"$FLASHLINE" doctor --json >out || true
jq -se 'map(select(.check == "stub")) | length == 1 and .[0].well and (.[0].words | test("none for esp32, "))' out >/dev/null || fail "doctor: $(cat out)"
rm -r "$FLASHLINE_STATE_DIR"
"$FLASHLINE" doctor --json >out || true
jq -se 'map(select(.check == "stub")) | length == 1 and (.[0].well | not) and (.[0].remedy | test("stub install"))' out >/dev/null || fail "doctor without one: $(cat out)"

# Those that are known say whose they are: real ones, where script/bootstrap has fetched them.
real=${REAL_STUBS:-$(getent passwd "$(id -u)" | cut -d: -f6)/.cache/flashline/stubs}
if [ -s "$real/esp32c6.json" ] && [ -s "$real/esp32c3.json" ]; then
    cp "$real/esp32c6.json" any.json
    "$FLASHLINE" stub install any.json >out || fail "install by digest: $?"
    grep -q '^esp32c6: stub v2 ' out || fail "install by digest: $(cat out)"
    cp any.json "$XDG_CACHE_HOME/flashline/stubs/esp32.json"
    python3 "$SOURCE_DIR/tests/support/build_make.py" build >/dev/null
    expect 4 "*esp32.json is the helper program for esp32c6, not for esp32" "$FLASHLINE" run --job build --sim 1
    expect 4 "*any.json is the helper program for esp32c6, the job is for esp32" "$FLASHLINE" run --job build --sim 1 --stub any.json

    # As they come: the folder of a tool, an npm tarball, a wheel; the better of two versions, nothing that is not known.
    cp "$real/esp32c3.json" tool/targets/stub_flasher/2/esp32c3.json
    cp "$real/esp32c6.json" package/any.json
    cp tool/targets/stub_flasher/2/esp32h2.json package/esp32h2.json
    tar -czf package.tgz package
    python3 -c 'import sys, zipfile; z = zipfile.ZipFile("wheel.whl", "w"); z.write("package/any.json", "esptool/targets/stub_flasher/2/esp32c6.json"); z.close()'
    for from in tool package.tgz wheel.whl; do
        rm -rf "$XDG_CACHE_HOME/flashline/stubs"
        "$FLASHLINE" stub install "$from" >out 2>err || fail "install $from: $(cat out err)"
        chip=esp32c6
        [ "$from" != tool ] || chip=esp32c3
        [ "$(ls "$XDG_CACHE_HOME/flashline/stubs")" = "$chip.json" ] || fail "install $from: $(ls "$XDG_CACHE_HOME/flashline/stubs")"
        cmp -s "$real/$chip.json" "$XDG_CACHE_HOME/flashline/stubs/$chip.json" || fail "install $from changed the file"
        grep -q '^for this account alone' out || fail "install $from says: $(cat out)"
    done
    if [ -s "$real/esp32-v1.json" ] && [ -s "$real/esp32.json" ]; then
        mkdir -p tool/targets/stub_flasher/1
        cp "$real/esp32-v1.json" tool/targets/stub_flasher/1/esp32.json
        "$FLASHLINE" stub install tool >out 2>err || fail "the old one alone: $(cat err)"
        grep -q '^esp32: stub v1 ' out || fail "the old one alone: $(cat out)"
        cp "$real/esp32.json" tool/targets/stub_flasher/2/esp32.json
        "$FLASHLINE" stub install tool >out 2>err || fail "two versions: $(cat err)"
        grep -q '^esp32: stub v2 ' out || fail "of two versions: $(cat out)"
    fi
else
    skip_row "no helper programs in $real: known ones are not tried"
fi
finish
