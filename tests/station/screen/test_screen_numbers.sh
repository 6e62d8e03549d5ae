#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# What stands on the screen of a run is what docs/terminology.md defines, asked by the sqlite3 shell: its foot is the run's, the
# view of a lot the lot's, with all that earlier days left there.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"

export TMPDIR=$screen_dir/keep
db=$screen_dir/keep/records.db
"$(dirname "$FLASHLINE")/mixed_db" "$db" || exit 1
python3 "$SOURCE_DIR/tests/support/firmware_make.py" "$screen_dir/keep/good.tar.gz" sound 200 >/dev/null || exit 1
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' "  archive: $screen_dir/keep/good.tar.gz" 'reset: none' 'retries: 0' >"$screen_dir/keep/job.yaml"
export XDG_STATE_HOME=$screen_dir/keep XDG_CACHE_HOME=$screen_dir/keep XDG_CONFIG_HOME=$screen_dir/keep
unset FLASHLINE_CONFIG

screen_tmux new-session -d -x 120 -y 40 "env TERM=tmux-256color LC_ALL=C.UTF-8 TZ=Europe/Berlin '$FLASHLINE' run --job '$screen_dir/keep/job.yaml' \
    --stub no --db '$db' --sim 4 --sim-personality 2=silent,3=bad-flash,4=slow --lot L-1 2>'$screen_dir/stderr'; echo \$? >'$screen_dir/exit'; exec cat"
screen_wait "PASS 1  not passed 2  busy 1" # the fourth is slow: the run goes on
screen_keys 3
screen_wait "first-pass yield"
screen_wait "yield 50.0 %"
screen_capture >"$screen_dir/keep/drawn"
python3 "$SOURCE_DIR/tests/support/numbers_judge.py" "$FLASHLINE" "$db" "$SOURCE_DIR/docs/terminology.md" screen L-1 "$screen_dir/keep/drawn" ||
    screen_fail "the screen tells other numbers than the page defines"
screen_keys C-c
screen_until screen_has_ended || screen_fail "did not end"
screen_done
