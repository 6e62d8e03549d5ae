#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# Another job from the screen of the real programme, and from outside of it: boards finish first and are taken off, the next ones get the new
# job's firmware, and the records say which had which.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"
. "$SOURCE_DIR/tests/station/screen/station.inc.sh"

station_make 0
echo 'verify: md5' >>"$XDG_CONFIG_HOME/flashline/profiles/second.yaml" # there is something to say of it
"$FLASHLINE" operator --db "$station_dir/t.db" add 1001 --badge B-OP >/dev/null 2>"$screen_dir/stderr" </dev/null ||
    screen_fail "operator: $(cat "$screen_dir/stderr")"
station_db=$station_dir/t.db

recorded() { # job, firmware, result and how many: of all attempts
    station_sql "SELECT j.name, f.source, a.result, o.name, count(*) FROM attempt a JOIN job j ON j.id = a.job_id
        JOIN firmware f ON f.id = a.firmware_id LEFT JOIN operator o ON o.id = a.operator_id GROUP BY 1, 2, 3, 4 ORDER BY 1"
}
is_recorded() { [ "$(recorded)" = "$1" ]; }
are_recorded() { screen_until is_recorded "$1" || { screen_fail "recorded: $(recorded)"; screen_capture; }; }
take_off() { # and both slots have seen it
    station_take_off
    screen_keys Home
    screen_wait "Slot 1 · EMPTY"
    screen_keys Right
    screen_wait "Slot 2 · EMPTY"
}
outside() { "$FLASHLINE" duty --db "$station_db" "$@" >"$screen_dir/out" 2>"$screen_dir/err" </dev/null; }
refused_outside() { # in the same words as on the screen
    ! outside --job second && grep -qF "$1" "$screen_dir/err" || screen_fail "from outside: $(cat "$screen_dir/out" "$screen_dir/err")"
}
first_two="first|good.tar.gz|PASS|1001|2"

station_settings=FLASHLINE_PIN=246810 # practice on real ports is the engineer's to start
station_run --job first --training --db "$station_db"
screen_wait "job first"
screen_wait TRAINING
station_log_in B-OP 1001
station_boards 1
screen_wait "busy 2"
screen_wait write

# Under way: not now, and nothing is changed.
station_menu "Job: choose"
screen_wait "not released"
station_choose second
screen_wait "Wait until they are done."
refused_outside "Boards are being flashed. Wait until they are done."
screen_keys Enter
screen_wait_gone Refused

# Done, and still there: they would be flashed again.
SCREEN_PATIENCE=900 screen_wait "PASS 2"
are_recorded "$first_two"
station_menu "Job: choose"
station_choose second
screen_wait "Take the finished boards off first: one stands on slot 1."
refused_outside "Take the finished boards off first: one stands on slot 1."
screen_keys Enter
screen_wait_gone Refused
screen_shows "job first" || screen_fail "the job was changed although boards stood there"

take_off
station_menu "Job: choose"
station_choose second
screen_wait "job second"
screen_wait "busy 0" # the numbers are the run's, whatever its job
screen_wait "1001 (operator)" # still logged in
screen_wait "'verify' is no key any more" # what is said of the job, on the screen and in the records
[ "$(station_sql "SELECT count(*) FROM event WHERE kind = 'JOB' AND text LIKE 'job second %is no key any more%'")" = 1 ] ||
    screen_fail "no note of the second job: $(station_sql "SELECT text FROM event")"
are_recorded "$first_two"

station_boards 2
SCREEN_PATIENCE=900 screen_wait "PASS 4"
are_recorded "$first_two
second|other.tar.gz|PASS|1001|2"

# A slot that is off stays off over a change of job.
take_off
screen_keys Home
station_menu "Selected slot: on or off"
screen_wait "Slot 1 – OFF"
station_menu "Job: choose"
station_choose first Up
screen_wait "job first"
screen_keys Home
screen_wait "Slot 1 – OFF"
station_boards 3
SCREEN_PATIENCE=900 screen_wait "PASS 5"
are_recorded "first|good.tar.gz|PASS|1001|3
second|other.tar.gz|PASS|1001|2"
screen_shows "Slot 1 – OFF" || screen_fail "slot 1 is not off any more"

# From outside, without a key: the round ends by itself and the next one begins, under other names.
station_take_off
screen_keys Right
screen_wait "Slot 2 · EMPTY"
outside --job second --lot T-9 --log-out || screen_fail "from outside: $(cat "$screen_dir/err")"
screen_wait "job second"
screen_wait "lot T-9"
screen_wait_gone "1001 (operator)"
screen_wait "chosen from outside: operator -, lot T-9, job second" # a header that changes says not who changed it
outside --lot T-8 || screen_fail "from outside: $(cat "$screen_dir/err")"
screen_keys 4
screen_wait "chosen from outside: operator -, lot T-8, job second"
screen_keys q

screen_quit
station_ended 0
screen_wait "5 boards: 5 PASS"
[ "$(station_sql "SELECT count(*) FROM attempt WHERE slot = 1")" = 2 ] || screen_fail "slot 1 started a board while it was off"
screen_done
