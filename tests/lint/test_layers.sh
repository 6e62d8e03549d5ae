#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fails on an include (or a printing library) that the house rules forbid, and when the rules themselves miss one.
set -euo pipefail
top=${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
rules=$top/tests/lint/layers.awk

check() { # check DIR: prints the violations in its tree
    (cd "$1" && { find base profiles engine db sim station bench tests -name "*.[ch]" -print0 2>/dev/null || true; } |
        sort -z | xargs -0r awk -f "$rules")
}

# First the rules: each line below is a small file, and whether it must be caught.
planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
bad=0
while IFS='|' read -r verdict file text; do
    rm -rf "${planted:?}"/*
    mkdir -p "$planted/$(dirname "$file")"
    printf '%s\n' "$text" >"$planted/$file"
    found=$(check "$planted")
    if [ "$verdict" = bad ] && [ -z "$found" ]; then echo "rules miss: $file: $text"; bad=1; fi
    if [ "$verdict" = ok ] && [ -n "$found" ]; then echo "rules refuse wrongly: $found"; bad=1; fi
done <<'LIST'
bad|base/a.c|#include "engine/slot/engine.h"
bad|base/a.h|#include "profiles/job/job.h"
bad|profiles/a.c|#include "engine/slot/engine.h"
bad|profiles/a.c|  #  include  "db/open/db.h"
bad|engine/a.c|#include "db/open/db.h"
bad|engine/a.c|#include "sim/board/sim_tray.h"
bad|engine/a.c|#include "station/cli/cmd.h"
bad|engine/a.c|#include <station/cli/cmd.h>
bad|engine/a.c|#include "slot.h"
bad|engine/a.c|#include "../db/db.h"
bad|db/a.c|#include "engine/slot/engine.h"
bad|db/a.c|#include "profiles/job/job.h"
bad|sim/board/a.c|#include "engine/slot/engine.h"
bad|sim/board/a.c|#include "engine/chip/slip.h"
bad|sim/board/a.c|#include "profiles/job/job.h"
bad|sim/board/a.c|#include "db/open/db.h"
bad|sim/deep/a.c|#include "db/open/db.h"
bad|engine/a.c|#include <ncurses.h>
bad|db/a.c|#include <curses.h>
bad|base/a.c|#include <ncursesw/curses.h>
bad|station/cli/a.c|#include <sqlite3.h>
bad|engine/slot/worker.c|#include <libusb-1.0/libusb.h>
bad|engine/port/usb_ids.h|#include <libusb.h>
bad|station/cli/a.c|#include <libftdi1/ftdi.h>
bad|profiles/text/a.c|#include "profiles/firmware/partition.h"
bad|profiles/firmware/a.c|#include "profiles/plan/plan.h"
bad|profiles/plan/a.h|#include "profiles/job/job.h"
bad|profiles/a.c|#include "profiles/job/job.h"
bad|db/open/a.c|#include "db/desk/lot.h"
bad|db/desk/a.h|#include "db/record/chain.h"
bad|db/record/a.c|#include "db/read/where.h"
bad|db/read/a.c|#include "db/desk/lot.h"
bad|db/read/a.c|#include "db/care/verify.h"
bad|db/care/a.c|#include "db/read/export.h"
bad|db/a.c|#include "db/open/sql.h"
bad|db/new/a.c|#include "db/open/sql.h"
bad|db/care/a.c|#include "db/record/recorder_private.h"
bad|station/cli/a.c|#include "db/record/recorder_private.h"
bad|station/cli/a.c|#include "db/open/db_inside.h"
bad|engine/a.c|#include "engine/port/transport.h"
bad|engine/port/a.c|#include "engine/port/ftdi/usb_place.h"
bad|engine/port/a.c|#include "engine/chip/slip.h"
bad|engine/port/ftdi/a.c|#include "engine/chip/slip.h"
bad|engine/chip/a.c|#include "engine/board/session.h"
bad|engine/board/a.h|#include "engine/attempt/attempt.h"
bad|engine/attempt/a.c|#include "engine/slot/slot.h"
bad|engine/slot/a.c|#include "engine/port/ftdi/usb_watcher.h"
bad|engine/slot/a.c|#include "engine/attempt/attempt_private.h"
bad|engine/port/a.c|#include "engine/port/ftdi/usb_list_private.h"
bad|sim/board/a.c|#include "engine/port/transport.h"
bad|station/a.c|#include "station/print/json.h"
bad|station/print/a.c|#include "station/config/paths.h"
bad|station/config/a.c|#include "station/work/control.h"
bad|station/work/a.c|#include "station/cli/options.h"
bad|station/screen/a.c|#include "station/config/config.h"
bad|station/screen/view/a.c|#include "station/run/run.h"
bad|station/screen/view/a.c|#include "db/desk/work.h"
bad|station/screen/a.c|#include "profiles/job/job.h"
bad|station/run/a.c|#include "station/cli/cmd.h"
bad|station/run/a.c|#include "station/screen/view/view.h"
bad|station/cli/a.c|#include "station/screen/dashboard.h"
bad|station/cli/a.c|#include "station/run/run_private.h"
bad|sim/a.c|#include "sim/board/sim_board.h"
bad|sim/board/a.c|#include "sim/serve/sim_stream.h"
bad|sim/board/a.c|#include "sim/serve/ftdi/sim_ftdi_line.h"
bad|sim/serve/a.c|#include "sim/serve/pty/sim_pty.h"
bad|sim/serve/pty/a.c|#include "sim/serve/rfc2217/sim_telnet.h"
bad|sim/serve/ftdi/a.c|#include "sim/serve/usbip/sim_usbip.h"
bad|sim/serve/usbip/a.c|#include "sim/serve/sim_stream.h"
bad|sim/programme/a.c|#include "station/run/run.h"
bad|sim/programme/a.c|#include "db/open/db.h"
bad|sim/serve/pty/a.c|#include "station/cli/options.h"
bad|sim/serve/pty/a.c|    printf("hello\n");
bad|sim/board/a.c|#include "sim/programme/serve.h"
bad|station/cli/a.c|#include "sim/serve/rfc2217/sim_rfc2217.h"
bad|station/cli/a.c|#include "sim/programme/serve.h"
bad|engine/a.c|    printf("hello\n");
bad|engine/a.c|    erase(0x3FF000, SECTOR_SIZE);
bad|engine/a.h|/* LoPy boards only */
bad|engine/a.c|    keep(BOOT_SECTOR);
bad|engine/chip/a.c|    /* as a GPy has it */
bad|engine/slot/a.c|    slot_note(s, "connect G23 to GND");
bad|engine/attempt/a.h|    struct backup config_sector;
bad|engine/attempt/a.c|    if (data[0] != 0xE9)
bad|engine/attempt/a.c|    if (at == 0x1000u)
bad|engine/board/a.c|    if (chip->magic != ESP32_MAGIC)
bad|engine/board/a.c|/* as Espressif's client does */
bad|engine/board/a.c|    return refuse(a, "eFuse FLASH_CRYPT_CNT");
bad|engine/slot/a.c|    esp_loader_read_reg(l, 0x40001000u, &magic);
bad|engine/slot/a.c|    slot_note(s, "connect GPIO0 to GND");
bad|engine/port/a.c|    read_register(0x3FF5A000);
bad|engine/port/ftdi/usb_chips.c|    static const uint16_t releases[] = {0x1000};
bad|engine/chip/a.c|    esp_loader_read_reg(l, 0x3FF5A000u, &word);
bad|engine/chip/a.c|    if (t->image_id == ESP_CHIP_ID_ESP32C3)
bad|engine/slot/a.h|    pthread_mutex_t lock;
bad|engine/slot/a.h|    const char *lot, *operator_id;
bad|engine/attempt/a.c|    copy_text(start->serial, scanned);
bad|engine/attempt/a.h|    char scanned_serial[64];
bad|engine/slot/a.h|    char lot_code[64];
bad|engine/slot/a.h|    char current_lot[64], serials[8][64];
bad|engine/slot/a.c|    tell(s, operator_name);
bad|engine/slot/a.c|    *serial = next;
bad|db/a.c|    fprintf(stderr, "hello\n");
bad|base/a.c|    exit(1);
bad|bench/model/a.c|#include "engine/chip/slip.h"
bad|bench/model/a.c|#include "sim/board/sim_flash.h"
bad|bench/model/a.c|#include "base/digest.h"
bad|bench/model/a.c|#include "tests/support/tiny_job.h"
bad|station/cli/a.c|#include "bench/model/floor.h"
ok|bench/model/a.c|#include "bench/model/floor.h"
ok|bench/model/a.c|#include "sim/board/sim_physics.h"
ok|bench/programme/a.c|#include "db/open/db_inside.h"
ok|bench/programme/a.c|#include "tests/support/tiny_job.h"
ok|tests/bench/a.c|#include "bench/model/floor.h"
ok|engine/port/ftdi/transport_ftdi.c|#include <libftdi1/ftdi.h>
ok|engine/port/ftdi/usb_watch.c|#include <libusb.h>
ok|engine/a.c|#include "profiles/job/job.h"
ok|sim/board/a.c|#include "engine/port/transport_driver.h"
ok|engine/port/ftdi/a.c|#include "engine/port/tty_holder.h"
ok|engine/chip/a.c|#include "engine/port/transport.h"
ok|engine/board/a.c|#include "engine/chip/esp_chip.h"
ok|engine/attempt/a.c|#include "engine/board/board_flash.h"
ok|engine/attempt/a.c|    if (!esp_chip_boots_from(copy) || esp_loader_is_stub(l))
ok|engine/board/a.c|#define CHUNK 0x10000u
ok|engine/chip/esp_target.c|    .fuses = 0x3FF5A000, /* of an ESP32, 0x1000 */
ok|engine/chip/a.c|    return retry(l); /* measured on the ESP32 */
ok|engine/port/ftdi/usb_chip.c|    static const uint16_t releases[] = {0x1000};
ok|engine/slot/a.c|#include "engine/attempt/attempt.h"
ok|engine/port/ftdi/a.c|#include "engine/port/ftdi/usb_list_private.h"
ok|tests/engine/a.c|#include "engine/attempt/attempt_private.h"
ok|profiles/job/a.c|#include "profiles/plan/plan.h"
ok|db/record/a.c|#include "db/desk/lot_inside.h"
ok|db/care/a.c|#include "db/record/chain.h"
ok|db/care/a.c|#include "db/care/verify_private.h"
ok|station/cli/a.c|#include "db/care/verify.h"
ok|tests/engine/a.c|#include "db/open/db_inside.h"
ok|station/run/a.c|#include "station/screen/desk.h"
ok|station/screen/view/a.c|#include "station/screen/dashboard_state.h"
ok|station/screen/a.c|#include "station/screen/view/view.h"
ok|station/screen/a.c|#include "engine/slot/engine.h"
ok|station/cli/a.c|#include "station/run/run.h"
ok|tests/engine/a.c|#include "station/run/run_private.h"
ok|sim/programme/a.c|#include "station/cli/options.h"
ok|sim/programme/a.c|#include "sim/serve/usbip/sim_usbip.h"
ok|sim/programme/a.c|    printf("hello\n");
ok|sim/serve/a.c|#include "sim/board/sim_board.h"
ok|sim/serve/rfc2217/a.c|#include "sim/serve/sim_stream.h"
ok|sim/serve/usbip/a.c|#include "sim/serve/ftdi/sim_ftdi_chip.h"
ok|station/screen/a.c|#include <ncurses.h>
ok|station/cli/a.c|    printf("hello\n");
ok|db/a.c|#include <sqlite3.h>
ok|db/a.c|    snprintf(buf, sizeof buf, "exit(1) printf(");
ok|db/a.c|    /* like printf(): see there */
ok|engine/a.c|    queue->exit(q);
ok|engine/slot/a.h|    pthread_mutex_t lock; /* what follows */
ok|engine/slot/a.h|    SLOT_ACT, /* the operator must do something */
ok|engine/slot/a.c|    say("the operator has the lot");
ok|engine/slot/a.c|    transport_serial(port), start->adapter_serial;
ok|engine/slot/a.c| * the serial, the lot and the operator are told there
ok|engine/slot/a.c|    struct slot *slots = all_slots(e); /* no lot */
ok|engine/port/ftdi/a.c|    char serial[64];
ok|engine/a.c|    store(BACKUP_BOOT_SECTOR, plan->boot_sector);
ok|profiles/a.c|#define CONFIG_SECTOR 0x3FF000u
ok|tests/engine/a.c|#include "engine/chip/slip.h"
LIST
[ $bad = 0 ] || exit 1

# Then the tree.
found=$(check "$top")
if [ -n "$found" ]; then
    printf '%s\n' "$found" "See docs/architecture.md, 'Who may include whom'."
    exit 1
fi
echo "layers: $(cd "$top" && find base profiles engine db sim station bench -name '*.[ch]' | wc -l) files keep to their rooms"
