# SPDX-License-Identifier: Apache-2.0
# Prints "file:line: why" for every include and every call that the house rules forbid. Input: C files named by
# their path from the top of the tree. The rules are told in docs/architecture.md.

BEGIN {
    allow["base"]     = " base "
    allow["profiles"] = " base profiles "
    allow["engine"]   = " base profiles engine "
    allow["db"]       = " base db "
    allow["sim"]      = " base sim "
    allow["station"]  = " base profiles engine db sim station "
    allow["tests"]    = " base profiles engine db sim station bench tests "
    allow["bench"]    = " base profiles engine db sim station bench tests "
    rooms = " base profiles engine db sim station bench tests "

    # Rooms within rooms: who may include whom of the same room.
    allow["db/open"]   = " db/open "
    allow["db/desk"]   = " db/open db/desk "
    allow["db/record"] = " db/open db/desk db/record "
    allow["db/read"]   = " db/open db/read "
    allow["db/care"]   = " db/open db/desk db/record db/care "
    allow["profiles/text"]     = " profiles/text "
    allow["profiles/firmware"] = " profiles/text profiles/firmware "
    allow["profiles/pycom"]    = " profiles/text profiles/pycom "
    allow["profiles/plan"]     = " profiles/text profiles/firmware profiles/plan "
    allow["profiles/unit"]     = " profiles/text profiles/firmware profiles/plan profiles/unit "
    allow["profiles/job"]      = " profiles/text profiles/firmware profiles/pycom profiles/plan profiles/unit profiles/job "
    allow["engine/port"]      = " engine/port "
    allow["engine/port/ftdi"] = " engine/port engine/port/ftdi "
    allow["engine/chip"]      = " engine/port engine/chip "
    allow["engine/board"]     = " engine/port engine/chip engine/board "
    allow["engine/attempt"]   = " engine/port engine/chip engine/board engine/attempt "
    allow["engine/slot"]      = " engine/port engine/chip engine/board engine/attempt engine/slot "
    allow["station/print"]       = " station/print "
    allow["station/config"]      = " station/config "
    allow["station/work"]        = " station/print station/config station/work "
    allow["station/screen"]      = " station/print station/screen station/screen/view "
    allow["station/screen/view"] = " station/print station/screen station/screen/view "
    allow["station/run"]         = " station/print station/config station/work station/screen station/run "
    allow["station/cli"]         = " station/print station/config station/work station/run station/cli "
    allow["sim/board"]         = " sim/board "
    allow["sim/serve"]         = " sim/board sim/serve "
    allow["sim/serve/pty"]     = " sim/board sim/serve sim/serve/pty "
    allow["sim/serve/rfc2217"] = " sim/board sim/serve sim/serve/rfc2217 "
    allow["sim/serve/ftdi"]    = " sim/board sim/serve/ftdi "
    allow["sim/serve/usbip"]   = " sim/board sim/serve/ftdi sim/serve/usbip "
    allow["sim/programme"]     = " sim/board sim/serve/pty sim/serve/rfc2217 sim/serve/usbip sim/programme "
    divided = " db engine profiles sim station "

    # flashline-sim is a programme: it prints, and shares the station's options, ends and signals.
    shared = "^station/(cli/options|print/(cmd_fail|process|signals))\\.h$"

    # As words: "gpy" is a board, "copy" is not; "refuse" is no eFuse.
    maker = "pycom|lopy|wipy|fipy|sipy|(^|[^a-z0-9])(gpy|g23)([^a-z0-9]|$)|0x0*3ff000([^0-9a-f]|$)" \
            "|config_sector|(writes|backup|has)_config"
    chip = "esp(32|8266)|espressif|(^|[^r])efuse|gpio *[0-9]|flash_crypt|abs_done|image_magic" \
           "|0x(3ff|400)[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]|(^|[^0-9a-z_])0x(0*1000|0*e9|0*00f01d83)u?l*([^0-9a-z_]|$)"
    # How many lines of a file may match nevertheless, and why.
    chip_exceptions["engine/port/ftdi/usb_chip.c"] = 1 # 0x1000 is a release of the USB chip, among six others
    # Code, not comments or texts, and as a part of any name: "lot_code" is a lot, "slot" is not. A serial is the adapter's
    # own below engine/port/ and where it is called so.
    desk = "(^|[^a-z0-9])(lots?|operators?|serials?)([^a-z0-9]|$)"
    adapters = "(adapter|transport)_serial"
}

function folder(path) { sub(/\/[^\/]*$/, "", path); return path }

function complain(why) { printf "%s:%d: %s\n", FILENAME, FNR, why }

# What looks at rooms from inside: tests, and the programmes that measure them.
FNR == 1 { split(FILENAME, part, "/"); room = part[1]; in_comment = 0; looks_in = room == "tests" || FILENAME ~ /^bench\/programme\// }

/^[ \t]*#[ \t]*include[ \t]*["<]/ {
    name = $0
    sub(/^[^"<]*["<]/, "", name)
    sub(/[">].*$/, "", name)
    quoted = ($0 ~ /include[ \t]*"/)
    split(name, piece, "/")
    other = index(name, "/") && index(rooms, " " piece[1] " ") ? piece[1] : ""
    if (quoted && other == "" && room != "tests")
        complain("\"" name "\" names no room: write \"room/file.h\"")
    if (other != "" && !index(allow[room], " " other " ") && !(room == "sim" && name == "engine/port/transport_driver.h") &&
        !(folder(FILENAME) == "sim/programme" && name ~ shared))
        complain(room "/ may not include " name)
    if (folder(FILENAME) == "bench/model" && other != "" && name !~ /^(bench\/model\/[a-z_]+|sim\/board\/sim_physics)\.h$/)
        complain("the floor is a witness: it shares sim/board/sim_physics.h and nothing else, not " name)
    if (other == room && index(divided, " " room " ") && !index(allow[folder(FILENAME)], " " folder(name) " "))
        complain(folder(FILENAME) "/ may not include " name)
    if (room != "sim" && !looks_in && name ~ /^sim\/(serve|programme)\//)
        complain(room "/ may not include " name ": the station listens on no network")
    if (FILENAME ~ /^station\/screen\// && other ~ /^(db|profiles|sim)$/)
        complain("the screen asks its desk: it may not include " name)
    if (name ~ /_inside\.h$/ && other != room && !looks_in)
        complain(name " belongs to " other "/ alone")
    if (name ~ /_private\.h$/ && folder(name) != folder(FILENAME) && !looks_in)
        complain(name " belongs to " folder(name) "/ alone")
    if (name ~ /(^|\/)n?curses(w|es)?\.h$/ && room != "station" && !looks_in)
        complain(name " belongs to station/ alone")
    if (name ~ /(^|\/)sqlite3(ext)?\.h$/ && room != "db" && !looks_in)
        complain(name " belongs to db/ alone")
    if (name ~ /(^|\/)(ftdi|libusb)\.h$/ && !looks_in && folder(FILENAME) != "engine/port/ftdi")
        complain(name " belongs to engine/port/ftdi/ alone")
    next
}

# What a maker's boards keep where is the plan's: the engine has it as data.
room == "engine" {
    text = tolower($0)
    if (text ~ maker || $0 ~ /(^|[^A-Za-z0-9_])(CONFIG|BOOT)_SECTOR/)
        complain("engine/ knows no maker's board: the plan says where such a board keeps what")
    # And what one chip calls its parts, where it has them and how it begins is told by the room that speaks to it.
    if (FNR == 1)
        allowed = chip_exceptions[FILENAME]
    if (folder(FILENAME) != "engine/chip" && text ~ chip) {
        if (allowed > 0)
            allowed--
        else
            complain("a chip's names, addresses and rules stand in engine/chip/ alone: ask it")
    }
}

# And in that room one chip's name or address is its row's; what was tried with which helper program names them too.
room == "engine" && folder(FILENAME) == "engine/chip" && FILENAME !~ /\/(esp_target\.[ch]|esp_stub\.c)$/ && !/^[ \t]*(\/\*|\*([ \t\/]|$))/ {
    text = tolower($0)
    gsub(/"([^"\\]|\\.)*"|\/\*.*$/, "", text)
    if (text ~ /esp(32|8266)|0x[3-6][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]([^0-9a-f]|$)/)
        complain("what one chip has and another has not is a field of engine/chip/esp_target.h: ask its row")
}

# Who works on which lot, with which serial, is the desk's: the recorder asks it (db/desk/duty.h).
room == "engine" && folder(FILENAME) !~ /^engine\/port/ && !/^[ \t]*(\/\*|\*([ \t\/]|$))/ {
    text = tolower($0)
    gsub(/"([^"\\]|\\.)*"|\/\*.*$/, "", text)
    gsub(adapters, "", text)
    if (text ~ desk)
        complain("engine/ knows no lot, operator or serial: db/desk/duty.h has them, and the recorder asks there")
}

# A lock says what it guards, where it stands.
!looks_in && /^[ \t]+pthread_mutex_t[ \t]+[a-z_]+;/ && !/\/\*.*[a-z]/ {
    complain("say beside the lock what it guards: docs/styleguide.md, Locks")
}

# Rooms that are libraries neither print nor end the process: a line on stderr would tear the screen.
room ~ /^(base|profiles|engine|db|sim)$/ && folder(FILENAME) != "sim/programme" {
    line = $0
    gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
    gsub(/\/\*([^*]|\*[^\/])*\*\//, "", line)
    if (in_comment) { if (sub(/^.*\*\//, "", line)) in_comment = 0; else next }
    if (match(line, /\/\*/)) { line = substr(line, 1, RSTART - 1); in_comment = 1 }
    sub(/\/\/.*$/, "", line)
    if (line ~ /(^|[^A-Za-z0-9_.>])(printf|vprintf|puts|putchar|perror|exit|_exit)[ \t]*\(/ ||
        line ~ /(^|[^A-Za-z0-9_])v?f(printf|puts|putc|write|flush)[ \t]*\(.*(stdout|stderr)/)
        complain(room "/ is a library: it may not print or exit")
}
