#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# What the shell offers at each place: verbs, words, options and values as the programme's tables say, names as its files do.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
# shellcheck source=/dev/null
. "$SOURCE_DIR/station/cli/flashline.bash-completion"
flashline=$FLASHLINE
PATH=$(dirname "$flashline"):$PATH

# words WORD...: the line as bash cuts it, the cursor behind the last; what is offered, sorted, between blanks.
words() {
    COMP_WORDS=(flashline "$@")
    COMP_CWORD=$#
    COMPREPLY=()
    _flashline
    printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort | paste -sd ' '
}
# offers WANTED WORD...: exactly these.
offers() {
    local wanted=$1 got
    shift
    got=$(words "$@" 2>err)
    [ "$got" = "$wanted" ] || fail "'$*' offers '$got', not '$wanted'"
    [ ! -s err ] || fail "'$*' says: $(cat err)"
}
# has WANTED WORD...: this among others.
has() {
    local wanted=$1
    shift
    [[ " $(words "$@") " == *" $wanted "* ]] || fail "'$*' does not offer $wanted: $(words "$@")"
}

mkdir -p config/flashline/profiles state folder
cp "$SOURCE_DIR/profiles/jobs/wipy.yaml" config/flashline/profiles/board-7.yaml
cat >config/flashline/station.yaml <<'END'
station: line-1
slots:
  - {number: 1, port: "tty:/dev/ttyX1", label: left}
  - {number: 12, port: "tty:/dev/ttyX2", label: left rear}
END
touch job.yaml "two words.tar.gz"

# Nothing there yet: silence.
offers '' run --lot ''
offers '' run --operator=''
for lot in L-7 'L 8' 'L:9' 'M$(touch folder/ran)'; do
    "$flashline" lots open "$lot" >/dev/null 2>&1 || fail "no lot $lot"
done
"$flashline" operator add lena >/dev/null
"$flashline" pool import eui --range 70B3D54990000000..70B3D54990000007 --kind eui64 >/dev/null
"$flashline" pool import keys --range 70B3D54990000008..70B3D5499000000F --kind eui64 >/dev/null
"$flashline" lots open OTHER --db other.db >/dev/null 2>&1
"$flashline" lots open PRACTICE --training >/dev/null 2>&1

# Verbs: those of the help and no hidden one.
"$flashline" --help | sed -n 's/^  \([a-z]*\)  *.*/\1/p' >verbs
offers "$(printf '%s\n' $(cat verbs) --help --version | LC_ALL=C sort | paste -sd ' ')" ''
offers 'unit units unlock' un
offers '' complete

# Words of a verb, their operands, options of each verb with --help's list as the witness.
offers 'blink forget label learn list' slots ''
offers 'label learn list' slots l
offers 'personalities replay' sim ''
offers 'archive audit' db a
while read -r verb; do
    "$flashline" "$verb" --help | sed -n 's/^  \(--[a-z-]*\).*/\1/p' | LC_ALL=C sort | paste -sd ' ' >listed
    offers "$(cat listed)" "$verb" --
done <verbs
offers '--attempt' sim replay --a
offers '--job' run --jo

# Values, behind a blank and behind =, which bash cuts off.
offers 'classic none tight' run --reset ''
offers 'classic' run --reset c
offers 'classic none tight' run --reset =
offers 'tight' run --reset = t
offers '' run --reset=classic x
offers 'csv jsonl sqlite' export --format ''
offers 'rom stub unproven' units --loader ''
offers 'ABORTED' units --result A
offers 'PASS' units --json --result = P
has 601 units --code ''
offers '601' explain 601
has FAIL_MD5_MISMATCH explain FAIL_M
has board-7 run --job ''
offers 'board-7' lots open A --job board
has ./job.yaml run --job ./job

# Names with blanks, marks and colons arrive as one word; none is ever run.
offers '1 12 left left\ rear' unlock --slot ''
offers '1 12 left left\ rear' slots forget ''
offers 'left left\ rear' slots label le
offers '' slots label left ''
offers '' slots learn --slot ''
offers '1,1 1,12 1,left 1\,left\ rear' run --slots 1,
offers '1,left 1\,left\ rear' run --slots 1,le
offers 'L-7 L:9 L\ 8 M\$\(touch\ folder/ran\)' run --lot ''
offers 'L\ 8' run --lot 'L\ '
offers '9' run --lot L :
offers 'L-7' lots extend L-
offers 'lena' run --operator l
offers 'eui keys' pool show ''
offers 'keys' pool lend k
offers 'IN865' flash --region I
offers '' flash --region KR
offers 'AU915' run --region = AU
offers 'lena' operator disable ''
[ ! -e folder/ran ] || fail "a lot's name was run"

# Another database, another configuration, practice.
offers 'OTHER' run --db other.db --lot ''
offers 'OTHER' run --db = other.db --lot ''
offers 'PRACTICE' lots --training close ''
printf 'slots:\n  - {number: 5, port: "tty:/dev/ttyX5"}\n' >five.yaml
offers '5' run --config five.yaml --slots ''
echo 'slots: [' >broken.yaml
offers '' run --config broken.yaml --slots ''
offers '' run --db five.yaml --lot ''

# Files and folders.
offers 'five.yaml folder' run --config f
offers 'folder' run --sim-dump f
offers 'two words.tar.gz' run --firmware tw
offers 'two words.tar.gz' archive lint tw
offers 'two words.tar.gz' backup -o tw
offers 'wrong-chip' run --sim-personality wrong-c
offers 'wrong-chip' run --sim-personality 1 = wrong-c
offers 'esp32,esp32c61' run --sim-chip esp32,esp32c61
finish
