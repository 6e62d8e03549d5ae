#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# Once an engineer is enrolled, an operator starts the released job and nothing else: run, flash, screen or lines.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
unset FLASHLINE_PIN

make_archive good.tar.gz
make_archive other.tar.gz sound 80
for job in first second draft; do
    printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >$job.yaml
done
sed -i 's/good/other/' second.yaml
export XDG_STATE_HOME=$scratch/state
"$FLASHLINE" job release ./first.yaml >out 2>err || fail "release: $? $(cat err)"
"$FLASHLINE" job release ./second.yaml >out 2>err || fail "release: $? $(cat err)"

# A port that is not there is enough: what counts is whether an attempt begins.
attempts() { sqlite3 -readonly state/flashline/flashline.db "SELECT count(*) FROM attempt"; }
start() { setsid -w "$FLASHLINE" run --slots tty:/dev/nosuch --once --headless "$@" >out 2>err </dev/null; }
# begins N COMMAND..: it runs (and fails at the port), and N attempts are recorded then
begins() {
    local want=$1 code=0
    shift
    "$@" || code=$?
    [ $code = 3 ] || fail "$* ended with $code: $(cat err)"
    [ "$(attempts)" = "$want" ] || fail "$*: $(attempts) attempts, not $want"
}
# held COMMAND..: it is refused with one line about the PIN, and nothing is recorded
held() {
    local before code=0
    before=$(attempts)
    "$@" || code=$?
    [ $code = 2 ] || fail "$* ended with $code, not 2: $(cat out err)"
    grep -q 'PIN' err || fail "$* said: $(cat err)"
    [ "$(attempts)" = "$before" ] || fail "$*: an attempt was made"
}

# Nobody enrolled: everything is open, and audited.
begins 1 start --job ./draft.yaml
FLASHLINE_NEW_PIN=246810 "$FLASHLINE" operator add en1 --role engineer >out 2>err || fail "enrolling: $? $(cat err)"

held start --job ./draft.yaml
FLASHLINE_PIN=1111 held start --job ./draft.yaml
held start --job ./draft.yaml --json
held setsid -w "$FLASHLINE" flash good.tar.gz --port tty:/dev/nosuch --yes >out 2>err </dev/null
held start --job ./first.yaml # another job than the last
FLASHLINE_PIN=246810 begins 2 start --job ./first.yaml
begins 3 start --job ./first.yaml
held start --job ./second.yaml
# An edited copy is another job, and no longer a released one.
sed -i 's/^retries:.*//; s/^board: WiPy/board: WiPy\nretries: 0/' first.yaml
code=0
start --job ./first.yaml || code=$?
[ $code != 3 ] && [ $code != 0 ] || fail "an edited released job was started: $code"
[ "$(attempts)" = 3 ] || fail "an edited released job made an attempt"
# Nor does it help to practise on real ports, or to write to records of one's own.
held start --job ./draft.yaml --training
held start --job ./draft.yaml --db other.db
held start --job ./first.yaml --db other.db --json
held setsid -w "$FLASHLINE" flash good.tar.gz --port tty:/dev/nosuch --yes --training >out 2>err </dev/null
code=0
FLASHLINE_PIN=246810 start --job ./draft.yaml --db other.db || code=$?
[ $code = 3 ] || fail "the engineer's run into another database ended with $code: $(cat err)"
[ "$(sqlite3 -readonly other.db 'SELECT count(*) FROM attempt')" = 1 ] || fail "the engineer's run made no attempt"
[ "$(sqlite3 -readonly state/flashline/flashline.db "SELECT count(*) FROM audit WHERE action = 'run.elsewhere' AND actor = 'en1'")" = 1 ] ||
    fail "a run into another database is not audited"
# What is practised on virtual boards is nobody's business.
"$FLASHLINE" run --job ./draft.yaml --sim 1 --sim-time virtual --headless >out 2>err || fail "training: $? $(cat err)"

printf '%s\n' 'slots:' '  - number: 1' '    port: tty:/dev/nosuch' >slots.yaml
cp slots.yaml before.yaml
for change in 'label 1 left' 'forget 1' 'learn --present'; do
    # shellcheck disable=SC2086
    setsid -w "$FLASHLINE" slots $change --config slots.yaml >out 2>err </dev/null && fail "an operator did 'slots $change'"
    grep -q PIN err || fail "slots $change said: $(cat err)"
    cmp -s slots.yaml before.yaml || fail "slots $change changed the configuration"
done
"$FLASHLINE" unlock --station --reason 'because' >out 2>err </dev/null && fail "an operator unlocked the station"
"$FLASHLINE" backup -o copy.db >out 2>err || fail "backup: $(cat err)"
setsid -w "$FLASHLINE" db restore copy.db >out 2>err </dev/null && fail "an operator restored a backup"
grep -q PIN err || fail "db restore said: $(cat err)"
[ ! -e state/flashline/flashline.db.before-restore-1 ] || fail "a refused restore moved the database"
FLASHLINE_PIN=246810 "$FLASHLINE" db restore copy.db --reason 'a try' --json >out 2>err || fail "restore: $? $(cat err)"
[ "$(jq -r '.sha256' <out)" = "$(sha256sum <copy.db | cut -d' ' -f1)" ] || fail "restore told another hash: $(cat out)"
[ -e "$(jq -r '.kept_as' <out)" ] || fail "what was replaced is not kept: $(cat out)"
sqlite3 -readonly state/flashline/flashline.db "SELECT action || ' ' || actor || ' ' || coalesce(reason, '') FROM audit" >audit
grep -qx 'records.restore en1 a try' audit || fail "the restore is not audited: $(cat audit)"
"$FLASHLINE" db audit --json >out || fail "db audit: $?"
[ "$(jq -r 'select(.action == "records.restore") | .reason' <out)" = 'a try' ] || fail "db audit said: $(cat out)"
[ "$(jq -s length <out)" = "$(wc -l <audit)" ] || fail "db audit left rows out"
"$FLASHLINE" db audit | grep -q 'en1 (engineer)  run.elsewhere draft' || fail "db audit as text: $("$FLASHLINE" db audit)"
"$FLASHLINE" db check >out || fail "after the restore: $(cat out)"
grep -q 'job.unreleased' audit || fail "the start of an unreleased job is not audited: $(cat audit)"
grep -q 'job.change' audit || fail "the change of job is not audited: $(cat audit)"

# All attempts in an archive: the station still knows its job, the lock stays shut.
FLASHLINE_PIN=246810 "$FLASHLINE" archive --before 2099-01-01 >out 2>err || fail "archive: $? $(cat err)"
[ "$(attempts)" = 0 ] || fail "$(attempts) attempts were not archived"
# Ports that are not there fail every time: no rule shall stop the slot.
mkdir -p config/flashline
printf '%s\n' 'policy:' '  stop_slot_failures: 0' '  stop_station_failures: 0' '  stop_yield_percent: 0' >config/flashline/station.yaml
FLASHLINE_PIN=246810 "$FLASHLINE" unlock --slot 1 --reason 'no port' >out 2>err || fail "unlock: $? $(cat err)"
held start --job ./second.yaml
FLASHLINE_PIN=246810 begins 1 start --job ./second.yaml
begins 2 start --job ./second.yaml

# The helper program: one that nobody knows is the engineer's to flash a released job with, until it is released too.
echo '{"text": "Zmxhc2ggbWU=", "text_start": 1074331648, "entry": 1074331652}' >odd.json
held start --job ./second.yaml --stub odd.json
FLASHLINE_PIN=246810 begins 3 start --job ./second.yaml --stub odd.json
begins 4 start --job ./second.yaml --stub no
FLASHLINE_PIN=246810 "$FLASHLINE" job release ./second.yaml --stub odd.json >out 2>err || fail "release --stub: $? $(cat err)"
grep -q '^stub_sha256: [0-9a-f]\{64\}$' second.yaml || fail "the stub is not pinned: $(cat second.yaml)"
FLASHLINE_PIN=246810 begins 5 start --job ./second.yaml --stub odd.json # released anew, it is another job
begins 6 start --job ./second.yaml --stub odd.json
sed -i 's/Zmxh/Zmxo/' odd.json
held start --job ./second.yaml --stub odd.json

# A new badge for the last engineer opens nothing; she can be neither demoted nor sent away.
FLASHLINE_PIN=246810 "$FLASHLINE" operator add en1 --badge B-1 >out 2>err || fail "a new badge: $? $(cat err)"
held start --job ./draft.yaml
FLASHLINE_PIN=246810 expect 1 '*last engineer*' "$FLASHLINE" operator add en1 --role operator
FLASHLINE_PIN=246810 expect 1 '*last engineer*' "$FLASHLINE" operator disable en1

# PINs: six digits or more; an old short one opens once more, then only its own change.
FLASHLINE_PIN=246810 FLASHLINE_NEW_PIN=12345 expect 1 '*six digits*' "$FLASHLINE" operator pin en1
FLASHLINE_PIN=246810 FLASHLINE_NEW_PIN=246811 "$FLASHLINE" operator pin en1 >out 2>err || fail "changing the PIN: $? $(cat err)"
"$FLASHLINE" db verify >out 2>err || fail "after all that: $(cat out err)"
sqlite3 state/flashline/flashline.db "UPDATE operator SET pin_salt = x'000102030405060708090a0b0c0d0e0f', pin_hash = x'2bfd0be668642719e04b42e62825a6702d474aa4d39c766c6ed34c0d8d68838c'"
export FLASHLINE_PIN=4711
"$FLASHLINE" lots open L-1 >out 2>err || fail "lots open: $(cat err)"
setsid -w "$FLASHLINE" lots close L-1 >out 2>err </dev/null || fail "a short PIN did not open once more: $(cat err)"
grep -q 'note: the PIN of en1 is too short and was taken for the last time: flashline operator pin en1' err || fail "closing said: $(cat err)"
expect 1 '*too short and was used up: flashline operator pin en1' setsid -w "$FLASHLINE" lots reopen L-1 --reason 'again'
FLASHLINE_NEW_PIN='correct horse' "$FLASHLINE" operator pin en1 >out 2>err </dev/null || fail "changing the PIN: $? $(cat err)"
expect 1 "*not an engineer's PIN" setsid -w "$FLASHLINE" lots reopen L-1 --reason 'again'
FLASHLINE_PIN='correct horse' "$FLASHLINE" lots reopen L-1 --reason 'again' >out 2>err || fail "the new PIN: $? $(cat err)"
finish
