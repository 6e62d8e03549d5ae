/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/job_print.h"

#include <stdio.h>
#include <string.h>

#include "profiles/job/job.h"
#include "station/print/json.h"
#include "station/print/prose.h"
#include "station/print/table.h"

static void revision_text(const struct job *job, char *out, size_t size)
{
    if (job->revision_max == 0 && job->revision_min == 0)
        snprintf(out, size, "any");
    else if (job->revision_max == 0)
        snprintf(out, size, "%d.%d and later", job->revision_min / 100, job->revision_min % 100);
    else
        snprintf(out, size, "%d.%d to %d.%d", job->revision_min / 100, job->revision_min % 100,
                 job->revision_max / 100, job->revision_max % 100);
}

static void put_piece(struct table *t, const char *what, const struct piece *p)
{
    table_text(t, what);
    table_format(t, "0x%06x", p->offset);
    table_format(t, "0x%x", p->size);
    table_format(t, "%u", p->zsize);
    table_text(t, p->name);
}

static void put_span(struct table *t, const char *what, uint32_t offset, uint32_t size, const char *note)
{
    table_text(t, what);
    table_format(t, "0x%06x", offset);
    if (size > 0)
        table_format(t, "0x%x", size);
    else
        table_text(t, "all"); /* as far as the board's flash reaches, which the plan does not know */
    table_text(t, "");
    table_text(t, note);
}

static void print_plan(const struct plan *plan)
{
    static const char *const titles[] = {"STEP", ">OFFSET", ">SIZE", ">COMPRESSED", "WHAT", NULL};
    struct table *t = table_new(titles);

    if (plan->flash_size != 0)
        printf("\nboards with %u MB: %s\n", plan->flash_size >> 20, plan->name);
    else
        printf("\nboards with at least 0x%x bytes: %s\n", plan->needs_size, plan->name);
    if (t == NULL)
        return;
    if (plan->erase_all)
        put_span(t, "erase", 0, plan->flash_size,
                 plan->identity.size == 0 || plan->writes_identity ? "whole chip"
                                                                   : "whole chip but the identity sector");
    else if (plan_writes(plan))
        put_span(t, "erase", plan->boot_sector, SECTOR_SIZE,
                 plan->boot != NULL ? "boot sector, first"
                                    : "boot sector, first; the board's own is restored last");
    for (size_t i = 0; i < plan->erase_count; i++)
        put_span(t, "erase", plan->erases[i].offset, plan->erases[i].size,
                 plan->writes_identity && plan->erases[i].offset == CONFIG_SECTOR
                     ? "identity sector, by the job's word"
                     : "");
    for (size_t i = 0; i < plan->piece_count; i++)
        put_piece(t, "write", &plan->pieces[i]);
    for (size_t i = 0; i < plan->final_count; i++)
        put_piece(t, "finish", &plan->finals[i]);
    if (plan->boot != NULL)
        put_piece(t, "last", plan->boot);
    for (size_t i = 0; i < plan->protect_count; i++)
        put_span(t, "keep", plan->protect[i].offset, plan->protect[i].size, "by the job's word");
    table_print(t, stdout);
    table_free(t);
}

static const char *identity_word(const struct job *job)
{
    const struct plan *p = job->plans;

    if (job->plan_count == 0 || p->identity.size == 0)
        return "no identity sector on such boards";
    return p->writes_identity ? "identity sector WRITTEN" : "identity sector kept";
}

static void print_requirements(const struct job_require *r)
{
    const char *before = "requires  ";

    for (int i = 0; i < REQUIRE_COUNT; i++) {
        if (r->is[i] == NULL)
            continue;
        printf("%s%s %s", before, job_require_key(i), r->is[i]);
        before = ", ";
    }
    if (before[0] == ',')
        putchar('\n');
}

/* What each board gets of its own; no value of it, which is a board's. */
static void print_own(const struct job *job)
{
    for (size_t i = 0; job->plan_count > 0 && i < job->plans[0].unit_count; i++) {
        const struct unit_place *u = &job->plans[0].unit[i];

        prose_print(stdout, 10, "own       %s, %u byte%s at 0x%x%s%s\n", u->name, u->size,
                    u->size == 1 ? "" : "s", u->offset,
                    strcmp(u->name, "region") == 0 && job->region[0] != '\0' ? ": " : "",
                    strcmp(u->name, "region") == 0 ? job->region : "");
    }
}

void job_print(const struct job *job)
{
    char revision[40], sha[SHA256_TEXT_SIZE];

    revision_text(job, revision, sizeof revision);
    digest_hex(job->firmware_sha256, SHA256_SIZE, sha);
    prose_print(stdout, 10, "job       %s (%s)%s\n", job->name, job->path, job->released ? ", released" : "");
    prose_print(stdout, 10, "boards    %s, %s, revision %s%s\n", job->board, job->chip, revision,
                job->revision_decides_size ? ", revision 0 with 4 MB and later ones with 8 MB only" : "");
    print_requirements(&job->require);
    prose_print(stdout, 10, "firmware  %s, version %s (from %s)%s%s\n", job->firmware_source,
                job->firmware_version,
                job->version_origin[0] == 'n' ? "nothing: it does not say" : job->version_origin,
                job->firmware_board[0] != '\0' ? ", for " : "", job->firmware_board);
    printf("sha-256   %s\n", sha);
    prose_print(stdout, 10, "writing   %u baud, verified by the chip's MD5, %s\n", job->baud,
                identity_word(job));
    print_own(job);
    for (size_t i = 0; i < job->plan_count; i++)
        print_plan(&job->plans[i]);
    for (size_t i = 0; i < job->warning_count; i++)
        prose_print(stdout, 2, "%swarning: %s\n", i == 0 ? "\n" : "", job->warnings[i]);
}

static void add_piece(json_t *list, const char *step, const struct piece *p)
{
    json_t *o = json_object();
    char md5[2 * MD5_SIZE + 1];

    digest_hex(p->md5, MD5_SIZE, md5);
    json_put_text(o, "step", step);
    json_put_int(o, "offset", p->offset);
    json_put_int(o, "size", p->size);
    json_put_int(o, "compressed", p->zsize);
    json_put_text(o, "member", p->name);
    json_put_text(o, "md5", md5);
    json_array_append_new(list, o);
}

static json_t *plan_json(const struct plan *plan)
{
    json_t *o = json_object(), *steps = json_array(), *kept = json_array();

    json_put_text(o, "name", plan->name);
    json_put_int(o, "flash_size", plan->flash_size);
    json_put_int(o, "needs_size", plan->needs_size);
    json_put_bool(o, "erase_all", plan->erase_all);
    json_put_bool(o, "writes_config", plan->writes_identity);
    for (size_t i = 0; i < plan->protect_count; i++) {
        json_t *k = json_object();

        json_put_int(k, "offset", plan->protect[i].offset);
        json_put_int(k, "size", plan->protect[i].size);
        json_array_append_new(kept, k);
    }
    json_object_set_new(o, "protect", kept);
    for (size_t i = 0; i < plan->erase_count; i++) {
        json_t *e = json_object();

        json_put_text(e, "step", "erase");
        json_put_int(e, "offset", plan->erases[i].offset);
        json_put_int(e, "size", plan->erases[i].size);
        json_array_append_new(steps, e);
    }
    for (size_t i = 0; i < plan->piece_count; i++)
        add_piece(steps, "write", &plan->pieces[i]);
    for (size_t i = 0; i < plan->final_count; i++)
        add_piece(steps, "finish", &plan->finals[i]);
    if (plan->boot != NULL)
        add_piece(steps, "last", plan->boot);
    json_object_set_new(o, "steps", steps);
    return o;
}

static json_t *requirements(const struct job_require *r)
{
    json_t *o = json_object();

    for (int i = 0; i < REQUIRE_COUNT; i++)
        if (r->is[i] != NULL)
            json_put_text(o, job_require_key(i), r->is[i]);
    return o;
}

void job_print_json(const struct job *job)
{
    json_t *o = json_line_new("job"), *plans = json_array(), *warnings = json_array();

    json_put_text(o, "name", job->name);
    json_put_text(o, "path", job->path);
    json_put_hex(o, "sha256", job->sha256, SHA256_SIZE);
    json_put_bool(o, "released", job->released);
    json_put_text(o, "board", job->board);
    json_put_text(o, "chip", job->chip);
    if (o != NULL)
        json_object_set_new(o, "require", requirements(&job->require));
    json_put_text(o, "firmware", job->firmware_source);
    json_put_text(o, "firmware_version", job->firmware_version);
    json_put_text(o, "version_origin", job->version_origin);
    json_put_text(o, "firmware_board", job->firmware_board[0] != '\0' ? job->firmware_board : NULL);
    json_put_hex(o, "firmware_sha256", job->firmware_sha256, SHA256_SIZE);
    json_put_int(o, "baud", job->baud);
    json_put_text(o, "region", job->region[0] != '\0' ? job->region : NULL);
    for (size_t i = 0; i < job->plan_count; i++)
        json_array_append_new(plans, plan_json(&job->plans[i]));
    for (size_t i = 0; i < job->warning_count; i++)
        json_array_append_new(warnings, json_string(job->warnings[i]));
    if (o != NULL) {
        json_object_set_new(o, "plans", plans);
        json_object_set_new(o, "warnings", warnings);
    }
    json_line_write(stdout, o);
}
