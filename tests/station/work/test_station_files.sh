#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# Every verb that writes a file, with every file of the station as its target, under each of its names: all are refused, and
# nothing has changed. First with the database at rest, then beside a running station. Prints the table.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
unset FLASHLINE_PIN

mkdir -p place links stubs plain
make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >job.yaml
printf '%s\n' "database: $scratch/place/live.db" >place/station.yaml
export FLASHLINE_CONFIG=$scratch/place/station.yaml
openssl genpkey -algorithm ed25519 -out key.pem 2>/dev/null || skip "no openssl"
# Four bytes of code: enough to be taken for a stub, and never run.
stub=plain/stub.json
printf '{"entry": 1074521580, "text": "AAAAAA==", "text_start": 1074520064, "data": "AAAAAA==", "data_start": 1073605544}\n' >$stub

FLASHLINE_NEW_PIN=135790 "$FLASHLINE" operator add en1 --role engineer >/dev/null 2>err || fail "enrolling: $(cat err)"
"$FLASHLINE" backup -o plain/b.db >/dev/null 2>err || fail "backup: $(cat err)"
"$FLASHLINE" export --format csv -o plain/x.csv >/dev/null 2>err || fail "export: $(cat err)"
export FLASHLINE_PIN=135790
FLASHLINE_PIN=135790 "$FLASHLINE" db restore plain/b.db --reason 'makes the first .before-restore' >/dev/null 2>err || fail "restore: $(cat err)"
ln -s ../place/live.db links/soft.db
ln -s ../place links/folder
ln place/station.yaml links/hard.yaml

python3 "$SOURCE_DIR/tests/support/build_make.py" build

# Names, also of what is not there: the writer's own folder and name are what counts.
targets=(place/live.db place/live.db-wal place/live.db-shm place/live.db.lock place/live.db.reserve place/live.db.sock
    place/live.db.restoring place/live.db.before-restore-1 place/live.db.before-restore-7 place/live.db.v3
    place/station.yaml ./place/../place/live.db "$scratch/place/live.db" links/folder/live.db links/folder/live.db-wal
    links/soft.db links/hard.yaml links/hard.db)
writers=(csv jsonl sqlite backup replace head archive demo import release stub dump restore)

# One writer, aimed at $1; its database is the live one, or a stranger's own with its own configuration.
write() {
    local how=$1 to=$2
    shift 2
    case $how in
    csv | jsonl | sqlite) "$FLASHLINE" export --format "$how" -o "$to" "$@" ;;
    backup) "$FLASHLINE" backup -o "$to" "$@" ;;
    replace) "$FLASHLINE" backup -o "$to" --replace "$@" ;;
    head) "$FLASHLINE" db head --sign key.pem -o "$to" "$@" ;;
    archive) "$FLASHLINE" db archive --before 2030-01-01 -o "$to" "$@" ;;
    demo) "$FLASHLINE" archive demo "$to" ;;
    import) "$FLASHLINE" job import build -o "$to" ;;
    release) cp -f job.yaml links/job.yaml && ln -f "$to" links/job.yaml 2>/dev/null && "$FLASHLINE" job release ./links/job.yaml "$@" ;;
    stub) ln -sf "$(realpath -m "$to")" stubs/esp32.json && FLASHLINE_STUB_DIR=$scratch/stubs "$FLASHLINE" stub install "$stub" ;;
    dump) rm -rf d && mkdir d && ln "$to" d/slot-1.bin 2>/dev/null && "$FLASHLINE" run --job ./job.yaml --sim 1 --sim-time virtual --headless --sim-dump d ;;
    restore) "$FLASHLINE" db restore plain/b.db --reason r --db "$to" ;;
    esac
}

# What is there, to the byte; a running station's own writing is not looked at.
state() {
    for f in place/* links/*; do
        case $f in *.sock | *-shm | links/job.yaml) continue ;; esac
        [ -n "${running:-}" ] && case $f in *live.db | *-wal | *.lock | *.reserve | links/hard.db | links/soft.db) stat -c '%n %i' "$f" && continue ;; esac
        stat -c '%n %i %a %h' "$f"
        [ -f "$f" ] && sha256sum "$f"
    done
}

cells=0
cross() {
    local title=$1 row how to code
    shift
    for to in "${targets[@]}"; do
        row=
        for how in "${writers[@]}"; do
            case $how in # these write where they are told through a second name, or not at all
            release | dump | stub) [ -e "$to" ] || { row+=" $how:-"; continue; } ;;
            restore) case $to in *live.db | links/soft.db | links/hard.db) row+=" $how:-"; continue ;; esac ;; # its own target; see test_db_restore
            esac
            state >before
            code=0
            write "$how" "$to" "$@" >out 2>err </dev/null || code=$?
            rm -rf d links/job.yaml stubs/esp32.json
            state >after
            row+=" $how:$code"
            cells=$((cells + 1))
            [ "$code" != 0 ] || fail "$title: $how wrote $to: $(cat out)"
            [ "$(wc -l <err)" -le 1 ] || fail "$title: $how on $to said $(cat err)"
            diff before after >diff || { fail "$title: $how on $to (code $code) changed: $(cat diff)"; }
        done
        printf '%-28s%s\n' "${to#"$scratch"/}" "$row"
    done
}

"$FLASHLINE" units >out # a reviewer leaves an empty WAL
ln place/live.db links/hard.db # with a second name no station starts on it: the two writers that open it as one say so
cross 'at rest'
rm links/hard.db
# A stranger's own database and configuration: the lock beside the database is what tells.
mkdir mine
: >mine/empty.yaml
export FLASHLINE_CONFIG=$scratch/mine/empty.yaml
targets=(place/live.db place/live.db-wal place/live.db.reserve place/live.db.before-restore-1 place/live.db.restoring)
writers=(csv jsonl sqlite backup replace head archive demo import)
FLASHLINE_NEW_PIN=135790 "$FLASHLINE" operator add M --role engineer --db mine/m.db >/dev/null 2>err || fail "enrolling M: $(cat err)"
cross "with another's database and configuration" --db mine/m.db

export FLASHLINE_CONFIG=$scratch/place/station.yaml
"$FLASHLINE" run --slots tty:/dev/nosuch --job ./job.yaml --headless >run.out 2>run.err </dev/null &
jobs_running+=($!)
wait_for run.out 'slot 1' || fail "$(cat run.err)"
running=1
targets=(place/live.db place/live.db-wal place/live.db-shm place/live.db.lock place/live.db.sock place/live.db.before-restore-1 place/station.yaml)
writers=(csv jsonl sqlite backup replace head archive demo import stub restore)
cross 'beside a running station'
kill -TERM "${jobs_running[0]}"
wait "${jobs_running[0]}" || true
jobs_running=()
running=
"$FLASHLINE" db check >out 2>err || fail "afterwards: $(cat out err)"
echo "$cells cells"
# What may be written still is, and others cannot read it.
umask 0
for how in csv jsonl sqlite replace head demo; do
    write "$how" "plain/of-$how" >out 2>err || fail "$how: $(cat err)"
    [ "$(stat -c %a "plain/of-$how")" = 600 ] || fail "$how made a file of mode $(stat -c %a "plain/of-$how")"
done
mkdir group
chmod 2770 group
write csv group/x.csv >out 2>err || fail "csv: $(cat err)"
[ "$(stat -c %a group/x.csv)" = 660 ] || fail "in a group's folder: mode $(stat -c %a group/x.csv)"
chmod 644 key.pem
write head plain/loose >out 2>err && fail "a private key that all may read signed"
grep -q 'chmod 600' err || fail "a loose key said: $(cat err)"
finish
