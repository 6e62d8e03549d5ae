#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# A slot whose port is missing or cannot be used says so on its tile, and what to do: an empty tray explains itself.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"

python3 "$SOURCE_DIR/tests/support/firmware_make.py" "$screen_dir/keep/good.tar.gz" >/dev/null || exit 1
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' "  archive: $screen_dir/keep/good.tar.gz" >"$screen_dir/keep/job.yaml"
printf '%s\n' 'slots:' '  - number: 1' '    port: tty:/dev/nosuch' '  - number: 2' '    port: tty:/dev/null' \
    >"$screen_dir/keep/station.yaml"
for size in "80 24" "120 40"; do
    read -r columns rows <<<"$size"
    screen_end
    rm -f "$screen_dir/exit"
    screen_tmux new-session -d -x "$columns" -y "$rows" "
        env -u TMUX TERM=tmux-256color LC_ALL=C.UTF-8 TZ=UTC '$FLASHLINE' run --config '$screen_dir/keep/station.yaml' \
            --job '$screen_dir/keep/job.yaml' --training --db '$screen_dir/keep/t.db' 2>'$screen_dir/stderr'
        echo \$? >'$screen_dir/exit'"
    # The port that is not there may come with its board: its slot is empty, and says what it waits for.
    screen_wait "port is not there"
    screen_wait "Check the USB cable"
    # The one that is no serial port will not mend itself: the selection goes there.
    screen_wait "Slot 2 ? ERROR 109 port name is not understood"
    screen_wait "Ask the engineer to correct the slot's port"
    screen_keys Left
    screen_wait "Slot 1 · EMPTY 101 port is not there"
    screen_wait "PASS 0  not passed 0  busy 0"
    # Real boards without a helper program: the log says so, once.
    screen_keys 4
    screen_wait "no helper program (stub) for esp32"
    screen_wait "Log: everything, 1 lines"
    screen_keys q
    screen_quit
    screen_until test -s "$screen_dir/exit" || screen_fail "q did not end it: $(screen_capture)"
done
screen_done
