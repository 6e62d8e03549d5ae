#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# An engineer at an installed station, which has no sources, would be sent to a script that is not there; and what he is sent
# to must let an account in.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

# As installed: the programme in bin, and what comes with it for access.
chmod a+rx "$scratch"
mkdir -p there/bin
cp "$FLASHLINE" there/bin/flashline
chmod a+rx there there/bin there/bin/flashline
cmake --install "$(dirname "$FLASHLINE")" --prefix "$scratch/there" --component access >out 2>err || fail "cmake --install: $(cat out err)"
command=$scratch/there/sbin/flashline-access
[ -x "$command" ] || fail "$command is not installed"

# Whoever may not use a port is told the line that helps, with the path that is true here.
printf '' >closed
chmod 000 closed
mkdir -m 755 config/ config/flashline
printf 'slots:\n  - number: 1\n    port: tty:%s\n' "$scratch/closed" >config/flashline/station.yaml
as=()
if [ "$(id -u)" = 0 ]; then
    command -v setpriv >/dev/null || skip "setpriv is not installed (package util-linux)"
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
doctor() { local code=0; ASAN_OPTIONS=detect_leaks=0 "${as[@]}" there/bin/flashline doctor >said 2>err || code=$?; [ $code = 3 ] || fail "doctor ended with $code: $(cat said err)"; }
doctor
grep -qF "Run 'sudo $command', then log in again." said || fail "doctor does not name the line: $(cat said err)"
if "${as[@]}" "$command" >out 2>err; then fail "without root: $(cat out)"; fi
grep -qF "needs root. Run: sudo $command " err || fail "without root it says: $(cat err)"
rm -r there/sbin
doctor
grep -qF "Run 'sudo flashline-access', then log in again." said || fail "doctor without the command: $(cat said err)"

# It lets an account in: in a world of its own, with accounts and folders that are nobody's.
world() {
    set -euo pipefail
    mkdir -p etc
    cp -a /etc/passwd /etc/group /etc/nsswitch.conf etc/
    cp -a /etc/login.defs /etc/default etc/ 2>/dev/null || true
    : >etc/shadow
    : >etc/gshadow
    sed -i '/^flashline:/d' etc/passwd etc/group
    echo 'op1:x:4711:4711::/nonexistent:/bin/sh' >>etc/passwd
    echo 'op1:x:4711:' >>etc/group
    mount --bind etc /etc
    mount -t tmpfs t /var/lib
    mount -t tmpfs t /run
    set -- "$SOURCE_DIR/packaging/sbin/flashline-access"
    "$1" op1 >first 2>err || { cat first err; exit 1; }
    id -nG op1 | tr ' ' '\n' | grep -qx flashline || { echo "op1 is in $(id -nG op1)"; exit 1; }
    for folder in /var/lib/flashline /var/lib/flashline/stubs; do
        [ "$(stat -c '%G %a' "$folder")" = 'flashline 2770' ] || { stat -c '%n %G %a' "$folder"; exit 1; }
    done
    [ "$(stat -c '%G %a' /etc/flashline)" = 'flashline 2775' ] || { stat -c '%n %G %a' /etc/flashline; exit 1; }
    cmp /etc/udev/rules.d/60-flashline.rules "$SOURCE_DIR/packaging/lib/udev/rules.d/60-flashline.rules"
    cmp /etc/udev/rules.d/95-flashline-brltty.rules "$SOURCE_DIR/packaging/lib/udev/rules.d/95-flashline-brltty.rules"
    # In a session that began before it, and as one who was not let in: a station set up here would be one's own, and that is said.
    mkdir -m 777 homes
    for who in 4711 65533; do
        ASAN_OPTIONS=detect_leaks=0 setpriv --reuid=$who --regid=$who --clear-groups env -u FLASHLINE_CONFIG -u FLASHLINE_STATE_DIR -u XDG_CONFIG_HOME \
            -u XDG_STATE_HOME HOME="$PWD/homes/$who" there/bin/flashline setup --yes >out 2>said.$who </dev/null || { cat out said.$who; exit 1; }
        [ -e "homes/$who/.config/flashline/station.yaml" ] || { echo "no station of $who's own"; exit 1; }
    done
    grep -q "would be yours alone.*account 'op1' is a member, but not in this session: log out and in again" said.4711 || { cat said.4711; exit 1; }
    grep -q "would be yours alone.*account 65533 is no member: 'sudo flashline-access ACCOUNT'" said.65533 || { cat said.65533; exit 1; }
    setpriv --reuid=4711 --regid=4711 --groups="$(getent group flashline | cut -d: -f3)" env -u FLASHLINE_CONFIG -u FLASHLINE_STATE_DIR HOME="$PWD/homes/4711" \
        XDG_CONFIG_HOME="$PWD/homes/none" ASAN_OPTIONS=detect_leaks=0 there/bin/flashline setup --yes >out 2>said.in </dev/null || { cat out said.in; exit 1; }
    [ ! -s said.in ] && [ "$(stat -c '%G %a' /etc/flashline/station.yaml)" = 'flashline 664' ] || { cat out said.in; exit 1; }
    grep -q '^database: "/var/lib/flashline/flashline.db"' /etc/flashline/station.yaml || { cat /etc/flashline/station.yaml; exit 1; }
    cp -a etc/group group.before
    "$1" op1 >second 2>&1 || { cat second; exit 1; }
    grep -q 'op1 is in group flashline' second || { cat second; exit 1; }
    cmp etc/group group.before
    if "$1" op2 >third 2>&1; then echo "takes an account that is none"; exit 1; fi
    grep -q "there is no account 'op2'" third || { cat third; exit 1; }
}
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
    export -f world
    unshare -m bash -c world >said 2>&1 || fail "letting an account in: $(cat said)"
else
    skip_row "only root can be in a world of its own: letting an account in was not tried"
fi
finish
