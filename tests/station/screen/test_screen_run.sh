#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# The real programme with virtual boards: the tray comes up and gives the terminal back; a killed terminal loses no record.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"

db=$screen_dir/keep/records.db
made() { # made KILOBYTES: firmware that takes about a second for 40 of them
    python3 "$SOURCE_DIR/tests/support/firmware_make.py" "$screen_dir/keep/$1.tar.gz" sound "$1" >/dev/null || exit 1
    archive=$screen_dir/keep/$1.tar.gz
}
export XDG_STATE_HOME=$screen_dir/keep XDG_CACHE_HOME=$screen_dir/keep XDG_CONFIG_HOME=$screen_dir/keep
unset FLASHLINE_CONFIG

run() { # run NAME=VALUE... -- OPTION...: 4 boards in a pane that outlives the programme
    local settings=()
    while [ "$1" != -- ]; do
        settings+=("'$1'")
        shift
    done
    shift
    screen_end
    screen_tmux new-session -d -x 120 -y 40 "env TERM=tmux-256color LC_ALL=C.UTF-8 TZ=UTC ${settings[*]} '$FLASHLINE' run \
        --job '$SOURCE_DIR/profiles/jobs/wipy.yaml' --firmware '$archive' --stub no --db '$db' --sim 4 $* \
        2>'$screen_dir/stderr'; echo \$? >'$screen_dir/exit'; exec cat"
}

ended_with() {
    screen_until screen_has_ended || { screen_fail "$1: did not end"; screen_capture; return; }
    [ "$(cat "$screen_dir/exit")" = "$2" ] || { screen_fail "$1: ended with $(cat "$screen_dir/exit")"; cat "$screen_dir/stderr"; }
}
count() { "$FLASHLINE" attempts --training --db "$db" --json </dev/null | grep -c "\"$1\""; }

made 300
# To its end, hurried by Ctrl-C: running boards are finished, and the table stands on the terminal as it was before.
run --
screen_wait "busy 4"
screen_keys 4
screen_wait "Log: everything"
screen_keys q
screen_wait "Slot 1"
screen_keys C-c
screen_wait STOPPING
SCREEN_PATIENCE=900 screen_until screen_has_ended || screen_fail "Ctrl-C: did not end"
screen_wait "4 boards: 4 PASS"
[ "$(screen_tmux display -p '#{alternate_on}#{cursor_flag}')" = 01 ] || screen_fail "the screen is not as it was"
[ "$(count PASS)" = 4 ] || screen_fail "not four records of PASS"

# The terminal is killed in mid-write: the running boards are finished and recorded.
rm -f "$db"*
run --
screen_wait "busy 4"
screen_wait write
pid=$(screen_tmux list-panes -F '#{pane_pid}' | xargs -I{} pgrep -P {} -x flashline)
kill -KILL "$(screen_tmux display -p '#{pid}')"
# Another station that wants the same records is told what it waits for.
is_finishing() {
    "$FLASHLINE" run --job "$SOURCE_DIR/profiles/jobs/wipy.yaml" --firmware "$archive" --db "$db" --sim 1 --headless >/dev/null \
        2>"$screen_dir/keep/met" </dev/null
    grep -q "another station uses this database.*finishing [1-4] board" "$screen_dir/keep/met"
}
screen_until is_finishing || screen_fail "who meets its lock is not told: $(cat "$screen_dir/keep/met")"
is_gone() { ! kill -0 "$pid" 2>/dev/null; }
SCREEN_PATIENCE=900 screen_until is_gone || screen_fail "went on after its terminal"
[ "$(count PASS)" = 4 ] || { screen_fail "killed terminal: not four PASS"; "$FLASHLINE" attempts --training --db "$db" </dev/null; }
[ "$(count OPEN)" = 0 ] && [ "$(count INTERRUPTED)" = 0 ] || screen_fail "killed terminal: attempts were left open"

# What the records kept of the wire stands beside a failure, while the run goes on.
made 600 # the others are still at work when the silent one is given up
rm -f "$db"*
run -- --sim-personality 1=silent
screen_wait "201 board does not answer"
screen_keys Home
screen_wait "Esc Follow"
screen_keys 2
screen_wait "not a byte came from the board"
screen_wait "sent         55 55"
screen_keys C-c
SCREEN_PATIENCE=900 screen_until screen_has_ended || screen_fail "evidence: did not end"

made 24
# No screen to be had: said in one line, then plain lines.
for term in "" dumb no-such-terminal; do
    run "TERM=$term" -- --sim-time virtual
    ended_with "TERM=$term" 0
    grep -q "no screen: TERM.*going on with plain lines" "$screen_dir/stderr" ||
        { screen_fail "TERM=$term: no clear message"; cat "$screen_dir/stderr"; }
done
screen_done
