#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# 'efuse show': what is burnt into a board is told for people and programmes alike, and how the verb ends; and an attempt records
# the same of the same board, where lists find it.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v jq >/dev/null || skip "jq is not installed"

ends() {
    local want=$1 has=$2 code=0
    shift 2
    "$FLASHLINE" efuse "$@" >out 2>err || code=$?
    [ $code = "$want" ] || fail "efuse $*: ended with $code: $(cat out err)"
    grep -q -- "$has" err || fail "efuse $*: $(cat err)"
}

ends 2 "say 'show" --sim
ends 2 "say 'show" burn --sim
ends 2 'exclude each other' show 1 --sim
ends 2 'the virtual board' show --sim --sim-chip esp33
ends 2 "^flashline efuse: there is no slot '9' in " show 9
ends 2 "^flashline efuse: slot '9*' is too long" show "$(printf '9%.0s' {1..100})"
ends 1 '(321)' show --sim --sim-chip esp32c3 --sim-personality 1=secure-download
ends 3 '(201)' show --sim --sim-personality 1=silent

"$FLASHLINE" efuse show --sim --sim-personality 1=vdd-1v8 >out || fail "show ended with $?"
grep -Eq '^flash supply +1\.8V +burnt$' out || fail "no supply: $(cat out)"
grep -Eq '^XPD_SDIO_FORCE +1 +no pin decides' out || fail "no fuse: $(cat out)"
grep -Eq '^custom MAC +- +none is burnt$' out || fail "a custom MAC: $(cat out)"
"$FLASHLINE" efuse show --sim --sim-chip esp32c3 --sim-personality 1=key-burnt --json >out || fail "show --json ended with $?"
jq -e '.event == "efuse" and .flash_supply == null and .revision == 3 and .mac_good
       and ([.fields[] | select(.name == "BLOCK_KEY0")][0] | .value == "-/-" and .meaning == "read- and write-protected")
       and ([.fields[] | select(.name == "KEY_PURPOSE_0")][0].meaning == "XTS_AES_128_KEY")' out >/dev/null || fail "JSON: $(cat out)"

# The record has the numbers, block by block left out: protections say it.
make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >job.yaml
"$FLASHLINE" run --job ./job.yaml --stub no --sim 1 --sim-time virtual --sim-personality 1=vdd-1v8 --json >run 2>err ||
    fail "the run ended with $?: $(cat err)"
"$FLASHLINE" attempts --training --json | jq -r .efuse | tr ' ' '\n' | sort >recorded
"$FLASHLINE" efuse show --sim --sim-personality 1=vdd-1v8 --json |
    jq -r '.fields[] | select(.name | startswith("BLOCK") | not) | "\(.name)=\(.value)"' | sort >shown
cmp -s recorded shown || fail "recorded and shown differ: $(diff recorded shown)"

# What a job requires is told with it, and held against a board that is only looked at as well.
printf '%s\n' 'board: WiPy' 'chip: esp32' 'require: {vdd_sdio: 1.8V, custom_mac: absent}' 'firmware:' '  archive: good.tar.gz' >job.yaml
"$FLASHLINE" job check ./job.yaml >out || fail "job check ended with $?"
grep -q '^requires  vdd_sdio 1.8V, custom_mac absent$' out || fail "not told: $(cat out)"
"$FLASHLINE" job check ./job.yaml --json | jq -e '.require == {"vdd_sdio": "1.8V", "custom_mac": "absent"}' >/dev/null || fail "not in JSON"
code=0
"$FLASHLINE" job plan ./job.yaml --sim >out 2>err || code=$?
[ $code = 1 ] && grep -q '(340).*vdd_sdio: 1.8V, the board has pin' err || fail "job plan ended with $code: $(cat err)"
"$FLASHLINE" job plan ./job.yaml --sim --sim-personality 1=vdd-1v8 >out || fail "job plan ended with $?"
finish
