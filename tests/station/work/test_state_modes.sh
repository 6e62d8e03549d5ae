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

# A job that one released another releases anew, and the station's file likewise: the group's, with the modes they had.
printf '%s\n' 'name: ours' 'board: WiPy' 'chip: esp32' "firmware: {archive: $scratch/good.tar.gz}" >ours
mkdir -m 2775 etc/profiles
chgrp "$gid" etc/profiles
chmod 2775 etc/profiles
install -m 664 -o 4711 -g "$gid" ours etc/profiles/ours.yaml
for who in first second first; do
    $who job release "$scratch/etc/profiles/ours.yaml" >out 2>err || fail "$who releases: $(cat err)"
    [ "$(stat -c '%g %a' etc/profiles/ours.yaml)" = "$gid 664" ] || fail "$who released: $(stat -c '%U %g %a' etc/profiles/ours.yaml)"
done
install -m 664 -o 4711 -g "$gid" etc/station.yaml etc/shared.yaml
second setup --config "$scratch/etc/shared.yaml" --name line-2 --slots 1=1-2.3 --yes >out 2>err </dev/null || fail "the second changes the station: $(cat err)"
second slots label 1 left --config "$scratch/etc/shared.yaml" >out 2>err || fail "the second labels a slot: $(cat err)"
[ "$(cat out)" = 'slot 1 is called left' ] || fail "slots label says: $(cat out)"
[ "$(stat -c '%g %a' etc/shared.yaml)" = "$gid 664" ] && grep -q left etc/shared.yaml || fail "shared.yaml: $(stat -c '%g %a' etc/shared.yaml)"
# What its maker keeps for himself stays his, whoever may write into the folder: and the way out is named.
chmod 644 etc/profiles/ours.yaml etc/shared.yaml
chown 4711 etc/profiles/ours.yaml etc/shared.yaml
sha256sum etc/profiles/ours.yaml etc/shared.yaml >before
expect 4 "*ours.yaml: cannot be written: Permission denied: it belongs to account *4711*, and its group may not write it, *chmod g+w $scratch/etc/profiles/ours.yaml" \
    second job release "$scratch/etc/profiles/ours.yaml"
expect 4 "*shared.yaml: cannot be written: Permission denied: it belongs to account *4711*chmod g+w $scratch/etc/shared.yaml*" \
    second slots label 1 right --config "$scratch/etc/shared.yaml"
# At a terminal that is said before anything is asked: to one of the group, and to a stranger.
said_first() { # said_first ACCOUNT GROUPS WHAT
    local code=0
    account "$1" "$2" 022 script -qec "there/flashline setup --config $scratch/etc/shared.yaml" /dev/null >out 2>&1 </dev/null || code=$?
    [ $code = 4 ] && grep -q "shared.yaml cannot be changed: .*$3" out && ! grep -q 'Name of the station' out || fail "setup of $1: exit $code: $(cat out)"
}
said_first 4712 "4712,$gid" "its group may not write it"
said_first 4713 4713 "it is shared by group '$group', of which account"
chmod 664 etc/profiles/ours.yaml
chmod g-s etc/profiles
expect 4 "*ours.yaml: cannot be written: Permission denied: *" second job release "$scratch/etc/profiles/ours.yaml"
sha256sum --quiet -c before >out 2>&1 || fail "refused, and changed: $(cat out)"
chmod g+s etc/profiles

# The folder of the nightly backups is theirs too, wherever it lies, and doctor knows when it is not.
mkdir -m 777 disk
first setup --config "$scratch/etc/shared.yaml" --backup "$scratch/disk/of/copies" --yes >out 2>err </dev/null || fail "a folder for backups: $(cat err)"
for folder in disk/of disk/of/copies; do
    [ "$(stat -c '%g %a' $folder)" = "$gid 2770" ] || fail "setup made $folder $(stat -c '%g %a' $folder)"
done
doctor() { # doctor ACCOUNT
    "$1" doctor --json --config "$scratch/etc/shared.yaml" >out 2>err || true # a port may be amiss here
    jq -c 'select(.check == "backup")' out >found
}
doctor second
jq -e .well found >/dev/null || fail "doctor: $(cat found err)"
chmod 700 disk/of/copies
chown 4711 disk/of/copies
doctor first
jq -e '(.well | not) and (.words | contains("not by all of group"))' found >/dev/null || fail "doctor of a folder of one's own: $(cat found)"
doctor second
jq -e '(.well | not) and (.words | contains("cannot be written by account"))' found >/dev/null || fail "doctor of another's folder: $(cat found)"
jq -r .remedy found | grep -qF "sudo chgrp $group $scratch/disk/of/copies; sudo chmod 2770 $scratch/disk/of/copies" || fail "doctor's remedy: $(cat found)"
rm -r disk/of
doctor second
jq -e '(.well | not) and (.words | contains("is not there"))' found >/dev/null || fail "doctor of a folder that is not there: $(cat found)"
mkdir -m 755 locked
expect 2 "*--backup: *Permission denied*(--backup)*" second setup --config "$scratch/etc/shared.yaml" --backup "$scratch/locked/copies" --yes

# One runs the station, another looks at it and works with it; whoever is not of the group does neither.
first run --job good.tar.gz --slots tty:/dev/nosuch --json >lines 2>said </dev/null &
run=$!
jobs_running+=("$run")
wait_for lines '"event":"state"'
[ "$(stat -c '%g %a' state/flashline.db.sock)" = "$gid 660" ] || fail "the socket: $(stat -c '%g %a' state/flashline.db.sock)"
second duty --json >out 2>err || fail "the second asks the station: $(cat err)"
second lots open S >out 2>err || fail "the second opens a lot through the station: $(cat err)"
[ "$(cat out)" = 'lot S is open, for any number of boards' ] || fail "opening a lot says: $(cat out)"
(second attach --json >seen 2>err || true) &
wait_for seen '"event":"slot"'
expect 1 "*station* cannot be asked: Permission denied: it is shared by group '$group'*" stranger duty
kill -TERM "$(pgrep -P "$run")" # the function's shell stands between
wait "$run" || true

# The service may change no owner (flashline.service, SystemCallFilter), and needs not: what is made in these folders is the group's.
mkdir -m 755 sandbox
cp "$SOURCE_DIR/tests/support/no_chown.py" sandbox/
boxed() { account 4712 "4712,$gid" 022 python3 sandbox/no_chown.py there/flashline "$@"; }
code=0
boxed --version >out 2>err || code=$?
if [ $code = 77 ]; then
    echo "skipped: no call can be refused on this machine"
else
    tray boxed --db "$scratch/state/flashline.db"
    boxed job release "$scratch/etc/profiles/ours.yaml" >out 2>err || fail "boxed, releases: $(cat err)"
    [ "$(stat -c '%g %a' etc/profiles/ours.yaml)" = "$gid 664" ] || fail "boxed: $(stat -c '%g %a' etc/profiles/ours.yaml)"
fi

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
