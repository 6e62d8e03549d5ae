/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual boards for other people's tools. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "sim/programme/serve.h"
#include "sim/serve/pty/sim_pty.h"
#include "sim/serve/rfc2217/sim_rfc2217.h"
#include "station/print/cmd_fail.h"
#include "station/cli/options.h"
#include "station/print/signals.h"

struct wishes {
    long boards, revision, flash_size, seed, port; /* port: -1 is none given */
    double fault_rate;
    const char *chips, *dump, *flash, *personalities, *link, *lines, *listen;
    bool pty;
};

static int serve_pty(const struct wishes *w, struct sim_tray *tray, int stop_fd)
{
    char error[160];
    const struct sim_pty_config config = {
        .tray = tray, .boards = (int)w->boards, .link = w->link, .lines = w->lines, .stop_fd = stop_fd};
    struct sim_pty *s = sim_pty_new(&config, error);

    if (s == NULL)
        return cmd_fail(EXIT_STATION, PROGRAMME, "%s", error);
    for (int i = 1; i <= w->boards; i++)
        printf("%s\n", sim_pty_path(s, i));
    fflush(stdout);
    int rc = sim_pty_serve(s);
    sim_pty_free(s);
    return rc < 0 ? cmd_fail(EXIT_STATION, PROGRAMME, "serving ended: %s", errno_text(-rc)) : EXIT_ALL_PASS;
}

static int serve_rfc2217(const struct wishes *w, struct sim_tray *tray, int stop_fd)
{
    char error[160];
    const struct sim_rfc2217_config config = {.tray = tray,
                                              .boards = (int)w->boards,
                                              .address = w->listen,
                                              .port = (uint16_t)w->port,
                                              .stop_fd = stop_fd};
    struct sim_rfc2217 *s = sim_rfc2217_new(&config, error);

    if (s == NULL)
        return cmd_fail(EXIT_STATION, PROGRAMME, "%s", error);
    for (int i = 1; i <= w->boards; i++)
        printf("rfc2217://%s:%u\n", w->listen != NULL ? w->listen : "127.0.0.1", sim_rfc2217_port(s, i));
    fflush(stdout);
    int rc = sim_rfc2217_serve(s);
    sim_rfc2217_free(s);
    return rc < 0 ? cmd_fail(EXIT_STATION, PROGRAMME, "serving ended: %s", errno_text(-rc)) : EXIT_ALL_PASS;
}

#define FLASH_MAX (16u << 20)

/* Each board's whole flash: the file, and FF behind it. `whole` is FLASH_MAX bytes of that. */
static int lay_flash(const struct wishes *w, struct sim_tray *tray, const uint8_t *whole, size_t len)
{
    for (int i = 1; i <= w->boards; i++) {
        struct sim_board *board = sim_tray_board(tray, i);
        uint32_t size;

        sim_board_flash(board, &size);
        if (len > size)
            return cmd_fail(EXIT_USAGE, PROGRAMME, "--flash: %s has %zu bytes, board %d's flash %u", w->flash,
                            len, i, size);
        sim_board_preload(board, 0, whole, size);
    }
    return EXIT_ALL_PASS;
}

static int read_flash(const struct wishes *w, struct sim_tray *tray)
{
    FILE *f = fopen(w->flash, "rbe");
    uint8_t *whole = f != NULL ? malloc(FLASH_MAX) : NULL;
    int code;

    if (f == NULL)
        return cmd_fail(EXIT_USAGE, PROGRAMME, "--flash: %s: %s", w->flash, errno_text(errno));
    if (whole != NULL) {
        memset(whole, 0xff, FLASH_MAX);
        size_t len = fread(whole, 1, FLASH_MAX, f);
        if (ferror(f) != 0)
            code = cmd_fail(EXIT_USAGE, PROGRAMME, "--flash: %s: %s", w->flash, errno_text(errno));
        else if (fgetc(f) != EOF)
            code = cmd_fail(EXIT_USAGE, PROGRAMME,
                            "--flash: %s has more than the 16 MiB of the largest flash", w->flash);
        else
            code = lay_flash(w, tray, whole, len);
    } else {
        code = cmd_fail(EXIT_STATION, PROGRAMME, "no memory left");
    }
    free(whole);
    fclose(f);
    return code;
}

static int serve(const struct wishes *w)
{
    char error[SIM_TRAY_ERROR];
    const struct sim_tray_config config = {
        .count = (int)w->boards,
        .chips = w->chips,
        .flash_size = (uint32_t)w->flash_size << 20,
        .revision = (int)w->revision,
        .seed = (uint64_t)w->seed,
        .fault_rate = w->fault_rate,
        .personalities = w->personalities,
    };
    int no_place = w->dump != NULL ? sim_tray_dump_place(w->dump) : 0;

    if (no_place != 0)
        return cmd_fail(EXIT_USAGE, PROGRAMME, "--dump: %s: %s", w->dump, errno_text(-no_place));
    struct sim_tray *tray = sim_tray_new(&config, error);
    if (tray == NULL)
        return cmd_fail(EXIT_USAGE, PROGRAMME, "%s", error);
    int bad_flash = w->flash != NULL ? read_flash(w, tray) : EXIT_ALL_PASS;
    if (bad_flash != EXIT_ALL_PASS) {
        sim_tray_free(tray);
        return bad_flash;
    }
    int stop_fd = signals_open(false);
    int code = stop_fd < 0 ? cmd_fail(EXIT_STATION, PROGRAMME, "no descriptors left")
               : w->pty    ? serve_pty(w, tray, stop_fd)
                           : serve_rfc2217(w, tray, stop_fd);
    if (stop_fd >= 0)
        close(stop_fd);
    int rc = w->dump != NULL ? sim_tray_dump(tray, w->dump) : 0;
    if (rc < 0 && code == EXIT_ALL_PASS)
        code = cmd_fail(EXIT_INPUT, PROGRAMME, "%s: cannot write the flash contents: %s", w->dump,
                        errno_text(-rc));
    sim_tray_free(tray);
    return code;
}

int serve_boards(int argc, char **argv)
{
    struct wishes w = {.boards = 1, .revision = 1, .seed = 1, .port = -1};
    struct options_common common = {0};
    const struct options_row rows[] = {
        OPTIONS_SWITCH("pty", &w.pty, "serve each board on a pseudo terminal and print its path"),
        OPTIONS_WHOLE("rfc2217", &w.port, "PORT", 0, 65535,
                      "serve on TCP ports from PORT on (0: any free ones), lines and rate included"),
        OPTIONS_STRING("listen", &w.listen, "ADDRESS",
                       "with --rfc2217: listen there instead of 127.0.0.1; anyone may connect"),
        OPTIONS_WHOLE("boards", &w.boards, "N", 1, 64, "how many (default 1)"),
        OPTIONS_STRING(
            "chip", &w.chips, "CHIP[@REV],..",
            "chips of the boards, in turn: esp32 (default) esp32s2 esp32s3 esp32c3 ..; @3.1: that revision"),
        OPTIONS_WHOLE("revision", &w.revision, "R", 0, 3, "revision of an ESP32: 0, 1 (default) or 3"),
        OPTIONS_WHOLE("flash-size", &w.flash_size, "MIB", 0, 16,
                      "flash of each board; default what suits the chip; ESP32: 4 for revision 0, else 8"),
        OPTIONS_WHOLE("seed", &w.seed, "S", 0, 2147483647,
                      "MACs, identity data and faults follow from it (default 1)"),
        OPTIONS_STRING("personality", &w.personalities, "N=NAME,..",
                       "boards that are special; `flashline sim personalities` lists them"),
        OPTIONS_NUMBER("fault-rate", &w.fault_rate, "P", 0, 1,
                       "share of boards that meet seeded faults (default 0)"),
        OPTIONS_STRING("link", &w.link, "PREFIX",
                       "also make symbolic links PREFIX1, PREFIX2 .. to the terminals"),
        OPTIONS_STRING("lines", &w.lines, "SOCKET",
                       "with --pty: take the clients' DTR and RTS from this local socket"),
        OPTIONS_STRING("flash", &w.flash, "FILE",
                       "what lies in each board's flash, FF behind it, instead of an older firmware"),
        OPTIONS_STRING("dump", &w.dump, "DIR", "write each board's flash to DIR/slot-K.bin at the end"),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        PROGRAMME, "--pty|--rfc2217 PORT [OPTION...]",
        "Virtual boards for other people's tools, until a signal.\n"
        "With --usbip PORT: virtual FTDI chips; see `flashline-sim --usbip 0 --help`.",
        rows, .operands_max = 0};
    int code;

    if (options_parse(&spec, argc, argv, &common, &code) < 0)
        return code;
    if (w.pty == (w.port >= 0))
        return cmd_fail(EXIT_USAGE, PROGRAMME,
                        "say how to serve, one of: --pty, --rfc2217 PORT, --usbip PORT");
    if (w.link != NULL && !w.pty)
        return cmd_fail(EXIT_USAGE, PROGRAMME, "--link goes with --pty");
    if (w.lines != NULL && !w.pty)
        return cmd_fail(EXIT_USAGE, PROGRAMME, "--lines goes with --pty");
    if (w.listen != NULL && w.pty)
        return cmd_fail(EXIT_USAGE, PROGRAMME, "--listen goes with --rfc2217");
    return serve(&w);
}
