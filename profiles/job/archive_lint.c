/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/job/archive_lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/firmware_archive.h"
#include "profiles/firmware/pycom_script.h"
#include "profiles/plan/plan.h"
#include "profiles/text/arena.h"
#include "profiles/text/file_bytes.h"

#define MB (1024u * 1024)

struct linter {
    struct arena *arena;
    struct lint_report *report;
    struct place at;
    struct firmware_archive archive;
    bool used[ARCHIVE_MEMBERS_MAX]; /* by some script */
    bool lost;                      /* a line for want of memory */
};

static void add(struct linter *l, const char **lines, size_t *count, const char *text)
{
    char *copy;

    /* Two scripts with one fault tell it once each; the same sentence twice helps nobody. */
    for (size_t i = 0; i < *count; i++)
        if (strcmp(lines[i], text) == 0)
            return;
    if (*count == LINT_LINES)
        return;
    copy = arena_text(l->arena, "%s", text);
    if (copy == NULL)
        l->lost = true;
    else
        lines[(*count)++] = copy;
}

static void found(struct linter *l, const struct complaint *c)
{
    if (c->code == FAIL_NO_MEMORY)
        l->lost = true;
    add(l, l->report->findings, &l->report->finding_count, c->text);
}

static void note(struct linter *l, const char *text)
{
    char line[512];

    snprintf(line, sizeof line, "%s: %.440s", l->at.file, text);
    add(l, l->report->notes, &l->report->note_count, line);
}

/* All missing members of a script, not only the first. Returns how many. */
static int lint_members(struct linter *l, const struct pycom_script *s)
{
    int missing = 0;

    for (size_t i = 0; i < s->count; i++) {
        const struct script_command *cmd = &s->commands[i];
        const struct archive_member *m = firmware_archive_find(&l->archive, cmd->file);
        struct complaint c = {0};

        if (cmd->letter == SCRIPT_ERASE)
            continue;
        if (m != NULL) {
            l->used[m - l->archive.members] = true;
            continue;
        }
        missing++;
        complain_at(&c, FAIL_FIRMWARE, &l->at, "%s: entry %d: the archive has no member '%s'", s->member,
                    cmd->entry, cmd->file);
        found(l, &c);
    }
    return missing;
}

static void lint_plan(struct linter *l, const struct pycom_script *s, uint32_t flash_size)
{
    struct plan_warnings *warnings = arena_alloc(l->arena, sizeof *warnings);
    struct piece_store *store = arena_alloc(l->arena, sizeof *store);
    struct plan_draft *draft = arena_alloc(l->arena, sizeof *draft);
    struct complaint c = {0};
    struct plan_context ctx = {.arena = l->arena,
                               .store = store,
                               .warnings = warnings,
                               .at = &l->at,
                               .c = &c,
                               .chip_id = ESP_CHIP_ID_ESP32};
    struct plan plan;

    if (warnings == NULL || store == NULL || draft == NULL) {
        l->lost = true;
        return;
    }
    store->arena = l->arena;
    snprintf(draft->name, sizeof draft->name, "%s", s->member);
    draft->flash_size = flash_size;
    if (plan_add_script(&ctx, draft, s, &l->archive) != 0 || plan_finish(&ctx, draft, &plan) != 0)
        found(l, &c);
    for (size_t i = 0; i < warnings->count; i++)
        note(l, warnings->texts[i]);
}

static bool is_chosen(const struct linter *l, const struct archive_member *m, uint32_t flash_size)
{
    return pycom_script_choose(&l->archive, flash_size, &l->at, NULL) == m;
}

static void lint_script(struct linter *l, const struct archive_member *m)
{
    struct pycom_script *s = arena_alloc(l->arena, sizeof *s);
    bool small = is_chosen(l, m, 4 * MB), large = is_chosen(l, m, 8 * MB);
    struct complaint c = {0};

    if (s == NULL) {
        l->lost = true;
        return;
    }
    if (pycom_script_parse(m, s, &l->at, &c) != 0) {
        found(l, &c);
        return;
    }
    if (pycom_script_check_build(s, &l->archive, &l->at, &c) != 0) {
        found(l, &c);
        return;
    }
    if (lint_members(l, s) > 0)
        return;
    if (small)
        lint_plan(l, s, 4 * MB);
    if (large)
        lint_plan(l, s, 8 * MB);
    if (!small && !large)
        lint_plan(l, s, 0); /* an updater of long ago might still take it */
}

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);

    return a >= b && strcmp(text + a - b, end) == 0;
}

static void lint_scripts(struct linter *l)
{
    static const char *const names[] = {"script", "script2", "script_4MB", "script_8MB"};
    const struct archive_member *m;
    struct complaint c = {0};
    int scripts = 0;
    char text[300];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        m = firmware_archive_find(&l->archive, names[i]);
        if (m != NULL) {
            scripts++;
            lint_script(l, m);
        }
    }
    for (size_t i = 0; i < l->archive.count; i++) {
        const char *name = l->archive.members[i].name;

        if (strncmp(name, "script", 6) == 0 && ends_with(name, "_enc")) {
            snprintf(text, sizeof text, "%s: is for boards with flash encryption and is never used here",
                     name);
            note(l, text);
            l->used[i] = true;
        }
    }
    if (scripts == 0) {
        pycom_script_choose(&l->archive, 8 * MB, &l->at, &c);
        found(l, &c);
    } else if (firmware_archive_find(&l->archive, "script_4MB") != NULL &&
               firmware_archive_find(&l->archive, "script_8MB") == NULL) {
        note(l, "ships scripts for 4 MB only");
    }
}

/* What no script needs is looked at too: an appimg.bin is sent over the air by others. */
static void lint_member(struct linter *l, size_t i)
{
    const struct archive_member *m = &l->archive.members[i];
    struct partition_table *table;
    struct complaint c = {0};
    struct esp_image image;
    const char *why;
    char text[300];

    if (esp_image_is(m->data, m->size)) {
        if (esp_image_parse(m->data, m->size, &image, &why) != 0)
            complain_at(&c, FAIL_FIRMWARE, &l->at, "%s: %s", m->name, why);
        else if (image.chip_id != ESP_CHIP_ID_ESP32)
            complain_at(&c, FAIL_FIRMWARE, &l->at, "%s: is for %s (chip id %u), not for ESP32", m->name,
                        esp_chip_id_name(image.chip_id), image.chip_id);
    } else if (partition_table_is(m->data, m->size)) {
        table = arena_alloc(l->arena, sizeof *table);
        if (table == NULL)
            l->lost = true;
        else if (partition_table_parse(m->data, m->size, table, &why) != 0)
            complain_at(&c, FAIL_FIRMWARE, &l->at, "%s: partition table: %s", m->name, why);
        else if (!table->has_md5) {
            snprintf(text, sizeof text, "%.100s: the partition table has no MD5 row (made before 2018)",
                     m->name);
            note(l, text);
        }
    }
    if (c.code != FAILURE_NONE)
        found(l, &c);
    if (!l->used[i] && strncmp(m->name, "script", 6) != 0) {
        snprintf(text, sizeof text, "%.100s: no script uses this member", m->name);
        note(l, text);
    }
}

int archive_lint(const char *path, struct lint_report *out)
{
    struct linter l = {.arena = arena_new(), .report = out, .at = {path, 0, NULL}};
    struct complaint c = {0};
    const uint8_t *bytes;
    size_t size;

    memset(out, 0, sizeof *out);
    out->memory = l.arena;
    if (l.arena == NULL)
        return -1;
    if (file_bytes_read(path, ARCHIVE_FILE_MAX, l.arena, &bytes, &size, FAIL_FIRMWARE, &l.at, &c) != 0 ||
        firmware_archive_read(bytes, size, l.arena, &l.archive, &l.at, &c) != 0) {
        found(&l, &c);
    } else {
        lint_scripts(&l);
        for (size_t i = 0; i < l.archive.count; i++)
            lint_member(&l, i);
    }
    if (!l.lost)
        return 0;
    archive_lint_free(out);
    return -1;
}

void archive_lint_free(struct lint_report *report)
{
    arena_free(report->memory);
    memset(report, 0, sizeof *report);
}
