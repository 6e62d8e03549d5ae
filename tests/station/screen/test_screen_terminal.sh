#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# The terminal is given back whatever happens, and a terminal that cannot show a tray is told apart with a clear word.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"

# A hang-up also hits the process that LeakSanitizer forks at the end, and the programme would wait for that for ever.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"

mac=24:0a:c4:00:10:00

begin() {
    { screen_station 8; printf '%s\n' "${1:-# as it is}" "slot 1 busy stage=write pct=10 mac=$mac" start; } | screen_begin 80 24
    screen_wait wipy-1.18.1
}
pid() { screen_tmux list-panes -F '#{pane_pid}' | xargs -I{} pgrep -P {} -x screen_fixture; }

# In a shell's pane, so that the terminal outlives the programme.
in_shell() { # in_shell SIGNAL|done|crash
    screen_end
    mkfifo "$screen_dir/script"
    : >"$screen_dir/calls"
    screen_tmux new-session -d -x 80 -y 24 "TERM=tmux-256color LC_ALL=C.UTF-8 '$screen_fixture' '$screen_dir/script' \
        '$screen_dir/calls' 2>'$screen_dir/stderr'; echo \$? >'$screen_dir/exit'; stty -a >'$screen_dir/stty'; exec cat"
    { screen_station 4; echo start; } | screen_feed
    screen_wait wipy-1.18.1
    [ "$(screen_tmux display -p '#{alternate_on}#{cursor_flag}')" = 10 ] || screen_fail "not on the alternate screen"
    case $1 in
    done | crash) screen_say "$1" ;;
    *) kill -"$1" "$(pid)" ;;
    esac
    screen_until test -s "$screen_dir/stty" || screen_fail "$1: did not end"
    [ "$(screen_tmux display -p '#{alternate_on}#{cursor_flag}')" = 01 ] || screen_fail "$1: the screen is not as it was"
    grep -q '[^-]echo ' "$screen_dir/stty" && grep -q '[^-]icanon' "$screen_dir/stty" ||
        { screen_fail "$1: the terminal is not as it was"; cat "$screen_dir/stty"; }
}

in_shell "done"
in_shell crash
[ "$(cat "$screen_dir/exit")" != 0 ] || screen_fail "a crash was hidden"
in_shell ABRT
in_shell BUS

# Keys that would stop or kill a programme do nothing to a station; Ctrl-S does not freeze it.
begin
screen_keys 'C-\' C-z C-s
screen_say "slot 2 pass mac=$mac boards=1 passed=1"
screen_wait "PASS 1"
[ "$(ps -o state= -p "$(pid)" | cut -c1)" = S ] || screen_fail "a key stopped the station"
screen_finish

# A hang-up and a terminal that is killed: drain, end, nothing written, no crash.
begin
kill -HUP "$(pid)"
screen_called drain
screen_called "end lost"
screen_until screen_has_ended || screen_fail "HUP: did not end"
[ "$(cat "$screen_dir/exit")" = 1 ] || { screen_fail "HUP: ended with $(cat "$screen_dir/exit")"; cat "$screen_dir/stderr"; }

begin
kill -KILL "$(screen_tmux display -p '#{pid}')"
screen_called drain
screen_called "end lost"

# TERM drains as Ctrl-C does, and a second one aborts.
begin
kill -TERM "$(pid)"
screen_called drain
screen_wait STOPPING
kill -TERM "$(pid)"
screen_called abort
screen_finish

# Nothing to draw on: code 2, the reason, and what to do about it.
refused() { # refused TEXT COMMAND...
    local text=$1
    shift
    screen_end
    mkfifo "$screen_dir/script"
    screen_tmux new-session -d -x 80 -y 24 "LC_ALL=C.UTF-8 $* '$screen_dir/script' 2>'$screen_dir/stderr'; \
        echo \$? >'$screen_dir/exit'; exec cat"
    { screen_station 4; echo start; } | screen_feed
    screen_until screen_has_ended || screen_fail "$*: did not end"
    [ "$(cat "$screen_dir/exit")" = 2 ] || screen_fail "$*: ended with $(cat "$screen_dir/exit")"
    grep -qF "$text" "$screen_dir/stderr" || { screen_fail "$*: no '$text'"; cat "$screen_dir/stderr"; }
    [ "$(screen_tmux display -p '#{alternate_on}')" = 0 ] || screen_fail "$*: the screen was taken"
}

refused "TERM is not set: set it to your terminal's name" env -u TERM "$screen_fixture"
refused "TERM=no-such-terminal is not known on this machine" env TERM=no-such-terminal "$screen_fixture"
refused "TERM=dumb cannot place its cursor" env TERM=dumb "$screen_fixture"
refused "standard input or output is not a terminal" true '</dev/null;' env TERM=xterm "$screen_fixture" '</dev/null'
refused "TERM ist nicht gesetzt" env -u TERM LANGUAGE=de "$screen_fixture"

# The end of a batch and a stop are told to the room, once each.
begin "bell echo \$1 >>$screen_dir/bell"
screen_say "slot 2 busy stage=write pct=10"
screen_wait "busy 2"
screen_say "slot 1 pass mac=$mac boards=1 passed=1"
screen_wait "busy 1"
[ ! -e "$screen_dir/bell" ] || screen_fail "the bell rang while a board ran"
screen_say "slot 2 pass mac=$mac boards=1 passed=1"
screen_until grep -qsx batch "$screen_dir/bell" || screen_fail "no bell at the end of the batch"
screen_say "slot 3 act act=unlock"
screen_until grep -qsx stop "$screen_dir/bell" || screen_fail "no bell at the stop"
screen_wait LOCKED
[ "$(wc -l <"$screen_dir/bell")" = 2 ] || { screen_fail "the bell rang $(wc -l <"$screen_dir/bell") times"; cat "$screen_dir/bell"; }
screen_finish

# Without a command it is the terminal's bell.
begin
screen_tmux set-hook -g alert-bell "run-shell 'echo rang >>$screen_dir/bell'" \; set-option -g bell-action any
screen_say "slot 1 pass mac=$mac boards=1 passed=1"
screen_until grep -qsx rang "$screen_dir/bell" || screen_fail "the terminal's bell did not ring"
screen_finish
screen_done
