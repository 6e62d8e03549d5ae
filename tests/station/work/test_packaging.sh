#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# What a package does around a station: nothing is replaced or removed under one that runs, and a purge keeps records unless it
# is told otherwise. The package's own scripts, with this programme and this folder in the places of the installed ones.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

there=$scratch/there
mkdir -p "$there"
installed=$there/flashline # a file of its own: stations of other tests run at the same time
cp "$FLASHLINE" "$installed"
for script in preinst prerm postrm; do
    sed -e "/^#RUNNING#$/{
        r $SOURCE_DIR/packaging/debian/running.sh
        d
        }" "$SOURCE_DIR/packaging/debian/flashline.$script" | sed -e "s#/usr/bin/flashline#$installed#g" -e "s#/var/lib/flashline#$there/state#g" \
        -e "s#/etc/flashline#$there/etc#g" -e "s#/usr/lib/systemd#$there/systemd#g" -e "s#/run/systemd#$there/run#g" >"$there/$script"
done
package() { sh "$there/$1" "${@:2}"; }

make_archive good.tar.gz sound 1500 # a write of minutes at that rate, which the second signal cuts off
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' 'baud: 115200' 'stub: no' >slow.yaml
package preinst upgrade 0.1.0 >out 2>err && [ ! -s err ] || fail "no station runs, and it says: $(cat out err)"
package prerm remove >out 2>err && [ ! -s err ] || fail "no station runs, and it says: $(cat out err)"

"$installed" run --job slow.yaml --sim 1 --json --db "$scratch/live.db" >run.json 2>run.err &
pid=$!
jobs_running+=("$pid")
wait_for run.json '"stage":"write"'
named="flashline: not upgraded: station '*', pid $pid on * runs: let it finish (q or Ctrl-C at its screen, or 'systemctl stop flashline'), then again"
expect 1 "$named" package preinst upgrade 0.1.0
expect 1 "${named/upgraded/removed}" package prerm remove
package preinst install >out 2>err || fail "a first installation looks for stations: $(cat err)"
package prerm upgrade 0.2.0 >out 2>err || fail "the old package's own script says: $(cat err)"
# All packages are upgraded, or none: what comes with a flashline that is refused is not unpacked either, in whatever order.
if command -v dpkg-deb >/dev/null && [ "$(id -u)" = 0 ]; then
    mkdir -p dpkg/var/lib/dpkg/info dpkg/var/lib/dpkg/updates
    : >dpkg/var/lib/dpkg/status
    asks=" flashline $(sed -n 's/.*for package in \(.*\); do cp debian.flashline.preinst .*/\1/p' "$SOURCE_DIR/packaging/debian/rules") "
    deb() { # deb PACKAGE VERSION: a package with nothing but the script that its rules give it
        mkdir -p "deb/$1-$2/DEBIAN"
        printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: x <x@x.example>\nDescription: x\n' "$1" "$2" >"deb/$1-$2/DEBIAN/control"
        [[ $asks != *" $1 "* ]] || install -m 755 "$there/preinst" "deb/$1-$2/DEBIAN/preinst"
        dpkg-deb -b "deb/$1-$2" "$1-$2.deb" >/dev/null
    }
    dpkg_there() { dpkg --root="$scratch/dpkg" --log=/dev/null --force-script-chrootless "$@"; }
    for name in flashline flashline-sim flashline-doc; do
        deb $name 1
        deb $name 2
        dpkg_there -i $name-1.deb >out 2>&1 || fail "$name: $(cat out)"
    done
    for order in 'flashline flashline-sim flashline-doc' 'flashline-doc flashline-sim flashline'; do
        files=()
        for name in $order; do files+=("$name-2.deb"); done
        dpkg_there --unpack "${files[@]}" >out 2>&1 && fail "an upgrade beside a station that runs: $(cat out)"
        [ "$(dpkg-query --admindir=dpkg/var/lib/dpkg -W -f '${Package} ${Version} ${db:Status-Status}\n' | grep -c ' 1 installed$')" = 3 ] ||
            fail "$order: $(dpkg-query --admindir=dpkg/var/lib/dpkg -W -f '${Package} ${Version} ${db:Status-Status}\n')"
    done
else
    skip_row "dpkg is not here, or this is not root: packages were not put together"
fi

kill -TERM "$pid"
wait_for run.json '"event":"drain"'
kill -TERM "$pid"
wait "$pid" || true
package preinst upgrade 0.1.0 >out 2>err && [ ! -s err ] || fail "it has ended, and still: $(cat err)"

mkdir -p "$there/state/stubs" "$there/etc"
echo records >"$there/state/flashline.db"
package postrm purge >out 2>err || fail "purge: $(cat err)"
[ -s "$there/state/flashline.db" ] || fail "a purge deleted the records"
grep -q "kept $there/state with the station's records.*rm -r $there/state (or purge with FLASHLINE_PURGE_DATA=yes)" out || fail "purge says: $(cat out)"
[ ! -e "$there/etc" ] || fail "an empty folder stays"
FLASHLINE_PURGE_DATA=yes package postrm purge >out 2>err || fail "purge of all: $(cat err)"
[ ! -e "$there/state" ] && [ ! -s out ] || fail "purge of all: $(ls "$there/state") $(cat out)"
finish
