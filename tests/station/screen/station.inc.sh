# SPDX-License-Identifier: Apache-2.0
# station - the real programme on its screen, with a station of its own: jobs, people, a lot, boards on pseudo terminals.
#
#   station_make            two released jobs (first, second), a draft, engineer en1 (PIN 246810, badge B-EN), operator
#                           1001 (badge B-OP), lot L-1 of 5; slots 1 and 2 on board1 and board2
#   station_boards SEED     other boards come onto the slots; station_take_off takes them away
#   station_run OPTION...   the run, in a pane of 100x30 that outlives it; station_ended CODE waits for its end
#   station_log_in BADGE NAME
#   station_menu ENTRY      w, and down to the entry that has this text, and Enter
#   station_sql QUERY       asks the records, read-only
#   station_scan CODE       typed as a scanner does
# After lib.inc.sh. Virtual boards never count as production: each attempt ends as ERROR 313, before anything is erased.

station_dir=$screen_dir/keep
export XDG_STATE_HOME=$station_dir/state XDG_CACHE_HOME=$station_dir/cache XDG_CONFIG_HOME=$station_dir/config
export FLASHLINE_STATE_DIR=$station_dir/none
export HOME=$station_dir LC_ALL=C.UTF-8 TZ=UTC
unset FLASHLINE_CONFIG FLASHLINE_STUB_DIR FLASHLINE_PIN FLASHLINE_NEW_PIN
station_db=$XDG_STATE_HOME/flashline/flashline.db
station_server=
station_settings= # of the environment of station_run
trap 'station_take_off; screen_tmux kill-server 2>/dev/null; rm -rf "$screen_dir"' EXIT

station_make() {
    local job profiles=$XDG_CONFIG_HOME/flashline/profiles
    mkdir -p "$profiles"
    python3 "$SOURCE_DIR/tests/support/firmware_make.py" "$station_dir/good.tar.gz" sound 400 >/dev/null || exit 1
    python3 "$SOURCE_DIR/tests/support/firmware_make.py" "$station_dir/other.tar.gz" sound 80 >/dev/null || exit 1
    for job in first second draft edited; do
        printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' "  archive: $station_dir/good.tar.gz" 'reset: none' \
            >"$profiles/$job.yaml"
    done
    sed -i 's/good/other/' "$profiles/second.yaml"
    {
        for job in first second edited; do "$FLASHLINE" job release $job || exit 1; done
        # Edited after its release: its hash is no longer the pinned one.
        sed -i 's/^  sha256: ..../  sha256: 0000/' "$profiles/edited.yaml"
        "$FLASHLINE" lots open L-1 --planned 5 || exit 1
        "$FLASHLINE" operator add 1001 --badge B-OP || exit 1
        FLASHLINE_NEW_PIN=246810 "$FLASHLINE" operator add en1 --role engineer --badge B-EN || exit 1
    } >"$screen_dir/stderr" 2>&1 </dev/null || { cat "$screen_dir/stderr"; exit 1; }
    printf '%s\n' 'station: line-9' 'slots:' '  - number: 1' "    port: tty:$station_dir/board1" '  - number: 2' \
        "    port: tty:$station_dir/board2" 'policy:' '  stop_slot_failures: 0' "  stop_station_failures: ${1:-1}" \
        >"$XDG_CONFIG_HOME/flashline/station.yaml"
}

station_take_off() {
    [ -n "$station_server" ] || return 0
    kill "$station_server" 2>/dev/null
    wait "$station_server" 2>/dev/null
    station_server=
}

station_boards() {
    station_take_off
    "$FLASHLINE-sim" --pty --boards 2 --seed "$1" --link "$station_dir/board" >"$station_dir/serve" 2>&1 &
    station_server=$!
    screen_until test -e "$station_dir/board2" || screen_fail "no boards: $(cat "$station_dir/serve")"
}

station_run() {
    screen_end
    screen_tmux new-session -d -x 100 -y 30 "env -u TMUX TERM=tmux-256color $station_settings '$FLASHLINE' run $* 2>'$screen_dir/stderr'
        echo \$? >'$screen_dir/exit'; exec cat"
    screen_wait "line-9"
}

station_ended() {
    screen_until screen_has_ended || { screen_fail "did not end"; screen_capture; return; }
    [ "$(cat "$screen_dir/exit")" = "$1" ] || screen_fail "ended with $(cat "$screen_dir/exit"): $(cat "$screen_dir/stderr")"
}

station_sql() { sqlite3 -readonly "$station_db" "$1"; }
station_scan() { printf '%s\n' "$1" | "$(dirname "$FLASHLINE")/screen_typist" 2000 0 | screen_tmux -C attach >/dev/null; }

station_log_in() {
    screen_keys b
    screen_wait "Scan your badge"
    screen_text "$1"
    screen_keys Enter
    screen_wait "operator $2 ("
}

# The chosen entry of a menu, told by its ground.
station_row() { screen_tmux capture-pane -p -e -N | sed -n 's/.*48;5;250m[* ] \([^\x1b]*\).*/\1/p' | head -n 1; }
station_row_is_not() { [ "$(station_row)" != "$1" ]; }

station_choose() { # station_choose TEXT [KEY]: with KEY (Down) to the entry that begins so, each step seen, and Enter
    local row tries=0
    screen_wait "$1"
    while row=$(station_row) && [ "${row#"$1"}" = "$row" ]; do
        tries=$((tries + 1))
        screen_keys "${2:-Down}"
        [ $tries -lt 40 ] && screen_until station_row_is_not "$row" || { screen_fail "cannot be chosen: $1"; screen_capture; return; }
    done
    screen_keys Enter
}

station_menu() {
    screen_keys w
    screen_wait "Badge: log in"
    station_choose "$1"
}
