#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# A catalogue of no language, all letters two columns wide and some with a mark of none: every text of the screen comes
# from the catalogue, and every tile, bar, column and dialog stands where it stands in English.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"
command -v msgen >/dev/null || { echo "skipped: gettext is not installed (script/bootstrap test brings it)"; exit 77; }

# The programme finds its catalogues beside itself.
cp "$screen_fixture" "$screen_dir/keep/" || exit 1
screen_fixture=$screen_dir/keep/screen_fixture
mkdir -p "$screen_dir/keep/locale/xx/LC_MESSAGES"
python3 "$SOURCE_DIR/tests/station/screen/wide_catalogue.py" "$SOURCE_DIR/po/flashline.pot" >"$screen_dir/keep/wide.po" || exit 1
msgfmt --check-format -o "$screen_dir/keep/locale/xx/LC_MESSAGES/flashline.mo" "$screen_dir/keep/wide.po" || exit 1

mac=24:0a:c4:00:10:00
# What is no text of the catalogue's: names, units, the fixture's own words, keys.
names='DEFL|DATA|bin|x10000|[0-9a-f]{2}|G23|P2|GPIO0|wipy|lopy4|dev|r7|a1b2c3d4|L|line|op|ESP32|D0WDQ6|MB|MHz|MAC|SN|id|id[0-9a-f]*|PRODUCTION|REWORK|released|not|of|Esc|v1'
look() { # look NAME: as it stands now
    screen_golden "wide-$1-$size"
    screen_capture | python3 -c '
import re, sys
for line in sys.stdin:
    if "\ufffd" in line:
        print("a torn letter:", line, end="")
    for word in re.findall(r"[A-Za-z][A-Za-z0-9]+", re.sub(r"([0-9a-f]{2}:)+[0-9a-f]{2}", "", line)):
        if not re.fullmatch(sys.argv[1], word):
            print("not of the catalogue:", word, "in", line, end="")
' "$names" >"$screen_dir/keep/found"
    [ ! -s "$screen_dir/keep/found" ] || screen_fail "wide-$1-$size: $(cat "$screen_dir/keep/found")"
}

views() { # views COLUMNS ROWS
    size=$1x$2
    {
        screen_station 8
        cat <<END
lot 検査ロット検査ロット検査ロット検 12 200
review
work
slot 1 busy stage=write pct=47 left=12 mac=$mac
slot 2 pass mac=$mac boards=1 passed=1
slot 3 fail code=201 stage=connect boards=1 failed=1
slot 4 pass retries=1 mac=$mac boards=1 passed=1
slot 5 act act=remove
slot 6 error code=901 stage=record mac=$mac boards=1 failed=1
slot 7 act act=jumper
slot 8 saving stage=record mac=$mac
start
END
    } | screen_begin "$1" "$2" LANGUAGE=xx
    screen_wait wipy-1.18.1
    look tray
    screen_keys 2
    screen_wait "40 MHz"
    look detail
    screen_keys 3
    screen_wait 412
    look lot
    screen_keys 5
    screen_wait SN-000107
    look units
    screen_keys '?'
    screen_wait "ｑ, Ｆ10"
    look help
    screen_keys Escape Escape Escape w
    screen_wait "Ａ"
    look work
    screen_keys Escape q
    screen_wait "2 " # boards are being flashed
    look quit
    screen_keys n b
    # A name longer than its field: the end of it is shown, and no letter is torn.
    screen_text 検査検査検査検査検査検査検査検査検査検査検査検査検査検査検査検査検査検
    screen_wait 査検_
    look field
    screen_keys Escape
    screen_finish
}

# Tiles that ask for a scan, that wait, and that have a sentence of the engine to tell, in whatever size.
sentences() { # sentences COLUMNS ROWS SLOTS
    size=$1x$2-$3
    {
        screen_station "$3"
        cat <<END
work
slot 1 act act=leave stage=gate mac=$mac serial=asks
slot 2 act act=leave stage=gate mac=$mac serial=again sn=SN-2026-0001
slot 3 act act=leave stage=gate mac=$mac serial=waits
slot 4 error code=104 stage=write mac=$mac boards=1 failed=1 detail=DEFL~DATA:_No_such_device,_while_writing_wipy.bin_at_0x10000
slot 5 fail code=601 stage=verify mac=$mac boards=1 failed=1 serial=none sn=SN-2026-0006
slot 6 act act=unlock code=906
start
END
    } | screen_begin "$1" "$2" LANGUAGE=xx
    screen_wait wipy-1.18.1
    look serials
    screen_keys Home Right Right Right 2
    screen_wait DEFL_DATA
    look sentence
    screen_finish
}
views 80 24
views 120 40
sentences 80 24 16
sentences 80 24 8
sentences 120 40 16
screen_done
