#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# An engineer at an installed station, which has no sources, would be sent to a script that is not there.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

# As installed: the programme in bin, and what its build installs beside the profiles.
chmod a+rx "$scratch"
mkdir -p there/bin
cp "$FLASHLINE" there/bin/flashline
chmod a+rx there there/bin there/bin/flashline
cmake --install "$(dirname "$FLASHLINE")" --prefix "$scratch/there" --component udev >out 2>err || fail "cmake --install: $(cat out err)"
script=$scratch/there/share/flashline/install-udev
[ -x "$script" ] || fail "$script is not installed"
DESTDIR=$scratch/image "$script" >out 2>err || fail "install-udev: $(cat out err)"
cmp -s image/etc/udev/rules.d/60-flashline.rules "$SOURCE_DIR/udev/60-flashline.rules" || fail "the rules are others: $(cat out err)"
DESTDIR=$scratch/second "$SOURCE_DIR/script/install-udev" >out 2>err && cmp -s second/etc/udev/rules.d/60-flashline.rules \
    "$SOURCE_DIR/udev/60-flashline.rules" || fail "script/install-udev of the sources: $(cat out err)"

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
grep -qF "Run 'sudo $script', then log in again." said || fail "doctor does not name the line: $(cat said err)"
if "${as[@]}" "$script" >out 2>err; then fail "without root: $(cat out)"; fi
grep -qF "needs root. Run: sudo $script " err || fail "without root it says: $(cat err)"
rm -r there/share
doctor
grep -qF "Run 'sudo ./install-udev' beside the rules of Flashline's sources (60-flashline.rules), then log in again." said ||
    fail "doctor without the script: $(cat said err)"

# No text that an installed station shows, no remedy and no manual page, names what only the sources have.
if grep -aq 'script/bootstrap udev' "$FLASHLINE"; then fail "the programme names script/bootstrap udev"; fi
if grep -n 'script/bootstrap udev' "$SOURCE_DIR"/docs/failures.md "$SOURCE_DIR"/docs/slots.md "$SOURCE_DIR"/docs/man/* "$SOURCE_DIR"/po/*.po; then
    fail "a page names script/bootstrap udev"
fi
finish
