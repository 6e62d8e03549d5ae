#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# The role lock on the real programme's screen: without the engineer's PIN nobody starts another job, extends a lot,
# switches a slot or releases a stop, whichever way it is tried; with it each is done. The records say what happened.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"
. "$SOURCE_DIR/tests/station/screen/station.inc.sh"

station_make
# One board fails: the station is stopped, durably, before the screen comes up.
station_boards 1
"$FLASHLINE" run --job first --lot L-1 --once --headless --slots 1 >"$screen_dir/out" 2>&1 </dev/null
[ $? = 3 ] && [ "$(station_sql 'SELECT count(*) FROM stop')" = 1 ] || { screen_fail "no stop: $(cat "$screen_dir/out")"; screen_done; }
station_take_off
cp -r "$XDG_STATE_HOME" "$station_dir/before"

audited() { station_sql "SELECT count(*) FROM audit WHERE action = '$1'"; }
# What the lock guards, as the records have it.
guarded() {
    station_sql "SELECT action, object, old, new, reason FROM audit WHERE action NOT IN ('login', 'logout');
        SELECT code, planned FROM lot; SELECT count(*) FROM stop_release; SELECT count(*), max(job_id) FROM attempt"
}
still() { [ "$(guarded)" = "$(cat "$station_dir/guarded")" ] || { screen_fail "$way: $what"; guarded | diff "$station_dir/guarded" -; }; }
wrong_pins() { station_sql "SELECT count(*) FROM event WHERE kind = 'PIN'"; }
is_wrong() { [ "$(wrong_pins)" = "$1" ]; }

# Each way to ask for it, up to the PIN.
ask() {
    case $what in
    job) station_menu "Job: choose" && station_choose second ;;
    draft) station_menu "Job: choose" && station_choose draft Up ;;
    extend)
        station_menu "Lot: extend"
        screen_wait "By how many"
        screen_text 3
        screen_keys Enter
        ;;
    slot) station_menu "Selected slot: on or off" ;;
    unlock) station_menu "Unlock a stop" ;;
    space) screen_keys Space ;; # on the locked tile
    esac
    screen_wait "Engineer's PIN"
    screen_wait "the engineer"
}

refused() { # the answer to a PIN that is none
    screen_wait "That is not an engineer's PIN."
    screen_until is_wrong "$1" || screen_fail "$way: $what: $(wrong_pins) wrong PINs in the records, not $1"
    screen_wait Refused
    screen_keys Enter
    screen_wait_gone Refused
}

try_all_ways() {
    guarded >"$station_dir/guarded"
    way=escape
    ask
    screen_keys Escape
    screen_wait_gone "Engineer's PIN"
    still
    way=empty # it is asked for again
    ask
    screen_keys Enter
    screen_wait "Engineer's PIN"
    screen_keys Escape
    screen_wait_gone "Engineer's PIN"
    still
    way="wrong PIN"
    ask
    screen_text 2469
    screen_wait "****"
    screen_hides 2469 || screen_fail "the PIN can be read off the screen"
    screen_keys Enter
    refused 1
    still
    way=scanner # the engineer's own badge is no PIN
    ask
    station_scan B-EN
    refused 2
    still
    way="wrong PIN, long"
    ask
    screen_text "246810 246810"
    screen_keys Enter
    refused 3
    still
    way="scan without a field"
    station_scan 246810
    screen_keys 1
    still
    way="engineer's badge"
    station_log_in B-EN en1
    screen_wait "en1 (engineer)"
    ask
    screen_keys Escape
    screen_wait_gone "Engineer's PIN"
    still
    station_log_in B-OP 1001
}

begin() { # a fresh copy of the records, the screen, the operator
    what=$1
    station_take_off
    rm -rf "$XDG_STATE_HOME"
    cp -r "$station_dir/before" "$XDG_STATE_HOME"
    station_boards 2
    station_run --job first --lot L-1
    screen_wait LOCKED
    screen_shows "not passed 0" || screen_fail "who is kept from starting counts as a failed board"
    station_log_in B-OP 1001
}

with_pin() {
    ask
    screen_text 246810
    screen_keys Enter
}
reason() {
    screen_wait "Say why"
    screen_keys Enter # without one it is asked for again
    screen_wait "Say why"
    still
    screen_text "$1"
    screen_keys Enter
}
# as_audited ACTION OBJECT OLD NEW REASON: the one row that the PIN allowed
is_audited() { [ "$(station_sql "SELECT actor, role, object, coalesce(old, ''), coalesce(new, ''), coalesce(reason, '') FROM audit
    WHERE action = '$1' ORDER BY id DESC LIMIT 1")" = "en1|engineer|$2" ]; }
audit_says() { screen_until is_audited "$@" || { screen_fail "$what: audited: $(station_sql 'SELECT * FROM audit ORDER BY id DESC LIMIT 1')"; screen_capture; }; }
leave() {
    screen_quit
    station_ended "$1"
    [ "$(audited login)" -ge 1 ] || screen_fail "$what: logins are not audited"
    "$FLASHLINE" db verify >"$screen_dir/out" 2>&1 </dev/null || screen_fail "$what: $(cat "$screen_dir/out")"
}
hash_of() { station_sql "SELECT new FROM audit WHERE action = 'job.release' AND object = '$1'"; }

begin job
try_all_ways
# Edited after its release: refused with the file's name, PIN or no PIN.
way=edited
station_menu "Job: choose"
station_choose edited Up
screen_wait "edited.yaml"
screen_keys Enter
still
with_pin
screen_wait "job second"
[ "$(audited job.change)" = 1 ] || screen_fail "job: audited $(audited job.change) times"
[ "$(station_sql "SELECT actor, role, object, old FROM audit WHERE action = 'job.change'")" = "en1|engineer|second|first" ] ||
    screen_fail "job: $(station_sql "SELECT * FROM audit WHERE action = 'job.change'")"
screen_wait "1001 (operator)"
screen_wait LOCKED # the stop holds over a change of job
what=unlock
guarded >"$station_dir/guarded"
with_pin
reason "another firmware"
screen_wait "313"
[ "$(station_sql "SELECT DISTINCT j.name FROM attempt a JOIN job j ON j.id = a.job_id WHERE a.id > 1")" = second ] ||
    screen_fail "job: the next boards are not recorded under it"
what=job
leave 3

begin draft
try_all_ways
with_pin
screen_wait "job draft"
[ "$(audited job.unreleased)" = 1 ] || screen_fail "draft: not audited once"
leave 5

begin extend
try_all_ways
with_pin
reason "customer wants more"
audit_says lot.extend "L-1 3|5|8|customer wants more"
screen_wait "0/8"
[ "$(station_sql "SELECT planned FROM lot WHERE code = 'L-1'")" = 8 ] || screen_fail "extend: the plan is not 8"
leave 5

begin slot
screen_keys Home # the selection stays on slot 1
screen_wait "Esc Follow"
try_all_ways
with_pin
screen_wait "Slot 1 – OFF"
audit_says slot.change "slot 1|on|off|"
with_pin
screen_wait_gone "Slot 1 – OFF"
audit_says slot.change "slot 1|off|on|"
leave 5

begin unlock
try_all_ways
with_pin
reason "cable changed"
audit_says stop.unlock "||1 released|cable changed"
screen_wait "313"
leave 3

begin space
try_all_ways
with_pin
reason "cable changed again"
screen_wait "313"
[ "$(station_sql "SELECT actor, reason FROM stop_release")" = "en1|cable changed again" ] ||
    screen_fail "space: released: $(station_sql "SELECT actor, reason FROM stop_release")"
# In the log: what was to do, once a slot; not again when it was released.
screen_keys 4
screen_wait "Log: everything"
screen_keys f f f f
screen_wait "Log: to do, 2 lines"
# No unit was identified: Enter opens no story that is not there.
screen_keys 5
screen_wait "None found."
screen_keys Enter
screen_wait "/ Search"
screen_keys q
leave 3

# Five wrong PINs within a minute: for a minute not even the right one is taken.
begin extend
for n in 1 2 3 4 5; do
    ask
    screen_text 000$n
    screen_keys Enter
    refused $n
done
guarded >"$station_dir/guarded"
way="too many"
with_pin
screen_wait "Too many wrong PINs"
screen_keys Enter
still
leave 5
screen_done
