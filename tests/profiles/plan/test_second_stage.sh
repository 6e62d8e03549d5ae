#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The independent reader of a flash (tests/support/second_stage.py) says of hand-made flash and of real firmware what is known of
# it, and the maker of random plans breaks what it says it breaks; else script/soak bootable would compare with a wrong witness.
set -uo pipefail
command -v python3 >/dev/null || { echo "skipped: python3 is not installed (script/bootstrap test brings it)"; exit 77; }
export PYTHONDONTWRITEBYTECODE=1
bad=0
cd "$SOURCE_DIR/tests/support" || exit 1
python3 check_second_stage.py "$SHARED_DIR/firmware" || bad=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# As a programme: what is said, and how it ends.
expect() {
    local code=$1 text=$2 got
    shift 2
    ./second_stage.py "$@" >"$work/out" 2>&1
    got=$?
    if [ $got != "$code" ] || ! grep -qF -- "$text" "$work/out"; then
        echo "second_stage.py $*: code $got, wanted $code with: $text"
        cat "$work/out"
        bad=1
    fi
}
./random_flash.py 1 "$work/sound" >/dev/null && ./random_flash.py 1 "$work/none" --kind 'application: none' >/dev/null || bad=1
place=$(sed -n 's/.*partitions.bin, offset: \(0x[0-9a-f]*\).*/\1/p' "$work/sound/job.yaml")
expect 0 BOOTS "$work/sound/flash.bin" --table "${place:-0x8000}"
place=$(sed -n 's/.*partitions.bin, offset: \(0x[0-9a-f]*\).*/\1/p' "$work/none/job.yaml")
expect 1 'REFUSED: application' "$work/none/flash.bin" --table "${place:-0x8000}"
expect 2 'No such file' "$work/nothing.bin"

python3 - <<'PY' || bad=1
import random_flash
import second_stage

wrong = 0
for kind in random_flash.KINDS:
    plan = random_flash.draw("test", kind)
    verdict = second_stage.judge(plan.flash_after(), plan.table_at, plan.revision)
    if (verdict.boots and plan.too_long() is None) != (plan.intent == "boots"):
        print(f"{kind}: meant to be {plan.intent}; {verdict}")
        wrong += 1
if random_flash.draw("test").flash_after() != random_flash.draw("test").flash_after():
    print("the same seed gives two plans")
    wrong += 1
raise SystemExit(wrong != 0)
PY
exit $bad
