#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A person finds the LoRa region of a board, and is told by name what its firmware would refuse.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v jq >/dev/null || skip "jq is not installed"
regions() { "$FLASHLINE" pycom regions "$@"; }

for word in India IN865 in 7; do
    regions $word >out 2>err || fail "$word: $(cat err)"
    grep -q 'IN865, code 7, 865 to 867 MHz$' out || fail "$word: $(cat out)"
done
regions China --board LoPy4 --json | jq -e '.region == "CN470" and .code == 2 and .country == "China"' >/dev/null || fail "China"
expect 1 'flashline pycom: KR920 is refused by every firmware of Pycom*' regions KR920
expect 1 "flashline pycom: no LoRa region and no country is called 'Atlantis'; near to it: *'flashline pycom regions' lists all" regions Atlantis
expect 1 '*WiPy has no LoRa radio*' regions India --board WiPy
expect 2 "*'continents' is not understood*" "$FLASHLINE" pycom continents
expect 2 '*say what*' "$FLASHLINE" pycom
regions >out || fail "all: $?"
grep -q '^IN865  *7  *865-867  *LoPy, LoPy4, FiPy  *1.20' out && grep -q '^India  *IN  *IN865$' out || fail "all: $(head -n 14 out)"
# As many in both forms: titles and the line between are no rows.
[ "$(regions --json | jq -s length)" = $(($(wc -l <out) - 3)) ] || fail "both forms differ: $(regions --json | wc -l) $(wc -l <out)"
finish
