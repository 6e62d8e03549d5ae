#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# An installed station lacks what its build folder has: a page, a job, a language; or names a script that only the sources have.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

build=$(dirname "$FLASHLINE")
DESTDIR=$scratch/image cmake --install "$build" --prefix /opt/line >out 2>err || fail "DESTDIR: $(cat err)"
DESTDIR='' cmake --install "$build" --prefix "$scratch/there" >out 2>err || fail "another prefix: $(cat err)"
root=$scratch/image/opt/line
diff -r "$root" there >out || fail "DESTDIR and a prefix differ: $(head -n 3 out)"

for file in bin/flashline bin/flashline-sim sbin/flashline-access share/man/man1/flashline.1 share/man/man1/flashline-sim.1 \
    share/man/man5/flashline.yaml.5 share/man/man5/flashline-job.5 share/man/man8/flashline-access.8 \
    share/bash-completion/completions/flashline share/bash-completion/completions/flashline-sim \
    lib/udev/rules.d/60-flashline.rules lib/sysusers.d/flashline.conf lib/tmpfiles.d/flashline.conf \
    share/doc/flashline/README.md share/doc/flashline/operator-guide.md; do
    [ -s "$root/$file" ] || fail "$file is not installed"
done
for unit in "$SOURCE_DIR"/packaging/systemd/*.service; do
    [ ! -e "$unit" ] || [ -s "$root/lib/systemd/system/${unit##*/}" ] || fail "${unit##*/} is not installed"
done

# From where it lies, with nothing of the build or of the sources: jobs, languages, boards.
as() {
    local programme=$1
    shift
    env -i HOME="$scratch" PATH=/usr/bin:/bin TZ=UTC LC_ALL="${language:-C.UTF-8}" FLASHLINE_STATE_DIR="$scratch/none" \
    ASAN_OPTIONS="${ASAN_OPTIONS:-}" "$root/bin/$programme" "$@"
}
jobs=$(as flashline job list --json | jq -r .name | grep -c .) || true
[ "$jobs" = "$(ls "$SOURCE_DIR"/profiles/jobs/*.yaml | wc -l)" ] || fail "finds $jobs jobs"
make_archive good.tar.gz
if [ -e "$build/locale/de/LC_MESSAGES/flashline.mo" ]; then
    cmp -s "$build/locale/de/LC_MESSAGES/flashline.mo" "$root/share/locale/de/LC_MESSAGES/flashline.mo" || fail "the German catalogue"
    # Its screen, on a terminal of its own that nobody types at.
    env -i HOME="$scratch" PATH=/usr/bin:/bin TERM=xterm LC_ALL=de_DE.UTF-8 ASAN_OPTIONS=detect_leaks=0 timeout 20 script -qec \
        "$root/bin/flashline run --job good.tar.gz --sim 1 --sim-chip esp32s2" screen.log </dev/null >/dev/null 2>&1 || true
    grep -aq Hilfe screen.log || fail "the installed programme speaks no German"
else
    skip_row "msgfmt is not installed: languages were not tried"
fi
code=0
as flashline run --job good.tar.gz --sim 1 --sim-chip esp32s2 --headless >out 2>err || code=$?
[ $code = 1 ] && grep -q ' 301 ' out || fail "run --sim 1 of another chip ended with $code: $(cat out err)"
[ "$(as flashline-sim --version)" = "$(as flashline --version | sed 's/flashline/&-sim/')" ] || fail "flashline-sim: $(as flashline-sim --version)"

# What is installed names installed commands. (The CHANGELOG tells of the sources as well; a page's comments are not shown.)
strings -a "$root/bin/flashline" "$root/bin/flashline-sim" | grep -E '(^|[^a-z/_.])script/[a-z]' >out && fail "a text of the programme: $(head -n 3 out)"
grep -rnE 'script/[a-z]|packaging/' "$root/share/doc" "$root/share/man" "$root/share/bash-completion" "$root/sbin" |
    grep -vE 'CHANGELOG.md:|:\.\\"|flashline-access:[0-9]*:# ' >out && fail "a page: $(head -n 3 out)"
grep -rnE 'script/[a-z]' "$SOURCE_DIR"/po/*.po "$SOURCE_DIR/base/failure_codes.h" >out && fail "a remedy: $(head -n 3 out)"

# Every page that a page links to is there.
for page in "$root"/share/doc/flashline/*.md; do
    [ "${page##*/}" != CHANGELOG.md ] || continue
    { grep -oE '\]\([^)#:]+' "$page" || true; } | cut -c3- | while read -r link; do
        [ -e "$root/share/doc/flashline/$link" ] || echo "${page##*/} links to $link"
    done
done >out
[ ! -s out ] || fail "pages that are not installed: $(cat out)"
finish
