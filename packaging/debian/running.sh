# Whoever holds a station's lock runs this programme and has FILE.lock open; the lock's first line names the station.
running_stations() {
    programme=$(stat -L -c %d:%i /usr/bin/flashline 2>/dev/null) || return 0
    for process in /proc/[0-9]*; do
        [ "$(stat -L -c %d:%i "$process/exe" 2>/dev/null)" = "$programme" ] || continue
        for open in "$process"/fd/*; do
            case $(readlink "$open" 2>/dev/null) in
            *.lock) head -n 1 "$open" 2>/dev/null | grep '^station ' || echo "pid ${process#/proc/}" ;;
            esac
        done
    done | sort -u
}

refuse_while_running() { # refuse_while_running WHAT: one line a station, and the package stays as it is
    running_stations | while read -r station; do
        echo "flashline: not $1: $station runs: let it finish (q or Ctrl-C at its screen, or 'systemctl stop flashline'), then again" >&2
    done
    [ -z "$(running_stations)" ] || exit 1
}
