#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The station listens on no network: nothing of sim/serve/ is linked into it, and the one object in it that listens is the
# local socket of station/work/control.c.
set -euo pipefail
top=${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD_DIR:-$top/build/dev}
cd "$build"
command -v nm >/dev/null || { echo "nm is not installed"; exit 77; }
bad=0

defined() { nm --defined-only "$@" 2>/dev/null | awk 'NF == 3 && $2 ~ /^[TDBR]$/ { print $3 }' | grep -vE '^(__|_sub_)' | sort -u; }

serving=$(find sim/serve -name '*.a' | sort)
[ "$(printf '%s\n' "$serving" | grep -c .)" -ge 1 ] || { echo "sim/serve has no library"; exit 1; }
# shellcheck disable=SC2086
shared() { comm -12 <(defined $serving) <(defined "$1"); }

[ -n "$(defined ./flashline | grep -x main)" ] || { echo "flashline has no symbols to look at"; exit 77; }
[ "$(shared ./flashline-sim | grep -c .)" -ge 20 ] || { echo "flashline-sim has nothing of sim/serve: what is looked at here?"; bad=1; }
found=$(shared ./flashline)
[ -z "$found" ] || { echo "flashline has parts of sim/serve:" $found; bad=1; }

listens='bind|listen|accept|accept4'
names='getaddrinfo|gethostbyname|inet_pton|inet_aton|inet_addr'
mapfile -t libraries < <(find base profiles engine db sim/board station -name '*.a')
found=$(nm -A "${libraries[@]}" 2>/dev/null | grep -E " U ($listens|$names)$" || true)
[ "$(printf '%s\n' "$found" | grep -c ':control\.c\.o:')" -ge 3 ] || { echo "control.c does not listen? what is looked at here?"; bad=1; }
found=$(printf '%s\n' "$found" | grep -v ':control\.c\.o:' || true)
[ -z "$found" ] || { printf 'listens, or looks for a network:\n%s\n' "$found"; bad=1; }

found=$(cd "$top" && grep -rlE '\b(AF_INET6?|PF_INET6?|sockaddr_in6?)\b' base profiles engine db sim/board station || true)
[ -z "$found" ] || { echo "knows network addresses:" $found; bad=1; }
[ $bad = 0 ] && echo "listener: the station listens on its local socket alone"
exit $bad
