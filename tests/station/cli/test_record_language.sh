#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A record says the same whatever language the station was started in: two stations of one factory, one history.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

make_archive good.tar.gz
ln -s loop loop
# Ports that fail in their own way, each by a word of the system's.
ports="tty:/dev/nosuch tty:$scratch tty:$scratch/loop tty:/dev/null tty:$scratch/good.tar.gz/below"

# attempts LOCALE: what the records of a station that speaks it say of those ports.
attempts() {
    for port in $ports; do
        LC_ALL=$1 LANGUAGE=${1%%[._]*} "$FLASHLINE" flash good.tar.gz --port "$port" --db "$1.db" --yes >out 2>err </dev/null &&
            fail "$1: $port did not fail"
    done
    LC_ALL=$1 "$FLASHLINE" attempts --db "$1.db" --json | jq -r '[.port, .code, .detail, .result] | join("|")'
}

attempts C.UTF-8 >english
attempts de_DE.UTF-8 >german
[ "$(grep -c '|.*|.*|' english)" = 5 ] || fail "no attempts: $(cat english)"
grep -q 'No such file or directory' english || fail "no word of the system's among them: $(cat english)"
diff english german >diff.out || fail "a German station's records: $(cat diff.out)"
[ -e /usr/share/locale/de/LC_MESSAGES/libc.mo ] ||
    skip_row "this system has no German for its own words (package libc-l10n): records were compared all the same"
finish
