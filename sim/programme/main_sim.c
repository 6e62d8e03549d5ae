/* SPDX-License-Identifier: Apache-2.0 */
/* main of flashline-sim: virtual boards for foreign programmes. A programme of its own: the station listens on no network. */
#include <stdio.h>
#include <string.h>

#include "sim/programme/serve.h"
#include "station/print/cmd_fail.h"
#include "station/print/process.h"

int main(int argc, char **argv)
{
    process_begin();
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("flashline-sim " FLASHLINE_VERSION);
        return process_end(PROGRAMME, EXIT_ALL_PASS);
    }
    return process_end(PROGRAMME,
                       serve_usbip_wanted(argc, argv) ? serve_usbip(argc, argv) : serve_boards(argc, argv));
}
