/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errno_text.h"
#include "sim/programme/serve.h"
#include "sim/serve/usbip/sim_usbip.h"
#include "station/print/cmd_fail.h"
#include "station/cli/options.h"
#include "station/print/signals.h"

struct wishes {
    long port, boards, revision, seed;
    const char *chips, *board_chips, *control, *dump, *personalities, *bind_address;
    bool echo, no_event_char, is_stdin;
};

bool serve_usbip_wanted(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--usbip") == 0 || strncmp(argv[i], "--usbip=", 8) == 0)
            return true;
    return false;
}

static int serve(const struct wishes *w, struct usbip_bench *bench, int stop_fd)
{
    char error[160];
    const struct sim_usbip_config config = {
        .bind_address = w->bind_address,
        .port = (uint16_t)w->port,
        .control = w->control,
        .control_stdin = w->is_stdin,
        .bench = bench,
        .stop_fd = stop_fd,
    };
    struct sim_usbip *server = sim_usbip_new(&config, error);

    if (server == NULL)
        return cmd_fail(EXIT_STATION, PROGRAMME, "%s", error);
    printf("usbip 127.0.0.1:%u", sim_usbip_port(server));
    for (int i = 0; i < usbip_bench_bus(bench)->count; i++)
        printf(" 1-%d=%s", i + 1, sim_ftdi_chip_identity(usbip_bench_bus(bench)->ports[i].chip)->name);
    if (sim_usbip_control_port(server) != 0)
        printf(" control=127.0.0.1:%u", sim_usbip_control_port(server));
    putchar('\n');
    fflush(stdout);
    int r = sim_usbip_serve(server);
    sim_usbip_free(server);
    if (r < 0)
        return cmd_fail(EXIT_STATION, PROGRAMME, "serving ended: %s", errno_text(-r));
    return EXIT_ALL_PASS;
}

static int make_bench_and_serve(const struct wishes *w, struct sim_tray *tray, int stop_fd)
{
    char error[160];
    const struct usbip_bench_config config = {
        .chips = w->chips,
        .ports = (int)w->boards,
        .tray = tray,
        .ignores_event_char = w->no_event_char,
        .now_us = clock_monotonic_us(),
    };
    struct usbip_bench *bench = usbip_bench_new(&config, error);

    if (bench == NULL)
        return cmd_fail(EXIT_USAGE, PROGRAMME, "%s", error);
    int code = serve(w, bench, stop_fd);
    usbip_bench_free(bench);
    int r = w->dump != NULL && tray != NULL ? sim_tray_dump(tray, w->dump) : 0;
    if (r < 0)
        return cmd_fail(EXIT_INPUT, PROGRAMME, "%s: cannot write the flash contents: %s", w->dump,
                        errno_text(-r));
    return code;
}

int serve_usbip(int argc, char **argv)
{
    struct wishes w = {.chips = "ft4232h", .boards = 4, .revision = 1, .seed = 1};
    struct options_common common = {0};
    const struct options_row rows[] = {
        OPTIONS_WHOLE("usbip", &w.port, "PORT", 0, 65535,
                      "serve USB/IP here; 0: any free port (Linux expects 3240)"),
        OPTIONS_STRING("chip", &w.chips, "KIND[,KIND..]",
                       "ft4232h (default) ft2232h ft232h ft232r ft230x, in turn"),
        OPTIONS_WHOLE("boards", &w.boards, "N", 1, 64, "serial interfaces with a board each (default 4)"),
        OPTIONS_STRING("board-chip", &w.board_chips, "CHIP[@REV],..",
                       "chips of the boards behind them, in turn (default esp32)"),
        OPTIONS_WHOLE("revision", &w.revision, "R", 0, 3, "revision of an ESP32: 0, 1 (default) or 3"),
        OPTIONS_WHOLE("seed", &w.seed, "S", 0, 2147483647,
                      "MACs and identity data follow from it (default 1)"),
        OPTIONS_STRING("personality", &w.personalities, "N=NAME,..", "boards that are special"),
        OPTIONS_SWITCH("echo", &w.echo, "no boards: what is sent comes back"),
        OPTIONS_SWITCH("no-event-char", &w.no_event_char, "chips whose event character does nothing"),
        OPTIONS_STRING("control", &w.control, "PORT|PATH", "take commands on a local port or unix socket"),
        OPTIONS_SWITCH("stdin", &w.is_stdin, "take commands from standard input"),
        OPTIONS_STRING("dump", &w.dump, "DIR", "write each board's flash there at the end"),
        OPTIONS_STRING("bind", &w.bind_address, "ADDRESS",
                       "listen there instead of 127.0.0.1: anyone may attach"),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        PROGRAMME, "--usbip PORT [OPTION...]",
        "Virtual FTDI chips with virtual boards, for `usbip attach -r HOST -b 1-1` and so on.", rows,
        .operands_max = 0};
    char error[SIM_TRAY_ERROR];
    int code;

    if (options_parse(&spec, argc, argv, &common, &code) < 0)
        return code;
    const struct sim_tray_config tray_config = {.count = (int)w.boards,
                                                .chips = w.board_chips,
                                                .revision = (int)w.revision,
                                                .seed = (uint64_t)w.seed,
                                                .personalities = w.personalities};
    struct sim_tray *tray = w.echo ? NULL : sim_tray_new(&tray_config, error);
    if (tray == NULL && !w.echo)
        return cmd_fail(EXIT_USAGE, PROGRAMME, "%s", error);
    int stop_fd = signals_open(false);
    code = stop_fd < 0 ? cmd_fail(EXIT_STATION, PROGRAMME, "no descriptors left")
                       : make_bench_and_serve(&w, tray, stop_fd);
    if (stop_fd >= 0)
        close(stop_fd);
    sim_tray_free(tray);
    return code;
}
