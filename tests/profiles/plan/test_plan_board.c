/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job that writes a part is held against the board that gets it: its partition table, what it starts, what it holds. Were it
 * not, a file system would go over an application, or an application where nothing starts it, and the board would pass.
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

#include "profiles/job/job.h"
#include "profiles/plan/plan_board.h"
#include "profiles/text/complaint.h"
#include "tests/support/made_plan.h"
#include "tests/support/scratch.h"

#define MB    (1024u * 1024)
#define FILES 6

struct board_case {
    const char *what;
    const char *head; /* keys of the job, each on its line; 'partial: yes' is added */
    struct made_file job[FILES];
    struct made_row rows[MADE_ROWS]; /* of the table on the board */
    struct made_file board[FILES];
    const char *want; /* NULL: it suits */
};

#define NVS                         \
    {                               \
        "nvs", 1, 2, 0x9000, 0x5000 \
    }
#define OTADATA                         \
    {                                   \
        "otadata", 1, 0, 0xe000, 0x2000 \
    }
#define SLOT_0                             \
    {                                      \
        "app0", 0, 0x10, 0x10000, 0x100000 \
    }
#define SLOT_1                              \
    {                                       \
        "app1", 0, 0x11, 0x110000, 0x100000 \
    }
#define FS                                \
    {                                     \
        "fs", 1, 0x82, 0x290000, 0x170000 \
    }
#define ROWS                             \
    {                                    \
        NVS, OTADATA, SLOT_0, SLOT_1, FS \
    }
#define APP                                 \
    {                                       \
        "app.bin", MADE_APP, 60000, 0x10000 \
    }
#define FS_FILE                               \
    {                                         \
        "fs.bin", MADE_DATA, 0x3000, 0x290000 \
    }
#define BOOT                         \
    {                                \
        "boot", MADE_BOOT, 4, 0x1000 \
    }
#define TABLE                          \
    {                                  \
        "table", MADE_TABLE, 0, 0x8000 \
    }
#define OLD_0                            \
    {                                    \
        "old0", MADE_APP, 50000, 0x10000 \
    }
#define OLD_1                             \
    {                                     \
        "old1", MADE_APP, 50000, 0x110000 \
    }

/* clang-format off */
static const struct board_case cases[] = {
    {"an application over the old one", "", {APP}, ROWS, {BOOT, TABLE, OLD_0}, NULL},
    {"the same, with two good slots and no choice", "", {APP}, ROWS, {BOOT, TABLE, OLD_0, OLD_1}, NULL},
    {"the same, chosen", "", {APP}, ROWS, {BOOT, TABLE, OLD_0, {"sel", MADE_SELECT, 3, 0xe000}}, NULL},
    {"the table at 0x9000", "", {APP}, {{"nvs", 1, 2, 0xa000, 0x4000}, SLOT_0}, {BOOT, {"table", MADE_TABLE, 0, 0x9000}, OLD_0}, NULL},
    {"a table without MD5", "", {APP}, ROWS, {BOOT, {"table", MADE_TABLE, MADE_NO_MD5, 0x8000}, OLD_0}, NULL},
    {"a file system, the application stays", "", {FS_FILE}, ROWS, {BOOT, TABLE, OLD_0}, NULL},
    {"a file system, the second slot is what starts", "", {FS_FILE}, ROWS, {BOOT, TABLE, OLD_1}, NULL},
    {"the second slot with its choice erased", "erase: [0xe000+0x2000]\n", {APP}, ROWS, {BOOT, TABLE, OLD_1, {"sel", MADE_SELECT, 2, 0xe000}}, NULL},
    {"with its own choice", "", {{"app.bin", MADE_APP, 60000, 0x110000}, {"sel.bin", MADE_SELECT, 2, 0xe000}}, ROWS, {BOOT, TABLE, OLD_0}, NULL},
    {"Pycom's selection, of the slot that is written", "", {APP}, {NVS, {"otadata", 1, 0, 0xe000, 0x1000}, {"factory", 0, 0, 0x110000, 0x100000}, SLOT_0},
     {BOOT, TABLE, OLD_1, {"sel", MADE_PYCOM_SELECT, 1, 0xe000}}, NULL},
    {"with its own table", "", {{"table.bin", MADE_TABLE, 0, 0x8000}, APP}, ROWS, {BOOT}, NULL},

    {"no table", "", {APP}, ROWS, {BOOT, OLD_0}, "the board has no partition table between 0x8000 and 0x10000, and the job writes none"},
    {"a damaged table", "", {APP}, ROWS, {BOOT, {"table", MADE_TABLE, MADE_MD5_LIES, 0x8000}, OLD_0}, "the board's own partition table: its MD5 row does not match"},
    {"larger than the partition of this board", "", {{"app.bin", MADE_APP, 0x20000, 0x10000}}, {NVS, OTADATA, {"app0", 0, 0x10, 0x10000, 0x20000}, SLOT_1},
     {BOOT, TABLE, OLD_0}, "app.bin at 0x10000 ends at 0x30c"},
    {"no application partition begins there", "", {APP}, {NVS, {"app0", 0, 0x10, 0x20000, 0x100000}}, {BOOT, TABLE, {"old", MADE_APP, 50000, 0x20000}},
     "app.bin at 0x10000 lies at the start of no application partition of the board's own table, so none receives an application; app0 begins at 0x20000"},
    {"a data partition there", "", {APP}, {NVS, {"fs", 1, 0x82, 0x10000, 0x100000}, SLOT_1}, {BOOT, TABLE, OLD_1}, "lies at the start of no application partition"},
    {"a file system over an application", "", {FS_FILE}, {NVS, OTADATA, SLOT_0, {"app1", 0, 0x11, 0x290000, 0x100000}}, {BOOT, TABLE, OLD_0},
     "fs.bin at 0x290000 is no application, and app1 is an application partition of the board's own table"},
    {"a file system longer than the partition", "", {FS_FILE}, {NVS, SLOT_0, {"fs", 1, 0x82, 0x290000, 0x2000}, {"cd", 1, 3, 0x292000, 0x1000}}, {BOOT, TABLE, OLD_0},
     "beyond the end of its partition fs (0x290000+0x2000) in the board's own table"},
    {"another slot is chosen", "", {APP}, ROWS, {BOOT, TABLE, OLD_1, {"sel", MADE_SELECT, 2, 0xe000}},
     "the board starts app1 (0x110000), which the job does not write"},
    {"factory goes first", "", {{"app.bin", MADE_APP, 60000, 0x110000}}, {NVS, OTADATA, {"factory", 0, 0, 0x10000, 0x100000}, {"app0", 0, 0x10, 0x110000, 0x100000}},
     {BOOT, TABLE, OLD_0}, "the board starts factory (0x10000), which the job does not write"},
    {"nothing to start", "", {FS_FILE}, ROWS, {BOOT, TABLE}, "no partition of the board's own table holds an application"},
    {"what there was to start is another chip's", "", {FS_FILE}, ROWS, {BOOT, TABLE, {"old", MADE_APP_S3, 50000, 0x10000}}, "no partition of the board's own table holds"},
    {"its own choice, of an empty slot", "", {APP, {"sel.bin", MADE_SELECT, 2, 0xe000}}, ROWS, {BOOT, TABLE, OLD_1}, "sel.bin chooses app1 (0x110000), which receives nothing"},
    {"a table for more flash than the board has", "", {APP}, {NVS, SLOT_0, {"fs", 1, 0x82, 0x400000, 0x400000}}, {BOOT, TABLE, OLD_0},
     "partition fs of the board's own table ends at 0x800000, beyond the flash of 4 MB"},
    {"the board's bootloader is for less than the table", "", {{"table.bin", MADE_TABLE, 0, 0x8000}, APP}, ROWS, {{"boot", MADE_BOOT, 2, 0x1000}},
     "partition app1 ends at 0x210000, beyond the 2 MB that the board's own bootloader takes its flash for"},
    {"Pycom's selection, by its one sector", "", {APP}, {NVS, {"otadata", 1, 0, 0xe000, 0x1000}, {"factory", 0, 0, 0x110000, 0x100000}, SLOT_0},
     {BOOT, TABLE, OLD_1}, "the board starts factory (0x110000), which the job does not write"},
    {"a bootloader alone", "", {BOOT}, ROWS, {BOOT, TABLE, OLD_0}, NULL},
    {"a file behind the application that is written", "", {APP, {"d.bin", MADE_DATA, 0x1000, 0x40000}}, ROWS, {BOOT, TABLE, OLD_0}, NULL},
    {"a file and an erase in a slot that does not start", "erase: [0x150000+0x1000]\n", {{"d.bin", MADE_DATA, 0x1000, 0x120000}}, ROWS, {BOOT, TABLE, OLD_0, OLD_1}, NULL},
    {"a bootloader for less flash than the board's table", "", {{"boot.bin", MADE_BOOT, 2, 0x1000}}, ROWS, {BOOT, TABLE, OLD_0},
     ": boot.bin says 2 MB of flash, and partition app1 of the board's own table ends at 0x210000: it would refuse the table"},
    {"a bootloader of ESP-IDF's for a board of Pycom's", "", {BOOT}, {NVS, {"otadata", 1, 0, 0xe000, 0x1000}, SLOT_0}, {BOOT, TABLE, OLD_0},
     "partition otadata of the board's own table has 0x1000 bytes; a bootloader needs two sectors"},
    {"a file over a bootloader that reaches further up", "", {{"d.bin", MADE_DATA, 0x1000, 0x9000}}, {{"nvs", 1, 2, 0xb000, 0x4000}, SLOT_0, FS},
     {BOOT, {"table", MADE_TABLE, 0, 0xa000}, OLD_0}, "d.bin at 0x9000 runs over the board's own bootloader (0x1000+0x9000)"},
    {"a file over the board's table", "", {{"d.bin", MADE_DATA, 0x1000, 0x9000}}, {{"nvs", 1, 2, 0xa000, 0x4000}, SLOT_0, FS}, {BOOT, {"table", MADE_TABLE, 0, 0x9000}, OLD_0},
     "d.bin at 0x9000 runs over the board's own partition table (0x9000+0x1000)"},
    {"a bootloader, and a file over the table", "", {BOOT, {"d.bin", MADE_DATA, 0x1000, 0x9000}}, {{"nvs", 1, 2, 0xa000, 0x4000}, SLOT_0, FS}, {BOOT, {"table", MADE_TABLE, 0, 0x9000}, OLD_0},
     "d.bin at 0x9000 runs over the board's own partition table"},
    {"a file within the application that starts", "", {{"d.bin", MADE_DATA, 0x1000, 0x14000}}, ROWS, {BOOT, TABLE, OLD_0}, "d.bin at 0x14000 runs over the application that the board starts, app0 (0x10000+0x100000)"},
    {"an erase within the application that starts", "erase: [0x14000+0x1000]\n", {FS_FILE}, ROWS, {BOOT, TABLE, OLD_0}, "erase: 0x14000+0x1000 takes the application that the board starts, app0"},
};

/* Names that the board's own table has to tell, and the places that they are on it. */
static const struct {
    struct board_case board;
    const char *places;
} named[] = {
    {{"names of the board's own table", "erase: [otadata, fs]\nprotect: nvs\n", {FS_FILE}, ROWS, {BOOT, TABLE, OLD_0}, NULL},
     "keep 9000+5000, erase e000+2000 293000+16d000"},
    {{"the same names, elsewhere on this board", "erase: [otadata, fs]\nprotect: nvs\n", {APP}, {{"nvs", 1, 2, 0xc000, 0x2000}, OTADATA, SLOT_0, {"fs", 1, 0x82, 0x380000, 0x40000}},
     {BOOT, TABLE, OLD_0}, NULL}, "keep c000+2000, erase e000+2000 380000+40000"},
    {{"ranges beside names", "erase: [fs, 0x9000+0x3000]\nprotect: [0x2A0000, nvs]\n", {FS_FILE}, {{"nvs", 1, 2, 0xa000, 0x1000}, SLOT_0, FS}, {BOOT, TABLE, OLD_0}, NULL},
     "keep 2a0000+1000 a000+1000, erase 9000+1000 b000+1000 293000+d000 2a1000+15f000"},
    {{"an erase by name beside an application", "erase: nvs\n", {APP}, ROWS, {BOOT, TABLE, OLD_0}, NULL}, "keep, erase 9000+5000"},
    {{"the second slot with its choice erased by name", "erase: otadata\n", {APP}, ROWS, {BOOT, TABLE, OLD_1, {"sel", MADE_SELECT, 2, 0xe000}}, NULL}, "keep, erase e000+2000"},
    {{"a name that this board has not, protected", "protect: [nvs, nosuch]\n", {APP}, ROWS, {BOOT, TABLE, OLD_0}, "protect: 'nosuch' is no partition of the board's own table"}, NULL},
    {{"a name that this board has not, erased", "erase: storage\n", {APP}, ROWS, {BOOT, TABLE, OLD_0}, "erase: 'storage' is no partition of the board's own table"}, NULL},
    {{"protected and written", "protect: fs\n", {FS_FILE}, ROWS, {BOOT, TABLE, OLD_0}, "fs.bin at 0x290000 is written, and the job protects fs (0x290000+0x170000 of the board's own table)"}, NULL},
    {{"more than can be kept", "protect: fs\n", {APP}, ROWS, {BOOT, TABLE, OLD_0}, "protect: with fs (0x290000+0x170000 of the board's own table) more than 8 places or 256 KiB"}, NULL},
    {{"protected twice", "protect: [0xA000, nvs]\n", {APP}, ROWS, {BOOT, TABLE, OLD_0}, "protect: nvs (0x9000+0x5000 of the board's own table) overlaps what is protected already"}, NULL},
    {{"what starts, erased", "erase: app0\n", {FS_FILE}, ROWS, {BOOT, TABLE, OLD_0}, "no partition of the board's own table holds an application"}, NULL},
};
/* clang-format on */

static uint8_t flash[4 * MB];

static void make_board(const struct board_case *c)
{
    memset(flash, 0xff, sizeof flash);
    for (int i = 0; i < FILES && c->board[i].name != NULL; i++) {
        size_t size;
        uint8_t *bytes = made_plan_bytes(c->rows, &c->board[i], &size);

        memcpy(flash + c->board[i].offset, bytes, size);
        free(bytes);
    }
}

static struct job *make_job(const struct board_case *c)
{
    struct complaint why = {0};
    char text[1024];
    struct job *job;
    int n = snprintf(text, sizeof text, "board: esp32\npartial: yes\n%schip: esp32\nfirmware:\n  images:\n",
                     c->head);

    for (int i = 0; i < FILES && c->job[i].name != NULL; i++) {
        made_plan_save(c->rows, &c->job[i]);
        n += snprintf(text + n, sizeof text - (size_t)n, "    - {file: %s, offset: 0x%x}\n", c->job[i].name,
                      (unsigned)c->job[i].offset);
    }
    scratch_save_text("j.yaml", text);
    job = job_load("j.yaml", NULL, &why);
    if (job == NULL)
        fail_msg("%s: %s", c->what, why.text);
    return job;
}

static void tell_places(const struct plan *p, char out[static 256])
{
    int n = snprintf(out, 256, "keep");

    for (size_t i = 0; i < p->protect_count; i++)
        n += snprintf(out + n, 256 - (size_t)n, " %x+%x", p->protect[i].offset, p->protect[i].size);
    n += snprintf(out + n, 256 - (size_t)n, ", erase");
    for (size_t i = 0; i < p->erase_count; i++)
        n += snprintf(out + n, 256 - (size_t)n, " %x+%x", p->erases[i].offset, p->erases[i].size);
}

/* As whoever has the board does; how many sectors were read. */
static int look(const struct plan *plan, struct complaint *why, int *rc, char places[static 256])
{
    struct plan_board *b = calloc(1, sizeof *b);
    uint32_t offset;
    int read = 0;

    assert_non_null(b);
    plan_board_begin(b, plan, sizeof flash);
    while ((*rc = plan_board_next(b, &offset, why)) > 0) {
        assert_true(offset % SECTOR_SIZE == 0 && offset <= sizeof flash - SECTOR_SIZE);
        plan_board_take(b, flash + offset);
        assert_true(++read < 40);
    }
    tell_places(b->plan, places);
    free(b);
    return read;
}

/* How many sectors were read. */
static int check(const struct board_case *c, char places[static 256])
{
    struct complaint why = {0};
    struct job *job = make_job(c);
    int rc, read;

    make_board(c);
    assert_true(job->plans[0].asks_board);
    read = look(&job->plans[0], &why, &rc, places);
    if (c->want == NULL && rc != 0)
        fail_msg("%s: %s", c->what, why.text);
    if (c->want != NULL && rc == -1 && strncmp(why.text, ": files: ", 9) != 0)
        fail_msg("%s: of a board, no line of a job: %s", c->what, why.text);
    if (c->want != NULL && (rc != -1 || strstr(why.text, c->want) == NULL))
        fail_msg("%s\n want: %s\n  got: %s", c->what, c->want, rc == 0 ? "it suits" : why.text);
    job_free(job);
    return read;
}

static void test_every_board(void **state)
{
    char places[256];
    int most = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int read = check(&cases[i], places);
        most = read > most ? read : most;
    }
    print_message("at most %d sectors of a board are read\n", most);
}

static void test_names_of_the_boards_table(void **state)
{
    char places[256];

    (void)state;
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        check(&named[i].board, places);
        if (named[i].places != NULL && strcmp(places, named[i].places) != 0)
            fail_msg("%s\n want: %s\n  got: %s", named[i].board.what, named[i].places, places);
    }
}

static char folder[SCRATCH_SIZE];

static int set_up(void **state)
{
    (void)state;
    scratch_enter(folder, "board");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_leave(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_board, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_names_of_the_boards_table, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
