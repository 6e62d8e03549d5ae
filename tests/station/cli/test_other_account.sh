#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A second account on the same station is told whose the records are and what two accounts do to share them, at every door;
# what it is told works.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
[ "$(id -u)" = 0 ] || skip "only root can be another account too"
command -v setpriv >/dev/null || skip "setpriv is not installed (package util-linux)"

make_archive good.tar.gz
chmod a+rx "$scratch"
mkdir -m 755 there
cp "$FLASHLINE" there/flashline
chmod a+rx there/flashline
printf 'database: records/flashline.db\n' >there/station.yaml
chmod a+r there/station.yaml good.tar.gz
"$FLASHLINE" lots open A --config there/station.yaml >out 2>err || fail "lots open: $(cat err)"
[ "$(stat -c '%U %a' there/records)" = 'root 700' ] || fail "the folder: $(stat -c '%U %a' there/records)"

# other GROUPS CODE PATTERN VERB...: as another account of those groups, as `expect` has it.
other() {
    local groups=$1 code=$2 pattern=$3
    shift 3
    expect "$code" "$pattern" setpriv --reuid=65534 --regid=65534 --groups="$groups" env HOME="$scratch" \
        ASAN_OPTIONS=detect_leaks=0 there/flashline "$@"
}
account=$(id -nu 65534 2>/dev/null || echo 65534)
remedy="*flashline.db*belongs to account 'root' and this is *$account*: work as 'root', or share its folder * chgrp -R GROUP *records; chmod -R g+rwX *records; chmod g+s *records"
doors() { # each of them says so
    other 65534 4 "$remedy" attempts --config there/station.yaml
    other 65534 4 "$remedy" units --config there/station.yaml --json
    other 65534 4 "$remedy" export --config there/station.yaml --format csv -o "$scratch/there/x.csv"
    other 65534 4 "$remedy" backup --config there/station.yaml -o "$scratch/there/x.db"
    other 65534 4 "$remedy" run --job good.tar.gz --config there/station.yaml --db there/records/flashline.db --sim 1 --headless
    other 65534 4 "$remedy" lots open B --config there/station.yaml
    other 65534 4 "$remedy" serial --slot 1 S --config there/station.yaml
}
doors                                    # the folder is shut
chmod 755 there/records
other 65534 4 "$remedy" attempts --config there/station.yaml # the file is
chmod 644 there/records/*
other 65534 4 "$remedy" lots open B --config there/station.yaml # it may be read alone
[ ! -e there/x.csv ] && [ ! -e there/x.db ] || fail "something was written"

# What it says helps: both are of one group.
chgrp -R 4321 there/records
chmod -R g+rwX there/records
chmod g+s there/records
as() { setpriv --reuid=65534 --regid=65534 --groups=65534,4321 env HOME="$scratch" ASAN_OPTIONS=detect_leaks=0 there/flashline "$@"; }
as lots open B --config there/station.yaml >out 2>err || fail "shared: lots open: $(cat err)"
as attempts --config there/station.yaml >out 2>err || fail "shared: attempts: $(cat err)"
"$FLASHLINE" lots open C --config there/station.yaml >out 2>err || fail "shared, root again: $(cat err)"
as lots --config there/station.yaml --json | jq -r .lot | sort | tr '\n' ' ' >out
[ "$(cat out)" = 'A B C ' ] || fail "shared: lots $(cat out)"

# A place where nothing may be made is no database of somebody's.
other 65534 4 "*Permission denied: name a place that account *$account* may write to (--db)" lots open D --db /etc/flashline-nobody.db
finish
