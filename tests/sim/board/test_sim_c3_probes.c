/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every probe of a real ESP32-C3's mask ROM and of both stubs on it in ../shared/vectors/c3, played to a virtual C3 in their
 * order: the frames that were sent then, the bytes that came back then. Long frames were not logged whole; those that cannot be
 * restored are not sent, with the rest of their row, and counted. What may differ is listed in NAME.masks by row (probes.txt:
 * the number in brackets; probes-more.txt: the line) and frame; a mask that is not needed is a failure too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "sim/board/sim_chip.h"
#include "sim/board/sim_stub.h"
#include "tests/support/c3_log.h"
#include "tests/support/probe_reply.h"
#include "tests/support/skipped.h"

#define FOLDER        SHARED_DIR "/vectors/c3/"
#define LINE_MAX_SIZE 20000
#define PATIENCE \
    (90 * HOST_SECOND) /* a whole flash is erased and digested at once there and takes its time here */
#define BOOT_TEXT 600
#define STRAP     2 /* the recorded chip's: UART0_BOOT */

static const char sync_hex[] =
    "c0000824000000000007071220555555555555555555555555555555555555555555555555555555555555555"
    "5c0";
static const char magic_hex[] = "c0000a04000000000000100040c0";

struct play {
    struct board_host host;
    struct probe_masks masks;
    struct probe_bytes boot; /* what it printed when it was started */
    bool running;
    const char *stub; /* NULL: the ROM */
    int line, row, frame;
    bool loops;          /* the board restarts for ever: nothing is asked of it */
    bool skip;           /* the rest of this row */
    bool lost;           /* the stub ran away: it is loaded again before the next frame */
    int rows, same, cut; /* frames */
};

static void ask(struct play *p, const uint8_t *bytes, size_t len, struct probe_bytes *got)
{
    host_drop(&p->host);
    host_send(&p->host, bytes, len);
    while (host_wait(&p->host, PATIENCE))
        ;
    assert_true(p->host.raw_len <= sizeof got->at);
    memcpy(got->at, p->host.raw, p->host.raw_len);
    got->len = p->host.raw_len;
    host_drop(&p->host);
}

static void ask_hex(struct play *p, const char *hex, struct probe_bytes *got)
{
    static struct probe_bytes send;

    probe_unhex(hex, &send);
    ask(p, send.at, send.len, got);
}

static void restart(struct play *p)
{
    host_drop(&p->host);
    sim_board_button(p->host.board, true, p->host.now);
    host_pass(&p->host, HOST_SECOND);
    p->boot.len = p->host.raw_len < BOOT_TEXT ? p->host.raw_len : BOOT_TEXT;
    memcpy(p->boot.at, p->host.raw, p->boot.len);
    p->lost = false;
}

/* A board as the recorded one, switched on. */
static void power_on(struct play *p)
{
    struct sim_board_config chip = {
        .chip = sim_chip_find("esp32c3"),
        .mac = {{0x58, 0xcf, 0x79, 0x01, 0x02, 0x03}},
        .revision = 3,
        .flash_size = 4u << 20,
        .flash_id = 0x1640c8,
        .rateless = true, /* as the recording */
        .is_attached = true,
        .strap = STRAP + 1,
    };

    if (p->running)
        host_end(&p->host);
    host_start(&p->host, &chip);
    p->running = true;
    restart(p);
}

/* The loader again, after it was left or crashed. */
static void load(struct play *p)
{
    static struct probe_bytes got;

    restart(p);
    host_sync(&p->host);
    if (p->stub == NULL)
        return;
    assert_int_equal(sim_stub_start(p->host.board, p->stub), 0);
    ask(p, NULL, 0, &got);
}

static bool said_panic(const struct probe_bytes *got)
{
    return got->len > 18 && memcmp(got->at, "Guru Meditation Er", 18) == 0;
}

static void judge(struct play *p, bool same, const struct probe_bytes *got, const struct probe_bytes *want)
{
    char name[64];

    p->rows++;
    p->same += same;
    snprintf(name, sizeof name, "row %d, frame %d (line %d)", p->row, p->frame, p->line);
    if (!same)
        probe_tell(name, got, want);
    p->frame++;
}

/* The stub is gone: it jumped, crashed or restarted; or it is in the middle of READ_FLASH. */
static bool ran_away(const struct play *p, const struct probe_bytes *send_op, const struct probe_bytes *got)
{
    const char *text = "user code", *rom = "ESP-ROM";
    bool said = said_panic(got);

    for (size_t i = 0; i + 9 < got->len; i++)
        said = said || memcmp(got->at + i, text, 9) == 0 || memcmp(got->at + i, rom, 7) == 0;
    return said_panic(got) || (p->stub != NULL && (said || (send_op->len > 2 && send_op->at[2] == 0xd2)));
}

static void play_frame(struct play *p, const char *frame, const char *reply)
{
    static struct c3_frame send;
    static struct probe_bytes got, want, op;
    bool panic;

    p->skip = p->skip || !c3_sent(frame, &send);
    bool whole = c3_wanted(reply, &want, &panic);
    if (p->skip || !whole) {
        p->cut++;
        p->frame++;
        return;
    }
    if (p->lost && want.len > 0) /* whether it is deaf is asked of the one that ran away */
        load(p);
    ask(p, send.at, send.len, &got);
    judge(p,
          panic ? said_panic(&got)
                : probe_same(&p->masks, p->row, p->frame, p->stub != NULL ? 2 : 4, &got, &want),
          &got, &want);
    op.len = 3;
    memcpy(op.at, send.at, 3);
    p->lost = p->lost || ran_away(p, &op, &got);
}

/* "SYNC: normal reply", "then READ_REG magic: normal reply": of the ROM, which the stub may have left to. */
static void play_normal(struct play *p, bool sync)
{
    static struct probe_bytes got, want;
    bool panic;

    if (p->skip) {
        p->cut++;
        return;
    }
    c3_wanted(sync ? "8 x c0010804000707122000000000c0" : "c0010a04006f50311b00000000c0", &want, &panic);
    ask_hex(p, sync ? sync_hex : magic_hex, &got);
    judge(p, probe_same(&p->masks, p->row, p->frame, 4, &got, &want), &got, &want);
}

/* What a line of either log has: a frame with its answer, or what is normal. False: neither. */
static bool play_line(struct play *p, const char *line)
{
    const char *frame = strstr(line, "> c0"), *reply = strstr(line, "  < ");

    if (frame == NULL)
        frame = strstr(line, "> 68656c6c6f"), frame = frame != NULL ? frame : strstr(line, "> 00ff");
    if (frame != NULL && reply != NULL) {
        play_frame(p, frame + 2, reply + 4);
        return true;
    }
    if (strstr(line, "normal repl") == NULL)
        return false;
    play_normal(p, strstr(line, "SYNC") != NULL);
    return true;
}

/* probes.txt: one board; before each probe it was reset, and its flash filled. */
static void prepare_probe(struct play *p, const char *line)
{
    static uint8_t fill[4u << 20];
    static struct probe_bytes got;
    const uint32_t attach[2] = {0, 0}, params[6] = {0, 4u << 20, 0x10000, 0x1000, 0x100, 0xffff};
    uint8_t reply[64];

    memcpy(fill + 0x20000, c3_letters(), C3_LETTERS);
    sim_board_preload(p->host.board, 0, fill, sizeof fill);
    p->lost = false;
    sim_board_button(p->host.board, true, p->host.now);
    host_pass(&p->host, HOST_SECOND);
    host_sync(&p->host);
    if (strstr(line, "(ATT") != NULL)
        host_ask(&p->host, 0x0d, attach, 2, reply);
    if (strstr(line, "+PAR)") != NULL)
        host_ask(&p->host, 0x0b, params, 6, reply);
    ask_hex(p, magic_hex, &got);                      /* the last, as the value that all answers repeat */
    p->skip = strstr(line, "damaged middle") != NULL; /* where is not logged */
}

static void probes_line(struct play *p, const char *line)
{
    if (sscanf(line, "[%d]", &p->row) == 1) {
        p->frame = 0;
        prepare_probe(p, line);
    }
    play_line(p, line);
}

/* Fuses by the names that the log gives to its boards. */
static void burn(struct play *p, const char *name)
{
    static const struct {
        const char *name;
        uint32_t offset, bits;
    } fuses[] = {
        {"ENABLE_SECURITY_DOWNLOAD", 0x3c, 1u << 5},
        {"DIS_DOWNLOAD_MODE", 0x3c, 1u << 0},
        {"SPI_BOOT_CRYPT_CNT=1", 0x34, 1u << 18},
        {"SPI_BOOT_CRYPT_CNT=7", 0x34, 7u << 18 | 4u << 24 | 9u << 28},
        {"SECURE_BOOT_EN", 0x38, 1u << 20},
        {"SECURE_BOOT_AGGRESSIVE_REVOKE", 0x38, 1u << 21},
        {"KEY_REVOKE0,1,2", 0x34, 7u << 21},
        {"SOFT_DIS_JTAG=7", 0x30, 7u << 16},
        {"DIS_PAD_JTAG", 0x30, 1u << 19},
        {"DIS_USB_JTAG", 0x30, 1u << 9},
        {"DIS_USB_SERIAL_JTAG", 0x30, 1u << 11},
        {"DIS_USB bit13", 0x30, 1u << 13},
        {"DIS_DOWNLOAD_ICACHE", 0x30, 1u << 10},
        {"DIS_ICACHE", 0x30, 1u << 8},
        {"UART_PRINT_CONTROL=3", 0x3c, 3u << 6},
        {"UART_PRINT_CONTROL=1", 0x3c, 1u << 6},
        {"USB serial jtag download dis", 0x3c, 1u << 4},
    };

    for (size_t i = 0; i < sizeof fuses / sizeof fuses[0]; i++) {
        if (strncmp(name, fuses[i].name, strlen(fuses[i].name)) != 0)
            continue;
        sim_board_burn(p->host.board, fuses[i].offset, fuses[i].bits);
        restart(p);
        return;
    }
    fail_msg("what fuse is %s", name);
}

/* probes-more.txt: another board for each section. */
static void open_section(struct play *p, const char *line)
{
    p->stub = strncmp(line, "#### stub v1", 12) == 0   ? "v1"
              : strncmp(line, "#### stub v2", 12) == 0 ? "v2 1.2.2"
                                                       : NULL;
    power_on(p);
    if (strncmp(line, "## efuse: ", 10) == 0)
        burn(p, line + 10);
    p->skip = p->loops = strstr(line, "DIS_DOWNLOAD_MODE") != NULL;
    if (p->stub != NULL)
        load(p);
    else if (strstr(line, "no SYNC") == NULL && !p->skip)
        host_sync(&p->host);
}

/* "b'...'": the board's first words, as many as it had said by then. */
static void boot_line(struct play *p, const char *line)
{
    static struct probe_bytes want;

    want.len = 0;
    c3_unquote(strchr(line, '\'') + 1, '\'', &want);
    size_t n = want.len < p->boot.len ? want.len : p->boot.len;
    judge(p, n > 60 && memcmp(want.at, p->boot.at, n) == 0, &p->boot, &want);
}

static bool opens_section(const char *line)
{
    return (strncmp(line, "# ", 2) == 0 && strncmp(line, "# start reply", 13) != 0) ||
           strncmp(line, "## efuse", 8) == 0 || strncmp(line, "#### stub", 9) == 0;
}

static void more_line(struct play *p, const char *line)
{
    p->row = p->line;
    p->frame = 0;
    p->skip = p->loops;
    if (opens_section(line))
        open_section(p, line);
    else if (strncmp(line, "  b'", 4) == 0)
        boot_line(p, line);
    else if (p->running)
        play_line(p, line);
}

static void play(const char *name, void line_of(struct play *p, const char *line), int rows, int cut)
{
    static struct play p;
    static char line[LINE_MAX_SIZE];
    char path[512];

    memset(&p, 0, sizeof p);
    snprintf(path, sizeof path, "%s/tests/vectors/c3-%s.masks", SOURCE_DIR, name);
    probe_masks_load(&p.masks, path);
    snprintf(path, sizeof path, "%s%s.txt", FOLDER, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    power_on(&p);
    while (fgets(line, sizeof line, f) != NULL) {
        p.line++;
        line_of(&p, line);
    }
    fclose(f);
    host_end(&p.host);
    print_message("%s: identical %d of %d under %d masks; %d frames are not known whole\n", name, p.same,
                  p.rows, (int)p.masks.count, p.cut);
    assert_int_equal(probe_masks_idle(&p.masks), 0);
    assert_int_equal(p.rows, rows);
    assert_int_equal(p.cut, cut);
    assert_int_equal(p.same, p.rows);
}

static void the_virtual_c3_rom_answers_as_the_real_one(void **state)
{
    (void)state;
    play("probes", probes_line, 362, 6);
}

static void so_it_does_when_asked_more_and_so_do_its_stubs(void **state)
{
    (void)state;
    play("probes-more", more_line, 308, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_virtual_c3_rom_answers_as_the_real_one),
        cmocka_unit_test(so_it_does_when_asked_more_and_so_do_its_stubs),
    };

    if (access(FOLDER "probes.txt", R_OK) != 0) {
        puts("skipped: no " FOLDER);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
