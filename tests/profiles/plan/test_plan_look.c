/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job's files each sound, and together no board that starts: each case says which file is told, and why. Were one of these
 * relations not looked at, a tray would be flashed, verified and pass, and none of it would boot.
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
#include "profiles/job/job_release.h"
#include "profiles/text/complaint.h"
#include "tests/support/made_plan.h"
#include "tests/support/scratch.h"

#define MB    (1024u * 1024)
#define FILES 8

struct look_case {
    const char *what;
    const char *head; /* keys of the job, each on its line; NULL: board: esp32 */
    struct made_row rows[MADE_ROWS];
    struct made_file files[FILES];
    const char *blamed; /* the file, or the key of the head, whose line is told; NULL: taken */
    const char *want;   /* in the line; of a job that is taken: in one of its notes */
};

/* The job's text; *line: of the file that is to be blamed. */
static void write_job(const struct look_case *c, int *line)
{
    const char *head = c->head != NULL ? c->head : "board: esp32\n";
    bool merged = c->files[0].kind == MADE_WHOLE && c->files[1].name == NULL;
    char text[2048];
    int n, at = 2;

    *line = 0;
    for (const char *p = head; *p != '\0'; p++) {
        size_t len = c->blamed != NULL ? strlen(c->blamed) : 0;

        if (len > 0 && (p == head || p[-1] == '\n') && strncmp(p, c->blamed, len) == 0 && p[len] == ':')
            *line = at - 1;
        at += *p == '\n';
    }
    n = snprintf(text, sizeof text, "%schip: esp32\nfirmware:\n%s", head, merged ? "" : "  images:\n");
    at += merged ? 1 : 2;
    for (int i = 0; i < FILES && c->files[i].name != NULL; i++) {
        const struct made_file *f = &c->files[i];

        made_plan_save(c->rows, f);
        if (c->blamed != NULL && strcmp(c->blamed, f->name) == 0)
            *line = at;
        n += snprintf(text + n, sizeof text - (size_t)n,
                      merged ? "  merged: {file: %s}\n" : "    - {file: %s, offset: 0x%x}\n", f->name,
                      (unsigned)f->offset);
        at++;
    }
    scratch_save_text("j.yaml", text);
}

static bool has_note(const struct job *job, const char *text)
{
    for (size_t i = 0; i < job->warning_count; i++)
        if (strstr(job->warnings[i], text) != NULL)
            return true;
    return false;
}

static void taken(const struct look_case *c)
{
    struct complaint why = {0};
    struct job *job = job_load("j.yaml", NULL, &why);

    if (job == NULL)
        fail_msg("%s: %s", c->what, why.text);
    if (c->want != NULL && !has_note(job, c->want))
        fail_msg("%s: no note says: %s", c->what, c->want);
    for (size_t i = 0; c->want == NULL && i < job->warning_count; i++)
        if (strstr(job->warnings[i], "partition") != NULL)
            fail_msg("%s: noted: %s", c->what, job->warnings[i]);
    job_free(job);
}

static void refused(const struct look_case *c, int line)
{
    struct complaint why = {0}, by_release = {0};
    struct job *job = job_load("j.yaml", NULL, &why);
    struct job_release release;
    char begin[64];

    if (job != NULL)
        fail_msg("%s: was taken", c->what);
    snprintf(begin, sizeof begin, "j.yaml:%d: ", line);
    if (strncmp(why.text, begin, strlen(begin)) != 0 || strstr(why.text, c->want) == NULL ||
        strchr(why.text, '\n') != NULL)
        fail_msg("%s\n want: %s%s\n  got: %s", c->what, begin, c->want, why.text);
    assert_int_equal(job_release_prepare("j.yaml", NULL, &release, &by_release), -1);
    job_release_free(&release);
    assert_string_equal(why.text, by_release.text);
}

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
        "app0", 0, 0x10, 0x10000, 0x140000 \
    }
#define SLOT_1                              \
    {                                       \
        "app1", 0, 0x11, 0x150000, 0x140000 \
    }
#define SPIFFS                                \
    {                                         \
        "spiffs", 1, 0x82, 0x290000, 0x170000 \
    }
#define FACTORY                            \
    {                                      \
        "factory", 0, 0, 0x10000, 0x100000 \
    }
#define PLAIN_ROWS                           \
    {                                        \
        NVS, OTADATA, SLOT_0, SLOT_1, SPIFFS \
    }
#define ONE_ROWS                                                                   \
    {                                                                              \
        {"nvs", 1, 2, 0x9000, 0x6000}, {"phy_init", 1, 1, 0xf000, 0x1000}, FACTORY \
    }
#define BOOT_4                           \
    {                                    \
        "boot.bin", MADE_BOOT, 4, 0x1000 \
    }
#define TABLE_FILE                         \
    {                                      \
        "table.bin", MADE_TABLE, 0, 0x8000 \
    }
#define APP_FILE                            \
    {                                       \
        "app.bin", MADE_APP, 60000, 0x10000 \
    }
#define USUAL BOOT_4, TABLE_FILE, APP_FILE
#define PYCOM_ROWS                                                                       \
    {                                                                                    \
        {"nvs", 1, 2, 0x9000, 0x7000}, {"factory", 0, 0, 0x10000, 0x1AE000},             \
            {"otadata", 1, 0, 0x1BE000, 0x1000}, {"ota_0", 0, 0x10, 0x1C0000, 0x1AE000}, \
            {"fs", 1, 5, 0x380000, 0x7F000},                                             \
        {                                                                                \
            "config", 1, 6, 0x3FF000, 0x1000                                             \
        }                                                                                \
    }

/* clang-format off */
static const struct look_case cases[] = {
    /* What people flash, and must be able to. */
    {"two slots, no selection", NULL, PLAIN_ROWS, {USUAL}, NULL, NULL},
    {"two slots, the first chosen", NULL, PLAIN_ROWS, {USUAL, {"sel.bin", MADE_SELECT, 1, 0xe000}}, NULL, NULL},
    {"the second slot, chosen", NULL, PLAIN_ROWS,
     {BOOT_4, TABLE_FILE, {"app.bin", MADE_APP, 60000, 0x150000}, {"sel.bin", MADE_SELECT_2, 4, 0xe000}}, NULL, NULL},
    {"factory only", NULL, ONE_ROWS, {USUAL}, NULL, NULL},
    {"factory, slots empty", NULL, {NVS, OTADATA, FACTORY, {"ota_0", 0, 0x10, 0x110000, 0x100000}}, {USUAL}, NULL, NULL},
    {"test alone", NULL, {NVS, {"test", 0, 0x20, 0x10000, 0x100000}}, {USUAL}, NULL, NULL},
    {"16 MB", NULL, {NVS, OTADATA, {"app0", 0, 0x10, 0x10000, 0x640000}, {"app1", 0, 0x11, 0x650000, 0x640000},
                     {"spiffs", 1, 0x82, 0xc90000, 0x360000}, {"coredump", 1, 3, 0xff0000, 0x10000}},
     {{"boot.bin", MADE_BOOT, 16, 0x1000}, TABLE_FILE, APP_FILE}, NULL, NULL},
    {"2 MB", "board: esp32\nflash_size: [2MB, 4MB]\n", {NVS, FACTORY, {"fs", 1, 0x82, 0x110000, 0xf0000}},
     {{"boot.bin", MADE_BOOT, 2, 0x1000}, TABLE_FILE, APP_FILE, {"fs.bin", MADE_DATA, 0xf0000, 0x110000}}, NULL, NULL},
    {"1 MB", NULL, {NVS, {"factory", 0, 0, 0x10000, 0xf0000}},
     {{"boot.bin", MADE_BOOT, 1, 0x1000}, TABLE_FILE, APP_FILE}, NULL, NULL},
    {"nvs_keys, custom types, coredump", NULL,
     {NVS, {"nvs_keys", 1, 4, 0xe000, 0x1000}, FACTORY, {"own", 0x40, 1, 0x110000, 0x1000},
      {"odd", 0xfe, 0xfe, 0x111000, 0x2000}, {"coredump", 1, 3, 0x120000, 0x10000}},
     {USUAL, {"keys.bin", MADE_DATA, 0x1000, 0xe000}, {"own.bin", MADE_DATA, 0x1000, 0x110000}}, NULL, NULL},
    {"signed and padded", NULL, ONE_ROWS, {BOOT_4, TABLE_FILE, {"app.bin", MADE_SIGNED, 60000, 0x10000}}, NULL, NULL},
    {"signed, in a partition it fills", NULL, {NVS, {"factory", 0, 0, 0x10000, 0x21000}},
     {BOOT_4, TABLE_FILE, {"app.bin", MADE_SIGNED, 70000, 0x10000}}, NULL, NULL},
    {"for revision 3.1 and later", NULL, ONE_ROWS, {BOOT_4, TABLE_FILE, {"app.bin", MADE_APP_LATE, 301, 0x10000}}, NULL, NULL},
    {"no MD5 row, as before 2018", NULL, ONE_ROWS, {BOOT_4, {"table.bin", MADE_TABLE, MADE_NO_MD5, 0x8000}, APP_FILE}, NULL, NULL},
    {"the table at 0x9000, a larger bootloader below", NULL,
     {{"nvs", 1, 2, 0xa000, 0x4000}, OTADATA, SLOT_0, SLOT_1},
     {{"boot.bin", MADE_BOOT, 4, 0x1000}, {"table.bin", MADE_TABLE, 0, 0x9000}, APP_FILE}, NULL, NULL},
    {"a file that begins inside its partition is told", NULL, PLAIN_ROWS, {USUAL, {"late.bin", MADE_DATA, 0x1000, 0x291000}},
     NULL, "late.bin at 0x291000 begins inside partition spiffs, which begins at 0x290000"},
    {"a file in no partition is told", NULL, ONE_ROWS, {USUAL, {"loose.bin", MADE_DATA, 0x1000, 0x300000}},
     NULL, "loose.bin at 0x300000 lies in no partition"},
    {"partitions of bootloader and table where those are", NULL,
     {{"boot", 2, 0, 0x1000, 0x7000}, {"table", 3, 0, 0x8000, 0x1000}, FACTORY}, {USUAL}, NULL, NULL},
    {"Pycom's header says 1 MB and means 4", "board: WiPy\n", PYCOM_ROWS, {{"boot.bin", MADE_BOOT, 0, 0x1000}, TABLE_FILE, APP_FILE},
     NULL, NULL},
    {"Pycom's own record chooses the second", "board: WiPy\n", PYCOM_ROWS,
     {BOOT_4, TABLE_FILE, {"app.bin", MADE_APP, 60000, 0x1C0000}, {"sel.bin", MADE_PYCOM_SELECT, 1, 0x1BE000}}, NULL, NULL},
    {"an erased slot is passed over", "board: esp32\nerase: [app0]\n", PLAIN_ROWS,
     {BOOT_4, TABLE_FILE, {"app.bin", MADE_APP, 60000, 0x150000}}, NULL, NULL},
    {"merged, its start found", NULL, PLAIN_ROWS, {{"whole.bin", MADE_WHOLE, 0, 0x1000}}, NULL, NULL},
    {"merged, the table's rows in another order", NULL, {NVS, OTADATA, {"ota_0", 0, 0x10, 0x110000, 0x100000}, FACTORY},
     {{"whole.bin", MADE_WHOLE, 0, 0x1000}}, NULL, NULL},
    {"the application alone, on the job's word", "board: esp32\npartial: yes\n", ONE_ROWS, {APP_FILE}, NULL, NULL},
    {"a file system alone, on the job's word", "board: esp32\npartial: yes\n", ONE_ROWS, {{"fs.bin", MADE_DATA, 0x1000, 0x290000}},
     NULL, NULL},

    /* Flash sizes. */
    {"16 MB table, 4 MB header", NULL, {NVS, OTADATA, {"app0", 0, 0x10, 0x10000, 0x640000}}, {USUAL}, "table.bin",
     "partition app0 of table.bin ends at 0x650000, beyond the 4 MB that the header of bootloader boot.bin says"},
    {"the sizes of the job tell that the bootloader is wrong", "board: esp32\nflash_size: [16MB]\n",
     {NVS, OTADATA, {"app0", 0, 0x10, 0x10000, 0x640000}}, {USUAL}, "boot.bin", "beyond the 4 MB that the header of bootloader"},
    {"8 MB table, 2 MB header", NULL, PLAIN_ROWS, {{"boot.bin", MADE_BOOT, 2, 0x1000}, TABLE_FILE, APP_FILE}, "table.bin",
     "partition app1 of table.bin ends at 0x290000, beyond the 2 MB"},
    {"a header of 1 MB is no spared one elsewhere", NULL, PYCOM_ROWS, {{"boot.bin", MADE_BOOT, 0, 0x1000}, TABLE_FILE, APP_FILE},
     "table.bin", "beyond the 1 MB"},
    {"a size that the firmware is too large for", "board: esp32\nflash_size: [2MB, 4MB]\n", PLAIN_ROWS, {USUAL}, "flash_size",
     "no board with 2 MB could be served: the firmware needs 4 MB (the header of bootloader boot.bin says 4 MB)"},
    {"every such size is named", "board: esp32\nflash_size: [1MB, 2MB, 16MB]\n", PLAIN_ROWS, {USUAL}, "flash_size", "with 1 MB, 2 MB could"},
    {"a file beyond the job's size", "board: esp32\nflash_size: [4MB]\n", ONE_ROWS, {USUAL, {"far.bin", MADE_DATA, 0x1000, 0x500000}}, "flash_size",
     "needs 6 MB (far.bin ends at 0x501000)"},
    {"a header of more than any board", NULL, ONE_ROWS, {{"boot.bin", MADE_BOOT, 32, 0x1000}, TABLE_FILE, APP_FILE}, "boot.bin",
     "needs 32 MB of flash (the header of bootloader boot.bin says 32 MB)"},

    /* The table. */
    {"found at 0x9000, and the application too large", NULL,
     {{"nvs", 1, 2, 0xa000, 0x4000}, {"ota_0", 0, 0x10, 0x10000, 0x4000}, {"ota_1", 0, 0x11, 0x120000, 0x100000}},
     {BOOT_4, {"table.bin", MADE_TABLE, 0, 0x9000}, APP_FILE}, "app.bin", "more than the 0x4000 of its partition ota_0"},
    {"a partition over the table", NULL, {{"nvs", 1, 2, 0x9000, 0x4000}, FACTORY}, {BOOT_4, {"table.bin", MADE_TABLE, 0, 0x9000}, APP_FILE},
     "table.bin", "partition nvs of table.bin begins at 0x9000, over bootloader and table; the first free place is 0xa000"},
    {"no application partition", NULL, {NVS, SPIFFS}, {USUAL}, "table.bin", "table.bin has no application partition"},
    {"not on 64 KiB", NULL, {NVS, OTADATA, {"app0", 0, 0x10, 0x13000, 0x100000}}, {BOOT_4, TABLE_FILE, {"app.bin", MADE_APP, 60000, 0x13000}},
     "table.bin", "application partition app0 of table.bin begins at 0x13000, which is not on 64 KiB; move it to 0x20000"},
    {"its MD5 lies", NULL, ONE_ROWS, {BOOT_4, {"table.bin", MADE_TABLE, MADE_MD5_LIES, 0x8000}, APP_FILE}, "table.bin", "its MD5 row does not match"},
    {"two MD5 rows", NULL, ONE_ROWS, {BOOT_4, {"table.bin", MADE_TABLE, MADE_TWO_MD5, 0x8000}, APP_FILE}, "table.bin", "it has two MD5 rows"},
    {"no end", NULL, ONE_ROWS, {BOOT_4, {"table.bin", MADE_TABLE, MADE_NO_END, 0x8000}, APP_FILE}, "table.bin", "a row does not begin with AA 50"},
    {"no table", NULL, ONE_ROWS, {BOOT_4, APP_FILE}, "boot.bin", "writes no partition table: a new board would start nothing; add it, or say 'partial: yes'"},
    {"the otadata partition has one sector", NULL, {NVS, {"otadata", 1, 0, 0xe000, 0x1000}, SLOT_0, SLOT_1}, {USUAL}, "table.bin",
     "partition otadata of table.bin has 0x1000 bytes; a bootloader needs two sectors"},

    /* The bootloader. */
    {"bootloader alone", NULL, ONE_ROWS, {BOOT_4}, "boot.bin", "writes no partition table"},
    {"no bootloader", NULL, ONE_ROWS, {TABLE_FILE, APP_FILE}, "table.bin", "writes no bootloader at 0x1000"},
    {"application alone, and not on the job's word", NULL, ONE_ROWS, {APP_FILE}, "app.bin", "writes no bootloader at 0x1000 and no partition table"},
    {"where later chips have it", NULL, ONE_ROWS, {{"boot.bin", MADE_BOOT, 4, 0}, TABLE_FILE, APP_FILE}, "boot.bin",
     "boot.bin begins with its image at 0x0; an ESP32's bootloader belongs at 0x1000"},
    {"reaches into its table", NULL, {{"nvs", 1, 2, 0x5000, 0x4000}, FACTORY}, {BOOT_4, {"table.bin", MADE_TABLE, 0, 0x4000}, APP_FILE}, "boot.bin",
     "bootloader boot.bin reaches into the partition table at 0x4000"},

    /* Applications. */
    {"beside every partition", NULL, {NVS, {"ota_0", 0, 0x10, 0x20000, 0x100000}}, {USUAL}, "app.bin",
     "app.bin at 0x10000 lies at the start of no application partition of table.bin, so none receives an application; ota_0 begins at 0x20000"},
    {"in a data partition", NULL, {NVS, {"spiffs", 1, 0x82, 0x10000, 0x100000}, {"ota_0", 0, 0x10, 0x110000, 0x100000}}, {USUAL}, "app.bin",
     "app.bin at 0x10000 lies at the start of no application partition"},
    {"none", NULL, PLAIN_ROWS, {BOOT_4, TABLE_FILE, {"fs.bin", MADE_DATA, 0x1000, 0x290000}}, "table.bin",
     "no application partition of table.bin receives an application; app0 begins at 0x10000"},
    {"for another chip", NULL, PLAIN_ROWS, {BOOT_4, TABLE_FILE, {"app.bin", MADE_APP_S3, 60000, 0x10000}}, "app.bin", "is for ESP32-S3 (chip id 9)"},
    {"data where an application belongs", NULL, PLAIN_ROWS, {USUAL, {"fs.bin", MADE_DATA, 0x1000, 0x150000}}, "fs.bin", "is not an ESP32 image"},
    {"signed, too large by its signature", NULL, {NVS, {"factory", 0, 0, 0x10000, 0x20000}}, {BOOT_4, TABLE_FILE, {"app.bin", MADE_SIGNED, 70000, 0x10000}},
     "app.bin", "app.bin has 0x21000 bytes, more than the 0x20000"},
    {"a segment of no whole words", NULL, ONE_ROWS, {BOOT_4, TABLE_FILE, {"app.bin", MADE_ODD_WORD, 0, 0x10000}}, "app.bin", "its segment 1 has 0x3fe bytes"},
    {"mapped for another place in the page", NULL, ONE_ROWS, {BOOT_4, TABLE_FILE, {"app.bin", MADE_ODD_PAGE, 0, 0x10000}}, "app.bin", "its segment 0 for 0x3f400028 lies at 0x20"},
    {"loaded where no memory is", NULL, ONE_ROWS, {BOOT_4, TABLE_FILE, {"app.bin", MADE_NO_RAM, 0, 0x10000}}, "app.bin", "0x3ff60000, where an ESP32 has no memory"},
    {"loaded over the bootloader", NULL, ONE_ROWS, {BOOT_4, TABLE_FILE, {"app.bin", MADE_ON_BOOT, 0, 0x10000}}, "app.bin", "where the bootloader itself stands"},
    {"loaded over the stack", NULL, ONE_ROWS, {BOOT_4, TABLE_FILE, {"app.bin", MADE_ON_STACK, 0, 0x10000}}, "app.bin",
     "its segment 1 is for 0x3ffe3800, where the bootloader has its stack"},
    {"for a revision that no ESP32 can have", NULL, ONE_ROWS, {BOOT_4, TABLE_FILE, {"app.bin", MADE_APP_LATE, 400, 0x10000}}, "app.bin",
     "app.bin at 0x10000 is for revision v4.0 and later, and there is no ESP32 beyond v3.3"},
    {"a bootloader for such a one", NULL, ONE_ROWS, {{"boot.bin", MADE_BOOT_LATE, 900, 0x1000}, TABLE_FILE, APP_FILE}, "boot.bin", "is for revision v9.0 and later"},

    /* What is chosen. */
    {"an empty slot is chosen", NULL, PLAIN_ROWS, {USUAL, {"sel.bin", MADE_SELECT, 2, 0xe000}}, "sel.bin", "sel.bin chooses app1 (0x150000), which receives nothing"},
    {"an empty slot is chosen by the second sector", NULL, PLAIN_ROWS, {USUAL, {"sel.bin", MADE_SELECT_2, 6, 0xe000}}, "sel.bin", "sel.bin chooses app1"},
    {"the second slot, not chosen", NULL, PLAIN_ROWS, {BOOT_4, TABLE_FILE, {"app.bin", MADE_APP, 60000, 0x150000}}, "table.bin",
     "the bootloader tries app0 (0x10000) first, which receives nothing"},
    {"factory goes before the slot that is written", NULL, {NVS, OTADATA, FACTORY, {"ota_0", 0, 0x10, 0x110000, 0x100000}},
     {BOOT_4, TABLE_FILE, {"app.bin", MADE_APP, 60000, 0x110000}}, "table.bin", "the bootloader tries factory (0x10000) first"},
    {"a slot that is never reached", NULL, {NVS, OTADATA, {"ota_5", 0, 0x15, 0x10000, 0x100000}}, {USUAL}, "table.bin", "lies where the bootloader never looks"},
    {"Pycom's own record chooses an empty one", "board: WiPy\n", PYCOM_ROWS, {USUAL, {"sel.bin", MADE_PYCOM_SELECT, 1, 0x1BE000}}, "sel.bin",
     "sel.bin chooses ota_0 (0x1c0000), which receives nothing"},

    /* Everything else. */
    {"over its partition into the next", NULL, {NVS, FACTORY, {"fs", 1, 0x82, 0x110000, 0x10000}, {"certs", 1, 0x81, 0x120000, 0x10000}},
     {USUAL, {"fs.bin", MADE_DATA, 0x12000, 0x110000}}, "fs.bin", "fs.bin at 0x110000 ends at 0x122000, beyond the end of its partition fs (0x110000+0x10000)"},
    {"over its partition into nothing", NULL, {NVS, FACTORY, {"coredump", 1, 3, 0x110000, 0x10000}}, {USUAL, {"core.bin", MADE_DATA, 0x10001, 0x110000}},
     "core.bin", "beyond the end of its partition coredump"},
    {"of a custom type, the same", NULL, {NVS, FACTORY, {"own", 0x40, 0, 0x110000, 0x1000}}, {USUAL, {"own.bin", MADE_DATA, 0x1004, 0x110000}}, "own.bin",
     "beyond the end of its partition own"},
    {"nvs into otadata", NULL, PLAIN_ROWS, {USUAL, {"nvs.bin", MADE_DATA, 0x6000, 0x9000}}, "nvs.bin", "beyond the end of its partition nvs"},
    {"from between partitions into one", NULL, {NVS, FACTORY, {"fs", 1, 0x82, 0x120000, 0x10000}}, {USUAL, {"gap.bin", MADE_DATA, 0x11000, 0x110000}}, "gap.bin",
     "gap.bin at 0x110000 begins in no partition of table.bin and runs into fs at 0x120000"},
    {"merged, cut off before its application", NULL, PLAIN_ROWS, {{"whole.bin", MADE_WHOLE, 64000, 0x1000}}, "whole.bin", "before its application begins"},
    {"merged, cut off within its application", NULL, PLAIN_ROWS, {{"whole.bin", MADE_WHOLE, 5000, 0x1000}}, "whole.bin", "within its application"},
    {"blank sectors of a bootloader, protected", "board: esp32\nprotect: 0x3000\n", ONE_ROWS, {{"boot.bin", MADE_BOOT_HOLLOW, 0, 0x1000}, TABLE_FILE, APP_FILE}, "boot.bin",
     "an image in boot.bin runs over 0x3000+0x1000, which is protected: it would not be whole"},
    {"of an application that does not start", "board: esp32\nprotect: 0x152000\n", PLAIN_ROWS, {USUAL, {"two.bin", MADE_HOLLOW, 0, 0x150000}}, "two.bin", "an image in two.bin runs over 0x152000"},
    {"of a part", "board: esp32\npartial: yes\nprotect: 0x12000\n", ONE_ROWS, {{"app.bin", MADE_HOLLOW, 0, 0x10000}}, "app.bin", "an image in app.bin runs over 0x12000"},
    {"of an application, by the board type", "board: WiPy\n", {NVS, FACTORY, {"ota_0", 0, 0x10, 0x3f0000, 0x20000}},
     {{"boot.bin", MADE_BOOT, 8, 0x1000}, TABLE_FILE, APP_FILE, {"two.bin", MADE_HOLLOW_LONG, 0, 0x3f0000}}, "two.bin", "an image in two.bin runs over 0x3ff000+0x1000"},
    {"a part over the board's bootloader", "board: esp32\npartial: yes\n", ONE_ROWS, {APP_FILE, {"d.bin", MADE_DATA, 0x1000, 0x2000}}, "d.bin",
     "d.bin at 0x2000 runs over the board's own bootloader (0x1000+0x7000)"},
    {"the same, and a table of its own", "board: esp32\npartial: yes\n", {{"nvs", 1, 2, 0xa000, 0x4000}, FACTORY},
     {{"d.bin", MADE_DATA, 0x1000, 0x7000}, {"table.bin", MADE_TABLE, 0, 0x9000}, APP_FILE}, "d.bin", "d.bin at 0x7000 runs over the board's own bootloader (0x1000+0x8000)"},
    {"an erase of the board's bootloader", "board: esp32\npartial: yes\nerase: [0x7000+0x1000]\n", ONE_ROWS, {APP_FILE}, "erase",
     "erase: takes the bootloader at 0x1000 and the job writes none"},
    {"a part that is no sound application", "board: esp32\npartial: yes\n", ONE_ROWS, {{"app.bin", MADE_APP_S3, 60000, 0x10000}}, "app.bin", "is for ESP32-S3"},
};
/* clang-format on */

static void test_every_relation(void **state)
{
    int taken_count = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int line;

        write_job(&cases[i], &line);
        if (cases[i].blamed == NULL) {
            taken(&cases[i]);
            taken_count++;
        } else {
            refused(&cases[i], line);
        }
    }
    print_message("%d plans are taken, %d refused\n", taken_count,
                  (int)(sizeof cases / sizeof cases[0]) - taken_count);
}

/* 'flash' takes a file alone, without a job: by the same rules. */
static void test_a_file_alone(void **state)
{
    static const struct look_case whole = {.rows = PLAIN_ROWS, .files = {{"whole.bin", MADE_WHOLE, 0, 0}}},
                                  cut = {.rows = PLAIN_ROWS, .files = {{"cut.bin", MADE_WHOLE, 64000, 0}}},
                                  none = {.rows = {NVS, SPIFFS}, .files = {{"none.bin", MADE_WHOLE, 0, 0}}};
    struct complaint c = {0};
    struct job *job;

    (void)state;
    made_plan_save(whole.rows, &whole.files[0]);
    job = job_from_firmware("whole.bin", &c);
    if (job == NULL)
        fail_msg("%s", c.text);
    assert_false(job->plans[0].asks_board);
    assert_int_equal(job->plans[0].needs_size, 4 * MB);
    job_free(job);
    made_plan_save(cut.rows, &cut.files[0]);
    assert_null(job_from_firmware("cut.bin", &c));
    assert_non_null(strstr(c.text, "cut.bin: is cut off"));
    complaint_clear(&c);
    made_plan_save(none.rows, &none.files[0]);
    assert_null(job_from_firmware("none.bin", &c));
    assert_non_null(strstr(c.text, "has no application partition"));
}

/* What is not written of the boot selection is blank in the end, whatever the board had. */
static void test_half_a_selection(void **state)
{
    static const struct look_case half = {.rows = PLAIN_ROWS,
                                          .files = {USUAL, {"sel.bin", MADE_DATA, 0x20, 0xe000}}};
    struct complaint c = {0};
    struct job *job;
    int line;

    (void)state;
    write_job(&half, &line);
    job = job_load("j.yaml", NULL, &c);
    if (job == NULL)
        fail_msg("%s", c.text);
    assert_int_equal(job->plans[0].erase_count, 1);
    assert_int_equal(job->plans[0].erases[0].offset, 0xf000);
    assert_int_equal(job->plans[0].erases[0].size, 0x1000);
    job_free(job);
}

/* A list of jobs says which cannot be used, and that is not found out at the station. */
static void test_files_that_are_missing(void **state)
{
    struct complaint c = {0};
    struct job *job;
    int line;

    (void)state;
    write_job(&cases[0], &line);
    job = job_load_settings("j.yaml", &c);
    assert_non_null(job);
    job_free(job);
    assert_int_equal(unlink("app.bin"), 0);
    assert_null(job_load_settings("j.yaml", &c));
    assert_string_equal(c.text, "j.yaml:7: app.bin: cannot be read: No such file or directory");
}

static char folder[SCRATCH_SIZE];

static int set_up(void **state)
{
    (void)state;
    scratch_enter(folder, "look");
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
        cmocka_unit_test_setup_teardown(test_every_relation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_half_a_selection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_files_that_are_missing, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
