#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A pipe or a terminal that nobody reads keeps no signal from being heard, and no board from being finished.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
for tool in jq sqlite3; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done

make_archive big.tar.gz sound 600
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: big.tar.gz' >job.yaml
# Minutes a board: it ends by what is done to it.
(cat job.yaml; echo 'baud: 115200') >slow.yaml
results() { sqlite3 -readonly "$1" "SELECT result || ' ' || count(*) FROM attempt GROUP BY result"; }
# beside WAY NAME WORD.. -- COMMAND..: the words are told to the reader, its answers are in `said`, what it read in NAME
beside() {
    local way=$1 name=$2 words=()
    shift 2
    while [ "$1" != -- ]; do words+=("$1"); shift; done
    shift
    printf '%s\n' "${words[@]}" | env TERM=xterm-256color timeout 300 python3 "$SOURCE_DIR/tests/station/print/reader_stops.py" \
        "$way" "$name" "$@" >said 2>err || fail "$name: $(cat err)"
}
ended() { grep -qx "exit $1" said || fail "$2 ended otherwise than with $1: $(cat said err)"; }

# Each group in a folder of its own, all at once: they wait for boards that take their time, hardly for the processor.
with_a_pipe() { # with_a_pipe --json|--headless
    local form=$1
    # Two signals (of two kinds, or the kernel makes one of them): the second aborts, with a pipe that has been full since long before the first.
    rm -f t.db*
    beside pipe aborted 'signal SIGINT' 'signal SIGTERM' wait read -- \
        "$FLASHLINE" run --job ./slow.yaml --sim 16 $form --db t.db
    ended 5 "$form, aborted"
    [ "$(results t.db)" = "ABORTED 16" ] || fail "$form, aborted: $(results t.db)"
    # One signal: the boards are finished, though nobody sees it. What fits into the pipe is whole lines.
    rm -f t.db*
    beside pipe drained 'signal SIGTERM' wait read -- \
        "$FLASHLINE" run --job ./job.yaml --sim 16 $form --db t.db
    ended 5 "$form, drained"
    [ "$(results t.db)" = "PASS 16" ] || fail "$form, drained: $(results t.db)"
    [ "$form" = --headless ] || jq -es 'all(.v == 1)' drained >/dev/null || fail "$form: a line that is none"
    grep -q 'lines of the output were not read' err || fail "$form: nothing said of what was lost: $(cat err)"
    # A reader that comes back gets all of it, and the end last.
    rm -f t.db*
    beside pipe slow 'read' wait -- \
        "$FLASHLINE" run --job ./job.yaml --sim 16 --sim-time virtual $form --db t.db
    ended 0 "$form, read late"
    if [ $form = --json ]; then
        tail -n 1 slow | jq -e '.event == "end" and .PASS == 16' >/dev/null || fail "$form: the last line is $(tail -n 1 slow)"
        [ "$(jq -r 'select(.event == "result") | .result' slow | sort | uniq -c | tr -s ' ')" = " 16 PASS" ] || fail "$form: results were lost"
    else
        [ "$(tail -n 1 slow)" = "16 boards: 16 PASS" ] || fail "$form: the last line is $(tail -n 1 slow)"
    fi
}

with_a_screen() {
    # The screen on a terminal that takes nothing: the first signal drains, the second aborts, and the end is an end.
    rm -f t.db*
    beside terminal screen 'signal SIGINT' 'signal SIGTERM' wait read -- \
        "$FLASHLINE" run --job ./slow.yaml --sim 16 --db t.db
    ended 5 "the screen, aborted"
    [ "$(results t.db)" = "ABORTED 16" ] || fail "the screen, aborted: $(results t.db)"
    # Thirty whole pictures while it takes nothing: it gets the newest, not thirty.
    rm -f t.db*
    beside terminal newest 'resize 30' 'signal SIGINT' 'signal SIGTERM' read wait -- \
        "$FLASHLINE" run --job ./slow.yaml --sim 16 --db t.db
    ended 5 "the screen, resized"
    [ "$(stat -c %s newest)" -lt 100000 ] || fail "the screen drew $(stat -c %s newest) bytes for nobody"
}

with_lines_on_a_terminal() {
    # Lines on a terminal that was stopped: the same.
    rm -f t.db*
    beside terminal stopped 'signal SIGINT' 'signal SIGTERM' wait read -- \
        "$FLASHLINE" run --job ./slow.yaml --sim 16 --headless --db t.db
    ended 5 "lines on a terminal, aborted"
    [ "$(results t.db)" = "ABORTED 16" ] || fail "lines on a terminal, aborted: $(results t.db)"
}

groups=()
beside_others() { # beside_others NAME COMMAND..: its failures are its status
    mkdir "$1"
    cp job.yaml slow.yaml big.tar.gz "$1"
    (trap - EXIT; cd "$1"; shift; "$@"; finish) &
    groups+=($!)
}
beside_others json with_a_pipe --json
beside_others plain with_a_pipe --headless
beside_others screen with_a_screen
beside_others lines with_lines_on_a_terminal
for group in "${groups[@]}"; do wait "$group" || fail "a group of them"; done
finish
