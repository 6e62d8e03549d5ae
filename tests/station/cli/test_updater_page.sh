#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# The jobs of docs/pycom-updater.md are followed word by word on virtual boards; so is each command of its table that needs no board's MAC.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
page=$SOURCE_DIR/docs/pycom-updater.md

make_archive WiPy.tar.gz
tar xzf WiPy.tar.gz wipy.bin
head -c 65536 /dev/zero | tr '\0' 'x' >scripts.img
awk '/^```yaml/ { n++; in_job = 1; next } /^```/ { in_job = 0 } in_job { print > ("job" n ".yaml") }' "$page"
[ "$(ls job*.yaml | wc -l)" = 4 ] || fail "the page has other jobs than four: $(ls)"

for job in job*.yaml; do
    board=(--sim-flash-size 8 --sim-revision 1)
    ! grep -q 4MB "$job" || board=(--sim-flash-size 4 --sim-revision 0)
    "$FLASHLINE" run --job "./$job" --sim 1 --sim-time virtual "${board[@]}" --headless --sim-dump "dump-$job" --db "$job.db" >out 2>err ||
        fail "$job: $(cat err out)"
done
part() { dd if="dump-$1.yaml/slot-1.bin" bs=4096 skip=$(($2 / 4096)) count="$3" status=none; }
part job2 0x400000 16 | cmp - scripts.img || fail "the file system is not where it belongs"
part job3 0x400000 1024 | tr -d '\377' | cmp - /dev/null || fail "the file system is not erased"
for job in job2 job3; do
    cmp <(part $job 0x3ff000 1) <(part job1 0x3ff000 1) || fail "$job: another identity"
done
part job4 0x3ff000 1 | tr -d '\377\000' | grep -qa . || fail "job4: no identity was put back"

# What stands in backquotes and begins with our name is a command that is there, with the words that it is given.
grep -o '`flashline [^`]*`' "$page" | tr -d '`' | sort -u >commands
[ "$(wc -l <commands)" -gt 15 ] || fail "few commands: $(cat commands)"
while read -r _ verb word _; do
    "$FLASHLINE" "$verb" --help >help 2>&1 || fail "there is no verb $verb"
    case $word in [a-z][a-z]*) grep -qE "^  ([a-z ]*)\b$word\b" help || fail "$verb has no word $word" ;; esac
done <commands
"$FLASHLINE" pycom regions India >out && grep -q 'IN865, code 7' out || fail "India: $(cat out)"
finish
