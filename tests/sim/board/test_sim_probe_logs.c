/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The logs of the first probes of the real ROM and of the second stub, in ../shared/vectors, played to a virtual board in
 * their order. Long frames were not logged whole; those that
 * cannot be restored are not sent, and counted. What may
 * differ is listed in NAME.masks by the line of the frame sent; a mask that is not needed is a failure too.
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

#include "sim/board/sim_stub.h"
#include "tests/support/probe_reply.h"
#include "tests/support/probe_restore.h"
#include "tests/support/skipped.h"

#define LINE_MAX_SIZE 20000

struct log {
    const char *name, *stub; /* NULL: the ROM */
    int rows;                /* frames that can be sent, so that none gets lost */
    int64_t patience;        /* erasing a whole chip was answered at once there and takes its time here */
    uint8_t mac;             /* last byte */
};

struct play {
    struct board_host host;
    const struct log *log;
    struct probe_masks masks;
    struct probe_bytes send, want;
    int line, sent_at; /* sent_at 0: nothing is open */
    bool in_section;
    bool sent_whole, want_whole; /* both sides of what is open are known */
    int rows, same, cut;         /* cut: not known, so not sent */
};

/* The bytes of a log line, behind what is there: as many as it says, those that are not logged restored. False: unknown. */
static bool bytes_of(const char *line, struct probe_bytes *out)
{
    static char hex[2 * PROBE_REPLY_MAX + 1];
    static struct probe_bytes more;
    const char *label = line + strspn(line, " .0123456789<>"), *at = strstr(line, " bytes ");
    int count = 0;

    if (at == NULL)
        return false;
    const char *number = at;
    while (number > line && number[-1] >= '0' && number[-1] <= '9')
        number--;
    sscanf(number, "%d", &count);
    at += strlen(" bytes ");
    size_t n = strspn(at, "0123456789abcdef");
    if (n >= sizeof hex || count < 0)
        return false;
    memcpy(hex, at, n);
    hex[n] = '\0';
    probe_unhex(hex, &more);
    if (n != 2 * (size_t)count && strstr(line, " >> ") != NULL && !probe_restore(label, &more, (size_t)count))
        return false;
    if (more.len != (size_t)count || out->len + more.len > sizeof out->at)
        return false;
    memcpy(out->at + out->len, more.at, more.len);
    out->len += more.len;
    return true;
}

static void load_stub(struct play *p)
{
    struct probe_bytes ohai, nothing = {.len = 0};

    if (p->log->stub == NULL)
        return;
    assert_int_equal(sim_stub_start(p->host.board, p->log->stub), 0);
    probe_ask(&p->host, &nothing, HOST_SECOND, &ohai);
}

/* Between two sections the prober looked whether the loader was alive; that was not logged. */
static void look(struct play *p)
{
    const uint32_t magic = 0x40001000;
    uint8_t got[64];

    host_command(&p->host, 0x0a, &magic, 1);
    host_reply(&p->host, got, sizeof got, HOST_SECOND);
}

/* That the prober attached the flash again is our reading: the loader wrote to it afterwards. */
static void restart(struct play *p)
{
    const uint32_t attach[2] = {0, 0}, params[6] = {0, 4u << 20, 0x10000, 0x1000, 0x100, 0xffff};
    uint8_t got[64];

    sim_board_button(p->host.board, true, p->host.now);
    host_pass(&p->host, HOST_SECOND / 5);
    host_sync(&p->host);
    if (p->log->stub == NULL) {
        host_ask(&p->host, 0x0d, attach, 2, got);
        host_ask(&p->host, 0x0b, params, 6, got);
        look(p);
    }
    load_stub(p);
}

/* Sends what is open and compares. */
static void close_row(struct play *p)
{
    static struct probe_bytes got;
    char name[80];

    if (p->sent_at == 0)
        return;
    if (!p->sent_whole) {
        p->cut++;
    } else {
        p->rows++;
        probe_ask(&p->host, &p->send, p->log->patience, &got);
        bool same = !p->want_whole ||
                    probe_same(&p->masks, p->sent_at, 0, p->log->stub != NULL ? 2 : 4, &got, &p->want);
        snprintf(name, sizeof name, "%s:%d", p->log->name, p->sent_at);
        if (!same)
            probe_tell(name, &got, &p->want);
        p->same += same;
    }
    p->sent_at = 0;
}

static void take_line(struct play *p, const char *line)
{
    bool reset = strncmp(line, "!!!! reset", 10) == 0 || strncmp(line, "!!!! stub (re)loaded", 20) == 0;

    if (strstr(line, " >> ") != NULL) {
        close_row(p);
        p->sent_at = p->line;
        p->send.len = p->want.len = 0;
        p->sent_whole = bytes_of(line, &p->send);
        p->want_whole = true;
    } else if (strstr(line, " << ") != NULL && p->sent_at != 0) {
        p->want_whole = bytes_of(line, &p->want) && p->want_whole;
    } else if (strncmp(line, "!!!!", 4) == 0 || strncmp(line, "####", 4) == 0) {
        close_row(p);
        if (p->in_section)
            look(p);
        p->in_section = line[0] == '#';
        if (reset)
            restart(p);
    }
}

static void play(const struct log *log)
{
    static struct play p;
    static char line[LINE_MAX_SIZE];
    char path[512];

    memset(&p, 0, sizeof p);
    p.log = log;
    snprintf(path, sizeof path, "%s/tests/vectors/%s.masks", SOURCE_DIR, log->name);
    probe_masks_load(&p.masks, path);
    snprintf(path, sizeof path, "%s/vectors/%s.txt", SHARED_DIR, log->name);
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        skipped_row("no %s", path);
        skip();
    }
    const struct sim_board_config chip = {
        .mac = {{0x24, 0x0a, 0xc4, 0x00, 0x00, log->mac}},
        .revision = 3,
        .flash_size = 4u << 20,
        .flash_id = 0x1640c8,
        .rateless = true,
        .starts_in_bootloader = true,
    };
    host_start(&p.host, &chip);
    host_sync(&p.host);
    load_stub(&p);
    while (fgets(line, sizeof line, f) != NULL) {
        p.line++;
        take_line(&p, line);
    }
    close_row(&p);
    fclose(f);
    host_end(&p.host);
    print_message("%s: identical %d of %d under %d masks; %d frames are not known whole\n", log->name, p.same,
                  p.rows, (int)p.masks.count, p.cut);
    assert_int_equal(probe_masks_idle(&p.masks), 0);
    assert_int_equal(p.rows, log->rows);
    assert_int_equal(p.same, p.rows);
}

static void first_look_at_the_rom(void **state)
{
    (void)state;
    play(&(struct log){"rom-probe", NULL, 69, PROBE_PATIENCE, 1});
}

static void bad_transfers_to_the_rom(void **state)
{
    (void)state;
    play(&(struct log){"rom-probe2", NULL, 113, PROBE_PATIENCE, 1});
}

static void second_stub(void **state)
{
    (void)state;
    play(&(struct log){"stub2-probe", "v2 1.0.0", 153, 20 * HOST_SECOND, 2});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_look_at_the_rom),
        cmocka_unit_test(bad_transfers_to_the_rom),
        cmocka_unit_test(second_stub),
    };

    if (access(SHARED_DIR "/vectors/rom-probe.txt", R_OK) != 0) {
        puts("skipped: no " SHARED_DIR "/vectors");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
