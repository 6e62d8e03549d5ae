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
else
    skip_row "no helper programs in $real: known ones are not tried"
fi
finish
