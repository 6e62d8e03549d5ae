/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/archived_rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "station/cli/cmd.h"
#include "station/print/json.h"
#include "station/print/prose.h"

/* `why`: what keeps it from being read; NULL: nothing does. */
static void name_file(const struct archived_call *call, const struct past_file *p, const char *why)
{
    if (call->json) {
        json_t *o = json_line_new("archived");
        json_put_text(o, "file", p->name);
        json_put_int(o, "first_seq", p->first_seq);
        json_put_int(o, "last_seq", p->last_seq);
        json_put_text(o, "text", why);
        json_line_write(stdout, o);
    } else if (why == NULL) {
        printf("in archive %s:\n", p->name);
    }
    if (why != NULL)
        prose_print(stderr, 2, "flashline %s: %s\n", call->verb, why);
}

static int tell_file(struct db *db, const struct archived_call *call, const struct past_file *p)
{
    struct failure f = {0};
    struct db *rows = past_rows(db, p, call->ask, &f);

    name_file(call, p, rows == NULL ? f.detail : NULL);
    int code = rows == NULL ? EXIT_ALL_PASS : call->tell(call->ctx, rows);
    db_close(rows);
    return code;
}

int archived_rows(struct db *db, const struct archived_call *call)
{
    struct past_file *files = calloc(PAST_FILES_MAX, sizeof *files);
    struct failure f = {0};

    if (files == NULL)
        return cmd_fail(EXIT_INPUT, call->verb, "out of memory, reading archives");
    int count = past_files(db, call->ask, files, PAST_FILES_MAX, &f);
    int code = count < 0 ? cmd_fail(EXIT_INPUT, call->verb, "%s", f.detail) : EXIT_ALL_PASS;

    for (int i = 0; i < count && code == EXIT_ALL_PASS; i++)
        code = tell_file(db, call, &files[i]);
    free(files);
    return code;
}
