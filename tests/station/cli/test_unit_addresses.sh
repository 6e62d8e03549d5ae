#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# What is burnt into a board beside its base MAC is read by the engine, recorded, and leads to the unit: a MAC of its owner's on
# each kind of chip, and the EUI-64 of those that have one. Boards of another chip than the job's are identified before they fail.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v jq >/dev/null || skip "jq is not installed"

make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' 'retries: 0' >job.yaml
code=0
"$FLASHLINE" run --job ./job.yaml --stub no --sim 6 --sim-chip esp32,esp32c6,esp32c3,esp32,esp32c2,esp32h2 --sim-time virtual \
    --sim-personality 1=custom-mac,2=custom-mac,3=custom-mac,5=custom-mac --json >run 2>err || code=$?
[ $code = 1 ] || fail "the run ended with $code: $(cat err)"
results() { jq -r 'select(.event == "result") | "\(.slot) \(.result) \(.mac) \(.custom_mac // "-") \(.eui64 // "-")"' <run | sort -n; }
results >told
[ "$(grep -c PASS told)" = 2 ] || fail "PASS: $(cat told)"
while read -r slot _ mac custom eui64; do
    case $slot in
    1 | 2 | 3 | 5)
        # The virtual owner changes the last byte of the factory's.
        [ "${custom%:*}" = "${mac%:*}" ] && [ "$custom" != "$mac" ] || fail "slot $slot: custom MAC $custom of $mac"
        "$FLASHLINE" unit "$custom" --training >story || fail "unit $custom: $?"
        grep -q "^MAC $mac, custom MAC $custom.* (found by its custom MAC)$" story || fail "slot $slot: $(head -n 2 story)"
        ;;
    *) [ "$custom" = - ] || fail "slot $slot has a custom MAC that nobody burnt: $custom" ;;
    esac
    case $slot in
    2 | 6)
        [ "$eui64" = "${mac:0:9}ff:fe:${mac:9}" ] || fail "slot $slot: EUI-64 $eui64 of $mac"
        [ "$("$FLASHLINE" unit "${eui64//:/}" --training --json | jq -r 'select(.event == "identified") | "\(.mac) \(.found_by)"')" = "$mac eui64" ] ||
            fail "slot $slot: its EUI-64 does not lead to it"
        ;;
    *) [ "$eui64" = - ] || fail "slot $slot has an EUI-64: $eui64" ;;
    esac
done <told
[ "$("$FLASHLINE" units --training --json | jq -r 'select(.custom_mac != null) | .mac' | wc -l)" = 4 ] || fail "units do not carry them"
finish
