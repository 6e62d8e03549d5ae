#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# The station's folder as it is installed (2770, a group's): members work on one database in turn and read each other's records,
# whatever their umask; what they make is the group's and nobody else's; a stranger reads nothing and is told the group.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
[ "$(id -u)" = 0 ] || skip "only root can be other accounts too"
command -v setpriv >/dev/null || skip "setpriv is not installed (package util-linux)"

group=$(getent group | awk -F: '$3 > 0 && $3 < 1000 { print $1; exit }')
gid=$(getent group "$group" | cut -d: -f3)
make_archive good.tar.gz
chmod a+rx "$scratch"
chmod a+r good.tar.gz
mkdir -m 755 there etc homes
mkdir -m 2770 state state/stubs
chgrp -R "$gid" state etc
chmod 2775 etc
chmod 2770 state state/stubs
cp "$FLASHLINE" there/flashline
chmod a+rx there/flashline
printf 'database: %s/state/flashline.db\n' "$scratch" >etc/station.yaml
chmod 644 etc/station.yaml

# account UID GROUPS UMASK COMMAND...
account() {
    local uid=$1 groups=$2 mask=$3
    shift 3
    mkdir -p "homes/$uid"
    chown "$uid" "homes/$uid"
    setpriv --reuid="$uid" --regid="$uid" --groups="$groups" env -i HOME="$scratch/homes/$uid" PATH="$PATH" TZ=UTC LC_ALL=C.UTF-8 \
        FLASHLINE_CONFIG="$scratch/etc/station.yaml" FLASHLINE_STATE_DIR="$scratch/state" ASAN_OPTIONS=detect_leaks=0 \
        sh -c "umask $mask; exec \"\$@\"" sh "$@"
}
first() { account 4711 "4711,$gid" 077 there/flashline "$@"; }
second() { account 4712 "4712,$gid" 000 there/flashline "$@"; }
stranger() { account 4713 4713 022 there/flashline "$@"; }

# Boards of another chip than the job's: refused in half a second each, and on record.
tray() { # tray ACCOUNT OPTION..
    local who=$1 code=0
    shift
    "$who" run --job good.tar.gz --sim 2 --sim-chip esp32s2 --headless "$@" >out 2>err || code=$?
    [ $code = 1 ] || fail "$who, run $*: exit $code: $(cat out err)"
}
tray first --db "$scratch/state/flashline.db"
tray second --db "$scratch/state/flashline.db"
second backup -o "$scratch/state/copy.db" >out 2>err || fail "the second's backup: $(cat err)"
first attempts --db "$scratch/state/copy.db" --training >out 2>err || fail "the first reads the second's backup: $(cat err)"
[ "$(first attempts --db "$scratch/state/flashline.db" --training --json | wc -l)" = 4 ] || fail "attempts of both: $(first attempts --training)"
first lots open B >out 2>err || fail "the first again: $(cat err)"
second lots --json >out 2>err || fail "the second reads lots: $(cat err)"

# Helper programs, for everybody of the group: one member's file replaced by another's.
echo '{"text": "AAAAAAAA", "text_start": 1077379072, "entry": 1077379072}' >esp32c3.json
chmod a+r esp32c3.json
first stub install esp32c3.json >out 2>err || fail "stub install: $(cat err)"
grep -q "installed at $scratch/state/stubs/esp32c3.json" out && grep -q 'for all accounts' out || fail "stub install says: $(cat out)"
second stub install esp32c3.json >out 2>err || fail "stub install over another member's: $(cat err)"
[ "$(first stub where esp32c3)" = "$scratch/state/stubs/esp32c3.json" ] || fail "where: $(first stub where esp32c3)"

find state \( -type f -o -type d \) ! -name '*.sock' -printf '%y %m %g %P\n' | awk -v g="$group" \
    '$3 != g || ($1 == "d" && $2 != 2770) || ($1 == "f" && $2 != 660)' >out
[ ! -s out ] || fail "modes: $(cat out)"

# A stranger, at each door.
told="*flashline.db*Permission denied: it is shared by group '$group', of which account * is no member: 'sudo usermod -aG $group ACCOUNT', then log in again*"
for verb in 'lots' 'lots open C' 'attempts' 'units' "export --format csv -o $scratch/homes/4713/x.csv" "backup -o $scratch/homes/4713/x.db" \
    "run --job good.tar.gz --sim 1 --headless --db $scratch/state/flashline.db"; do
    # shellcheck disable=SC2086
    expect 4 "$told" stranger $verb
done
expect 4 "$told" stranger serial --slot 1 S
# The configuration too may be the group's alone.
chgrp "$gid" etc/station.yaml
chmod 660 etc/station.yaml
expect 4 "*station.yaml: cannot be read: Permission denied: it is shared by group '$group', of which account * is no member: *" stranger lots
rm etc/station.yaml
first setup --name line-4 --database "$scratch/state/flashline.db" --yes >out 2>err </dev/null || fail "setup: $(cat out err)"
[ "$(stat -c '%g %a' etc/station.yaml)" = "$gid 664" ] || fail "setup wrote $(stat -c '%g %a' etc/station.yaml), which a stranger cannot practise by"
# Practice is his own, and so are helper programs.
tray stranger
stranger stub install esp32c3.json >out 2>err || fail "a stranger's own stub: $(cat err)"
grep -q 'for this account alone' out || fail "a stranger's stub: $(cat out)"
finish
