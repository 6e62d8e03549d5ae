#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# The manners of every list: a name that nobody knows is told, practice is found with --training, a reader who leaves is no
# failure, a full disk is one.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

make_archive good.tar.gz
lists=(attempts units yield)

# Before anything was recorded, and after practice alone.
for verb in "${lists[@]}" lots; do
    expect 4 '*there is no such database yet: the first run, or pool import, makes it' "$FLASHLINE" "$verb"
    expect 4 '*there is no such database yet: the first run, or pool import, makes it' "$FLASHLINE" "$verb" --training
done
expect 4 '*there is no such database yet: the first run, or pool import, makes it' "$FLASHLINE" pool list
"$FLASHLINE" run --job good.tar.gz --sim 8 --sim-time virtual --once --headless --lot P-1 --operator ada >out 2>err || fail "run: $(tail -n 2 err)"
for verb in "${lists[@]}" lots 'unit 02:f1:a5:8d:eb:37' 'export --format csv -o x.csv'; do
    # shellcheck disable=SC2086
    expect 4 '*no such database yet*; practice has its own records: --training' "$FLASHLINE" $verb
done
for verb in backup\ -o\ x.db db\ check; do
    # shellcheck disable=SC2086
    expect 4 "*no such database yet*; practice has its own records: --db $scratch/state/flashline/training.db" "$FLASHLINE" $verb
done
for verb in "${lists[@]}" lots; do
    "$FLASHLINE" "$verb" --training >out 2>err && [ -s out ] || fail "$verb --training: $(cat err)"
done
[ "$("$FLASHLINE" lots --training --json | jq -r '.lot + " " + (.attempts | tostring)')" = 'P-1 8' ] || fail "lots --training: $("$FLASHLINE" lots --training --json)"
"$FLASHLINE" lots open P-2 --training >out 2>err || fail "lots open --training: $(cat err)"
[ "$("$FLASHLINE" lots --training --json | jq -r .lot | sort | tr '\n' ' ')" = 'P-1 P-2 ' ] || fail "lots open --training went elsewhere"
[ ! -e state/flashline/flashline.db ] || fail "a lot for practice made the station's database"

# A name nobody knows: a line, 1, and nothing made. One that is known and of which there is nothing: an empty list.
mv state/flashline/training.db t.db
rm -f state/flashline/training.db.lock
unknown=('--lot NOPE|*there is no lot '\''NOPE'\''; '\''flashline lots --all'\'' lists them*'
    '--operator bob|*there is no operator '\''bob'\''; '\''flashline operator'\'' lists them*'
    '--job nope|*nothing was made with the job '\''nope'\''*' '--firmware 9.9|*nothing was made with the firmware '\''9.9'\''*'
    '--firmware ffffffff|*firmware '\''ffffffff'\''*' '--mac 24:0a:c4:00:00:03|*nothing is known of 24:0a:c4:00:00:03*')
for asked in "${unknown[@]}"; do
    # shellcheck disable=SC2086
    expect 1 "${asked#*|}--training" "$FLASHLINE" attempts ${asked%%|*} --db t.db
done
for verb in units yield 'export --format csv -o x.csv' 'export --format sqlite -o x.db'; do
    # shellcheck disable=SC2086
    expect 1 "*there is no lot 'NOPE'; 'flashline lots --all --training' lists them" "$FLASHLINE" $verb --lot NOPE --db t.db --training --json
done
[ ! -e x.csv ] && [ ! -e x.db ] && [ ! -e x.csv.manifest.json ] || fail "an export of a lot nobody knows was made"
for asked in '--lot P-2' '--lot P-1 --result fail' '--operator ada --time 2001-01-01' '--mac 02:f1:a5:8d:eb:37 --lot P-2'; do
    # shellcheck disable=SC2086
    "$FLASHLINE" attempts $asked --db t.db --training --json >out 2>err || fail "attempts $asked: $? $(cat err)"
    [ ! -s out ] || fail "attempts $asked: $(cat out)"
done
for asked in '--lot P-1 --operator ada --job good --firmware good.tar.gz --mac 02:f1:a5:8d:eb:37'; do
    # shellcheck disable=SC2086
    [ "$("$FLASHLINE" attempts $asked --db t.db --training --json | jq -r .attempt | wc -l)" -ge 1 ] || fail "attempts $asked found nothing"
done

# A reader who left is no failure of a verb that tells; a disk that is full is one, whatever the verb.
tells=(attempts\ --training attempts\ --training\ --json units\ --training\ --json lots\ --training yield\ --training\ --json
    db\ audit db\ head\ --json unit\ 02:f1:a5:8d:eb:37 explain\ --all attempts\ --help)
for verb in "${tells[@]}"; do
    code=0
    # The reader's end is closed before the verb starts.
    # shellcheck disable=SC2086
    timeout 60 python3 -c 'import os, subprocess, sys
reader, writer = os.pipe()
os.close(reader)
sys.exit(subprocess.run(sys.argv[1:], stdout=writer, stdin=subprocess.DEVNULL).returncode)' "$FLASHLINE" $verb --db t.db 2>err || code=$?
    [ $code = 0 ] || fail "$verb with a reader who left: $code: $(cat err)"
    [ ! -s err ] || fail "$verb with a reader who left said: $(cat err)"
    code=0
    # shellcheck disable=SC2086
    "$FLASHLINE" $verb --db t.db >/dev/full 2>err || code=$?
    [ $code = 3 ] || fail "$verb on a full disk: $code: $(cat err)"
    [ "$(grep -c 'could not be written' err)" = 1 ] || fail "$verb on a full disk said: $(cat err)"
done

# A folder is no file; what to write is said.
expect 4 '*is a folder: name the file in it, as */flashline.db' "$FLASHLINE" attempts --db "$scratch"
expect 4 '*is a folder: name the file in it*' "$FLASHLINE" run --job good.tar.gz --sim 1 --headless --db "$scratch"
finish
