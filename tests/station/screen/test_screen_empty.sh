#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# A run that opens empty where badge and lot are required: no board starts before both were given on the screen, a new lot is
# asked about, and a code that is none is refused. In training, which goes by all rules.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"
. "$SOURCE_DIR/tests/station/screen/station.inc.sh"

station_make 0
printf '%s\n' '  operator_required: yes' '  lot_required: yes' >>"$XDG_CONFIG_HOME/flashline/station.yaml"
"$FLASHLINE" operator --db "$station_dir/t.db" add 1001 --badge B-OP >/dev/null 2>"$screen_dir/stderr" </dev/null ||
    screen_fail "operator: $(cat "$screen_dir/stderr")"
station_db=$station_dir/t.db
station_settings=FLASHLINE_PIN=246810 # practice on real ports is the engineer's to start

FLASHLINE_PIN=246810 "$FLASHLINE" run --job first --training --db "$station_db" --headless >/dev/null 2>"$screen_dir/stderr" </dev/null
[ $? = 2 ] && grep -q -e --lot "$screen_dir/stderr" || screen_fail "without a screen: $(cat "$screen_dir/stderr")"

station_run --job first --training --db "$station_db"
screen_wait "job first"
station_boards 1
screen_wait BLOCKED
[ "$(station_sql 'SELECT count(*) FROM attempt')" = 0 ] || screen_fail "a board was begun without anybody"
station_scan https://example.org/L-9
screen_wait "is a web address"
# One from outside is told on the screen by itself, though nothing else happens.
"$FLASHLINE" serial --db "$station_db" --slot 1 https://example.org/OUTSIDE >/dev/null 2>&1 </dev/null &&
    screen_fail "a web address was taken for a serial number"
screen_wait OUTSIDE
station_log_in B-OP 1001

# A lot that is new is not opened by a slip.
type_lot() {
    station_menu "Lot: choose"
    screen_wait "another: type its number"
    screen_keys End Enter
    screen_wait "Type or scan"
    screen_text "$1"
    screen_keys Enter
    screen_wait "is new. Open it?"
}
type_lot L-SLIP
screen_keys n
screen_wait_gone "Open it?"
type_lot L-9
screen_keys y
screen_wait "lot L-9"
SCREEN_PATIENCE=900 screen_wait "PASS 2"
got=$(station_sql "SELECT l.code, o.name, a.result, count(*) FROM attempt a JOIN lot l ON l.id = a.lot_id
    JOIN operator o ON o.id = a.operator_id GROUP BY 1, 2, 3")
[ "$got" = "L-9|1001|PASS|2" ] || screen_fail "recorded: $got"
[ "$(station_sql "SELECT group_concat(object) FROM audit WHERE action = 'lot.open'")" = "L-9 0" ] ||
    [ "$(station_sql "SELECT group_concat(object) FROM audit WHERE action = 'lot.open'")" = "L-9" ] || screen_fail "opened: not L-9 alone"
screen_quit
screen_until screen_has_ended || screen_fail "did not end"

# Virtual boards, one a slot: the run is not over before anybody could log in.
station_take_off
station_run --job first --sim 2 --db "$station_db"
screen_wait BLOCKED
station_log_in B-OP 1001
station_menu "Lot: choose"
station_choose L-9
SCREEN_PATIENCE=900 screen_wait "2 boards: 2 PASS"
station_ended 0
got=$(station_sql "SELECT count(*), count(o.name), count(l.code) FROM attempt a JOIN lot l ON l.id = a.lot_id
    JOIN operator o ON o.id = a.operator_id WHERE l.code = 'L-9' AND o.name = '1001'")
[ "$got" = "4|4|4" ] || screen_fail "recorded: $got"
screen_done
