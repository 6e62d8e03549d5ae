#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes docs/tray.png: a real run of 16 virtual boards, some of them bad, on a terminal of 120x40, drawn as a picture in
# the moment when the good ones have passed and the slow ones are still being written.
# Needs a built programme ($FLASHLINE or build/release/flashline), tmux, python3-pil and fonts-dejavu-core.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
flashline=${FLASHLINE:-$top/build/release/flashline}
columns=120 rows=40
work=$(mktemp -d)
screen() { TMUX_TMPDIR=$work tmux -L screenshot -f /dev/null "$@"; }
trap 'screen kill-server 2>/dev/null || true; rm -rf "$work"' EXIT
unset TMUX NO_COLOR LANGUAGE FLASHLINE_CONFIG

archive=$(find "$top/../shared/firmware" -name 'WiPy-1.18*.tar.gz' 2>/dev/null | head -n 1 || true)
if [ -z "$archive" ]; then
    archive=$work/wipy.tar.gz
    "$flashline" archive demo "$archive"
fi
printf 'station: line-3\n' >"$work/station.yaml"

personalities=3=bad-flash,4=baud-limit,6=slow,8=flips-bits,9=blank-mac,10=slow,12=unplugs,14=slow,15=slow
screen -u new-session -d -x $columns -y $rows "
    LC_ALL=C.UTF-8 TZ=UTC TERM=tmux-256color '$flashline' run --config '$work/station.yaml' --db '$work/tray.db' \
        --job '$top/profiles/jobs/wipy.yaml' --firmware '$archive' --sim 16 --sim-personality $personalities \
        --lot L-2026-47 --operator op-7 2>'$work/stderr'
    echo \$? >'$work/status'"

# The first moment that has PASS, a failure and a running board at once; a board takes half a minute.
passed() { screen capture-pane -p 2>/dev/null | sed -n 's/^ PASS \([0-9]*\) .*busy \([0-9]*\) .*/\1 \2/p'; }
while [ ! -e "$work/status" ]; do
    read -r good busy _ <<<"$(passed || true) 0 0"
    if [ "${good:-0}" -ge 7 ] && [ "${busy:-0}" -ge 3 ] && screen capture-pane -p | grep -q '✖'; then
        screen capture-pane -p -e -N >"$work/capture"
        break
    fi
    sleep 0.2
done
if [ ! -s "$work/capture" ]; then
    echo "make-screenshot: the moment never came" >&2
    cat "$work/stderr" >&2
    exit 1
fi
python3=$(command -v /usr/bin/python3 || command -v python3)
"$python3" "$top/docs/terminal-png.py" $columns $rows "$top/docs/tray.png" <"$work/capture"
echo "docs/tray.png: $(stat -c %s "$top/docs/tray.png") bytes"
