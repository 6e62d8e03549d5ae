#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The verbs job, archive and stub with files, as an engineer uses them: output, one line on stderr for each refusal, exit codes.
set -uo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export HOME=$work XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state
unset FLASHLINE_CONFIG FLASHLINE_PIN
bad=0

# expect CODE TEXT ARGS...: exit code, and TEXT somewhere in stdout or stderr; a refusal is exactly one line.
expect() {
    local code=$1 text=$2 got
    shift 2
    "$FLASHLINE" "$@" >out 2>err
    got=$?
    if [ $got != "$code" ] || ! grep -qF -- "$text" out err; then
        echo "flashline $*: code $got, wanted $code with: $text"
        cat out err
        bad=1
    elif [ "$code" != 0 ] && [ "$(wc -l <err)" != 1 ]; then
        echo "flashline $*: stderr is not one line:"
        cat err
        bad=1
    fi
}

expect 0 'for virtual boards' archive demo demo.tar.gz
cp demo.tar.gz again.tar.gz
expect 0 'version 0.0.1-demo' archive demo again.tar.gz
cmp -s demo.tar.gz again.tar.gz || { echo "the demo archive is not the same every time"; bad=1; }
expect 0 'no faults' archive lint demo.tar.gz
printf 'board: Demo\nchip: esp32\nflash_size: [4MB, 8MB]\nfirmware:\n  archive: demo.tar.gz\n' >j.yaml
expect 0 'boards with 8 MB: script_8MB' job check j.yaml
expect 0 '0x1ff000' job check j.yaml
expect 0 '"name":"script_4MB"' job check --json j.yaml
mkdir -p config/flashline/profiles
sed 's/archive:.*/archive: ..\/..\/..\/demo.tar.gz/' j.yaml >config/flashline/profiles/line3.yaml
expect 0 'line3' job list
expect 0 'script_4MB' job check line3
expect 0 'is released' job release line3
expect 0 'released' job list
expect 0 'line3.yaml), released' job check line3

# Once an engineer is enrolled, releasing takes the PIN; a refusal leaves the job as it was.
FLASHLINE_NEW_PIN=471108 "$FLASHLINE" operator add --role engineer ada || bad=1
sha=$(sha256sum <config/flashline/profiles/line3.yaml)
FLASHLINE_PIN=0000 expect 1 'PIN' job release line3
[ "$(sha256sum <config/flashline/profiles/line3.yaml)" = "$sha" ] || { echo "a refused release changed the job"; bad=1; }
FLASHLINE_PIN=471108 expect 0 'is released' job release line3

# A tampered archive no longer passes for the released one.
mkdir taken && tar xzf demo.tar.gz -C taken && printf x >>taken/demo.bin
tar czf demo.tar.gz -C taken .
expect 4 'was released with' job check line3
expect 0 'no faults' archive lint demo.tar.gz

# Every bad input that concerns files: what, where, and the documented code.
printf x >taken/partitions_4MB.bin && tar czf bad.tar.gz -C taken .
expect 4 'partitions_4MB.bin at 0x8000' archive lint bad.tar.gz
head -c 3000 demo.tar.gz >cut.tar.gz
expect 4 'cut.tar.gz: is cut off after 3000 bytes' archive lint cut.tar.gz
: >empty.tar.gz
expect 4 'empty.tar.gz: is empty' archive lint empty.tar.gz
echo text >text.tar.gz
expect 4 'j.yaml:5: text.tar.gz: is a text, not' job check j.yaml --firmware text.tar.gz
head -c 80000000 /dev/zero | gzip >bomb.tar.gz
expect 4 'bomb.tar.gz: expands to more than 64 MiB' archive lint bomb.tar.gz
tar czf tricks.tar.gz -P --transform 's,^,../,' taken/demo.bin
expect 4 'leads out of the archive' archive lint tricks.tar.gz
ln -s /etc/passwd taken/link && tar czf link.tar.gz -C taken .
expect 4 "'link' is a link" archive lint link.tar.gz
expect 4 'nowhere.tar.gz: cannot be read' archive lint nowhere.tar.gz
expect 4 'is a folder without flasher_args.json' job check j.yaml --firmware .
printf '\177ELF\1\1\1' >app.elf
printf '<!doctype html>\n<html>' >page.html
expect 4 'app.elf: is an ELF file, not a helper program' stub install app.elf
expect 4 'page.html: is a web page (HTML), not a helper program' stub install page.html
expect 4 'app.elf: is an ELF file, not a firmware archive' job check ./app.elf
cp app.elf elf.yaml
expect 4 'elf.yaml: is an ELF file, not a job file' job check elf.yaml
expect 4 'page.html: is a web page (HTML), not a job file' job release ./page.html
expect 4 'demo.tar.gz: is a gzip-compressed file, not a job file' job release ./demo.tar.gz
expect 0 'boards with 8 MB: script_8MB' job check ./demo.tar.gz
printf 'board: Demo\nchip: esp32\nbuad: 1\n' >bad.yaml
expect 4 'bad.yaml:3: buad: unknown key' job check bad.yaml
: >empty.yaml
expect 4 'empty.yaml: is empty' job check empty.yaml
expect 4 'missing.yaml: cannot be read' job check missing.yaml
expect 4 "there is no job 'nope'" job check nope
expect 2 "say 'list'" job
expect 2 "say 'list'" job check
expect 2 "say 'lint A'" archive polish demo.tar.gz
expect 2 '--frimware' job check j.yaml --frimware x
expect 3 'could not be written' archive demo /nowhere/demo.tar.gz
mkfifo pipe
expect 3 'could not be written' archive demo pipe
[ -p pipe ] || { echo "a pipe was replaced by a file"; bad=1; }
[ $bad = 0 ] && echo "job and archive: all as documented"
exit $bad
