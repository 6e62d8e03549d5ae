# SPDX-License-Identifier: Apache-2.0
# Sourced by scenario scripts: a scratch folder, an environment of its own, and words for expectations.
set -euo pipefail
scratch=$(mktemp -d)
jobs_running=()
end_scenario() {
    for pid in "${jobs_running[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
    rm -rf "$scratch"
}
trap end_scenario EXIT
cd "$scratch"
export HOME=$scratch XDG_CONFIG_HOME=$scratch/config XDG_STATE_HOME=$scratch/state XDG_CACHE_HOME=$scratch/cache
export FLASHLINE_STATE_DIR=$scratch/station
export LC_ALL=C.UTF-8 TZ=UTC
unset FLASHLINE_CONFIG FLASHLINE_STUB_DIR
failures=0

fail() { echo "FAIL: $*"; failures=$((failures + 1)); }
finish() { [ "$failures" = 0 ] || { echo "$failures expectation(s) failed"; exit 1; }; }
skip() { echo "skipped: $*"; exit 77; }
skip_row() { echo "skipped: $*"; } # one row only; the rest goes on

# expect CODE PATTERN COMMAND...: the command ends with CODE, says exactly one line on stderr matching PATTERN (a
# case pattern), and nothing on stdout.
expect() {
    local code=$1 pattern=$2 got=0 lines
    shift 2
    "$@" >out 2>err </dev/null || got=$?
    [ "$got" = "$code" ] || fail "$* ended with $got, not $code: $(cat err)"
    lines=$(wc -l <err)
    [ "$lines" = 1 ] || fail "$* said $lines lines: $(cat err)"
    [ ! -s out ] || fail "$* wrote on stdout: $(head -n 2 out)"
    # shellcheck disable=SC2254
    case $(cat err) in
    $pattern) ;;
    *) fail "$* said '$(cat err)', which is not like '$pattern'" ;;
    esac
}

# wait_for FILE PATTERN: until a line matching the basic regular expression is there. Only a failure waits 180 s.
wait_for() {
    (set +o pipefail; timeout 180 tail -n +1 --pid=$$ -F "$1" 2>/dev/null | grep -q -m1 -- "$2") || { fail "no '$2' in $1 within 180 s"; return 1; }
}

# A small sound archive with both script forms, for WiPy; the real one where a test needs size.
make_archive() { python3 "$SOURCE_DIR/tests/support/firmware_make.py" "$@"; }
