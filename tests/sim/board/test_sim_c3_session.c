/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole sessions of a real tool with a real ESP32-C3's machine code, by its ROM and by both stubs, in ../shared/vectors/c3, played
 * to a virtual C3: what was sent, what came. Frames that a section repeats were left out of the logs, and are here; of long
 * answers the logged beginning is compared. What may differ is listed in NAME.masks by line.
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

#define FOLDER        SHARED_DIR "/vectors/c3/"
#define LINE_MAX_SIZE 20000
#define PATIENCE      (30 * HOST_SECOND)

struct play {
    struct board_host host;
    struct probe_masks masks;
    const char *stub; /* that the part of the log is about */
    bool in_stub;
    struct c3_frame send;
    struct probe_bytes want;
    int line, sent_at; /* 0: nothing is open */
    bool known, whole; /* what was sent; what came */
    int rows, same, cut;
};

static void start(struct play *p)
{
    const struct sim_board_config chip = {
        .chip = sim_chip_find("esp32c3"),
        .mac = {{0x58, 0xcf, 0x79, 0x01, 0x02, 0x03}},
        .revision = 3,
        .flash_size = 4u << 20,
        .flash_id = 0x1640c8,
        .rateless = true,
        .strap = 3,
    };

    host_start(&p->host, &chip);
}

static void settle(struct play *p, struct probe_bytes *got)
{
    while (host_wait(&p->host, PATIENCE))
        ;
    got->len = p->host.raw_len < sizeof got->at ? p->host.raw_len : sizeof got->at;
    memcpy(got->at, p->host.raw, got->len);
    host_drop(&p->host);
}

static bool begins(const struct probe_bytes *got, const struct probe_bytes *want)
{
    return got->len >= want->len && memcmp(got->at, want->at, want->len) == 0;
}

static void close_row(struct play *p)
{
    static struct probe_bytes got;
    char name[40];

    if (p->sent_at == 0)
        return;
    if (!p->known) {
        p->cut++;
    } else {
        host_drop(&p->host);
        host_send(&p->host, p->send.at, p->send.len);
        settle(p, &got);
        /* FLASH_END: what the chip says then stands in the log where the next session begins. */
        bool all = p->whole && !(p->in_stub && p->send.at[2] == 0x04);
        bool same = all ? probe_same(&p->masks, p->sent_at, 0, p->in_stub ? 2 : 4, &got, &p->want)
                        : begins(&got, &p->want);
        snprintf(name, sizeof name, "line %d", p->sent_at);
        if (!same)
            probe_tell(name, &got, &p->want);
        p->rows++;
        p->same += same;
    }
    p->sent_at = 0;
}

/* The frames of a section's beginning that are not there again: what they leave behind is the last word read, 0. */
static void left_out(struct play *p)
{
    uint32_t value;

    if (!p->in_stub)
        host_reads(&p->host, 0x6000007c, &value);
}

/* The session before ended in a reset; the tool has loaded its stub again. */
static void load_stub(struct play *p)
{
    static struct probe_bytes got;

    sim_board_button(p->host.board, true, p->host.now);
    host_pass(&p->host, HOST_SECOND);
    host_sync(&p->host);
    assert_int_equal(sim_stub_start(p->host.board, p->stub), 0);
    settle(p, &got);
    assert_int_equal(got.len, 6);
    assert_memory_equal(got.at, "\xc0OHAI\xc0", 6);
    p->in_stub = true;
}

static void take_answer(struct play *p, const char *line)
{
    struct probe_bytes more = {.len = 0};
    const char *times = strrchr(line, 'x');
    int n = 1;
    bool panic;

    p->whole = c3_wanted(line, &more, &panic) && p->whole;
    if (times == NULL || times[-1] != ' ' || sscanf(times, "x%d", &n) != 1)
        n = 1;
    for (; n > 0 && p->want.len + more.len <= sizeof p->want.at; n--) {
        memcpy(p->want.at + p->want.len, more.at, more.len);
        p->want.len += more.len;
    }
}

static void take_line(struct play *p, const char *line)
{
    const char *sent = strstr(line, " > c0"), *came = strstr(line, " < ");

    if (strstr(line, "PART B") != NULL) {
        close_row(p);
        sim_board_button(p->host.board, true, p->host.now);
        host_pass(&p->host, HOST_SECOND);
        p->stub = "v2 1.2.2";
        p->in_stub = false;
    }
    if (strstr(line, "4f484149") != NULL) {
        p->sent_at = 0; /* MEM_END: the upload is not the recording's */
        load_stub(p);
    } else if (strstr(line, "text/unframed") != NULL) {
        p->in_stub = p->in_stub && p->sent_at != 0;
    } else if (sent != NULL && line[0] == ' ') {
        close_row(p);
        p->sent_at = p->line;
        p->want.len = 0;
        p->whole = true;
        p->known = c3_sent(sent + 3, &p->send);
    } else if (came != NULL && line[0] == ' ') {
        take_answer(p, came + 3);
    } else if (line[0] == '=' || strstr(line, "left out") != NULL) {
        close_row(p);
        left_out(p);
    }
}

static void play(const char *name, int rows, int cut)
{
    static struct play p;
    static char line[LINE_MAX_SIZE];
    char path[512];

    memset(&p, 0, sizeof p);
    p.stub = "v1";
    snprintf(path, sizeof path, "%s/tests/vectors/c3-%s.masks", SOURCE_DIR, name);
    probe_masks_load(&p.masks, path);
    snprintf(path, sizeof path, FOLDER "%s.annotated.txt", name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    start(&p);
    while (fgets(line, sizeof line, f) != NULL) {
        p.line++;
        take_line(&p, line);
    }
    close_row(&p);
    fclose(f);
    host_end(&p.host);
    print_message("%s: identical %d of %d under %d masks; %d frames are not known whole\n", name, p.same,
                  p.rows, (int)p.masks.count, p.cut);
    assert_int_equal(probe_masks_idle(&p.masks), 0);
    assert_int_equal(p.same, p.rows);
    assert_int_equal(p.rows, rows);
    assert_int_equal(p.cut, cut);
}

static void a_session_with_the_rom(void **state)
{
    (void)state;
    play("nostub-session", 99, 0);
}

static void sessions_with_both_stubs(void **state)
{
    (void)state;
    play("stub-session", 164, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_with_the_rom),
        cmocka_unit_test(sessions_with_both_stubs),
    };

    if (access(FOLDER "stub-session.annotated.txt", R_OK) != 0) {
        puts("skipped: no " FOLDER);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
