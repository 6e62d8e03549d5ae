#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# lib - golden screens: the dashboard in a tmux of its own, frozen in size, terminal, language, clock and seed.
#
#   screen_begin COLUMNS ROWS [NAME=VALUE...] <<END    starts screen_fixture with the script up to its "start"
#   screen_say 'slot 3 pass mac=..'                    another line of the script, while the screen is up
#   screen_keys q Enter                                typed as tmux names keys
#   screen_wait TEXT / screen_wait_gone TEXT           until the screen shows it, or not any more; bounded
#   screen_quit                                        q, and yes
#   screen_golden NAME / screen_golden_colour NAME     compares with golden/NAME.screen; UPDATE=1 writes it
#   screen_called LINE                                 until the fixture was asked for it
#   screen_finish [CODE]                               "done", and the programme must end with CODE (0)
#   screen_end                                         takes everything down
#
# Nothing here sleeps for a fixed time: every wait looks again until it holds or SCREEN_PATIENCE tenths are over. Only a
# failure waits so long, so the limit is generous: a machine may be busy.

: "${FLASHLINE:?the built programme}" "${SOURCE_DIR:?the sources}"
command -v tmux >/dev/null || { echo "skipped: tmux is not installed (script/bootstrap test brings it)"; exit 77; }

SCREEN_PATIENCE=${SCREEN_PATIENCE:-600}
screen_fixture=$(dirname "$FLASHLINE")/screen_fixture
screen_golden_dir=$SOURCE_DIR/tests/station/screen/golden
screen_dir=$(mktemp -d)
# In a file: half of the steps run behind a pipe.
mkdir "$screen_dir/keep"
screen_failures=$screen_dir/keep/failures
export TMUX_TMPDIR=$screen_dir
# No configuration and no records but the test's own.
export HOME=$screen_dir/home XDG_CONFIG_HOME=$screen_dir/home/config XDG_STATE_HOME=$screen_dir/home/state
export FLASHLINE_STATE_DIR=$screen_dir/none
mkdir "$HOME"
unset TMUX NO_COLOR LANGUAGE LINES COLUMNS
trap 'screen_tmux kill-server 2>/dev/null; rm -rf "$screen_dir"' EXIT

screen_tmux() { tmux -L flashline -f /dev/null "$@"; }

screen_fail() {
    echo "FAIL: $*"
    echo "$*" >>"$screen_failures"
}

# Looks again until the command given succeeds. After a first failure nothing is waited for so long: what comes after it in the
# script mostly fails as well, and a test of fifty screens would stand there for an hour.
screen_until() {
    local patience=$SCREEN_PATIENCE
    [ ! -e "$screen_failures" ] || patience=30
    local limit=$((${EPOCHREALTIME/./} + patience * 100000))
    until "$@"; do
        [ "${EPOCHREALTIME/./}" -lt "$limit" ] || return 1
        sleep 0.02
    done
}

screen_begin() {
    [ -x "$screen_fixture" ] || { screen_fail "$screen_fixture is not there: build it"; kill $$; exit 1; } # behind a pipe, too
    local columns=$1 rows=$2 setting=
    shift 2
    for assignment in "$@"; do setting="$setting '$assignment'"; done
    screen_end
    mkfifo "$screen_dir/script"
    : >"$screen_dir/calls"
    screen_tmux new-session -d -x "$columns" -y "$rows" "
        exec 2>'$screen_dir/stderr'
        env -u TMUX TERM=tmux-256color LC_ALL=C.UTF-8 TZ=UTC $setting \
            '$screen_fixture' '$screen_dir/script' '$screen_dir/calls'
        echo \$? >'$screen_dir/exit'" || { screen_fail "tmux cannot start"; return; }
    screen_feed
    screen_until screen_is_up || { screen_fail "the screen did not come up"; cat "$screen_dir/stderr"; }
}

# Something is drawn, or, on one cell, the alternate screen is on.
screen_is_up() {
    [ -e "$screen_dir/exit" ] || screen_capture | grep -q '[^[:space:]]' ||
        [ "$(screen_tmux display -p '#{alternate_on}')" = 1 ]
}
screen_capture() { screen_tmux capture-pane -p 2>/dev/null; }
# A FIFO without a reader would wait for ever: the first lines have a bound, later ones do not wait.
screen_feed() { timeout 30 sh -c 'cat >"$1"' feed "$screen_dir/script" || screen_fail "nobody read the script"; }
screen_say() { printf '%s\n' "$@" 1<>"$screen_dir/script"; }
# At a person's pace: what comes faster is a scanner. After the last one, a key that is no character needs no rest: it acts
# at once. Escape does: what follows it closely is one key with it.
screen_keys() {
    local key left=$#
    for key in "$@"; do
        screen_tmux send-keys "$key"
        left=$((left - 1))
        [ $left = 0 ] && [ ${#key} -gt 1 ] && [ "$key" != Escape ] || sleep 0.08
    done
}
screen_text() { screen_tmux send-keys -l -- "$1"; } # into a field, which takes any pace
screen_shows() { [[ $(screen_capture) == *"$1"* ]]; }
screen_hides() { ! screen_shows "$1"; }

screen_wait() {
    screen_until screen_shows "$1" || { screen_fail "never shown: $1"; screen_capture; }
}

screen_wait_gone() {
    screen_until screen_hides "$1" || { screen_fail "still shown: $1"; screen_capture; }
}

screen_quit() {
    screen_keys q
    screen_wait "Quit?"
    screen_keys y
}

screen_has_call() { grep -qxF -- "$1" "$screen_dir/calls"; }
screen_called() { screen_until screen_has_call "$1" || { screen_fail "never asked for: $1"; cat "$screen_dir/calls"; }; }
screen_not_called() { ! screen_has_call "$1" || screen_fail "asked for: $1"; }
screen_has_ended() { [ -e "$screen_dir/exit" ]; }

screen_matches() { # screen_matches FILE OPTIONS...
    local golden=$1
    shift
    screen_tmux capture-pane -p "$@" >"$screen_dir/seen" 2>/dev/null
    cmp -s "$screen_dir/seen" "$golden"
}

# Two looks alike, three tenths apart.
screen_is_still() {
    screen_tmux capture-pane -p "$@" >"$screen_dir/seen"
    sleep 0.3
    screen_tmux capture-pane -p "$@" | cmp -s - "$screen_dir/seen"
}

screen_compare() { # screen_compare NAME OPTIONS...
    local golden=$screen_golden_dir/$1.screen name=$1
    shift
    if [ -n "${UPDATE:-}" ]; then
        screen_until screen_is_still "$@"
        cp "$screen_dir/seen" "$golden"
        return
    fi
    [ -e "$golden" ] || { screen_fail "$name has no golden screen: UPDATE=1 writes it"; return; }
    screen_until screen_matches "$golden" "$@" && return
    screen_fail "$name differs from its golden screen"
    diff -u "$golden" "$screen_dir/seen" || true
}

screen_golden() { screen_compare "$1"; }
screen_golden_colour() { screen_compare "$1" -e -N; }

screen_finish() {
    screen_say "done"
    screen_until screen_has_ended || { screen_fail "did not end"; return; }
    [ "$(cat "$screen_dir/exit")" = "${1:-0}" ] ||
        { screen_fail "ended with $(cat "$screen_dir/exit"), not ${1:-0}"; cat "$screen_dir/stderr"; }
}

screen_end() {
    local server tries=0
    server=$(screen_tmux display -p '#{pid}' 2>/dev/null)
    screen_tmux kill-server 2>/dev/null
    # The next session must not meet the old server on its way out.
    while [ -n "$server" ] && readlink "/proc/$server/exe" >/dev/null 2>&1 && [ "$tries" -lt $((SCREEN_PATIENCE * 5)) ]; do
        sleep 0.02
        tries=$((tries + 1))
    done
    find "$screen_dir" -maxdepth 1 \( -type f -o -type p \) -delete
}

# Last line of every test.
screen_done() {
    screen_end
    [ ! -e "$screen_failures" ] || { echo "$(wc -l <"$screen_failures") failed"; exit 1; }
    echo "all screens as they should be"
}

# A station at work: what most scripts begin with.
screen_station() {
    cat <<END
slots $1
job wipy-1.18.1
firmware 1.18.1.r7 a1b2c3d4
lot L-2026-47 12 200
operator op-7 operator
station line-3
END
}
