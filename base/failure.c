/* SPDX-License-Identifier: Apache-2.0 */
#include "base/failure.h"

#include <stdio.h>
#include <string.h>

struct row {
    enum failure_code code;
    enum blame blame;
    const char *id, *title, *remedy;
};

static const struct row rows[] = {
#define X(id, number, blame, title, remedy) {id, blame, #id, title, remedy},
    FAILURE_CODES(X)
#undef X
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

static const struct row *find(enum failure_code code)
{
    static const struct row none = {FAILURE_NONE, BLAME_NONE, "NONE", "", ""};

    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].code == code)
            return &rows[i];
    }
    return &none;
}

/* Too long for the detail: it ends in dots, after a whole character of UTF-8. */
static void mark_cut(char *detail)
{
    static const char dots[] = "...";
    size_t at = FAILURE_DETAIL_SIZE - sizeof dots;

    while (at > 0 && ((unsigned char)detail[at] & 0xc0) == 0x80)
        at--;
    memcpy(detail + at, dots, sizeof dots);
}

int failure_set(struct failure *f, enum failure_code code, enum stage stage, int sys, const char *detail, ...)
{
    va_list args;

    if (f == NULL)
        return -1;
    f->code = code;
    f->stage = stage;
    f->blame = failure_blame(code);
    f->sys = sys;
    va_start(args, detail);
    int n = vsnprintf(f->detail, sizeof f->detail, detail, args);
    va_end(args);
    if (n >= (int)sizeof f->detail)
        mark_cut(f->detail);
    return -1;
}

int failure_while(struct failure *f, const char *doing, ...)
{
    char text[FAILURE_DETAIL_SIZE];
    va_list args;

    if (f == NULL)
        return -1;
    va_start(args, doing);
    int n = vsnprintf(text, sizeof text, doing, args);
    va_end(args);
    size_t len = strlen(f->detail);
    const char *joint = len > 0 ? ", while " : "while ";
    if (n > 0 && len + strlen(joint) + (size_t)n < sizeof f->detail)
        snprintf(f->detail + len, sizeof f->detail - len, "%s%s", joint, text);
    return -1;
}

void failure_clear(struct failure *f)
{
    memset(f, 0, sizeof *f);
}

const char *failure_title(enum failure_code code)
{
    return find(code)->title;
}

const char *failure_remedy(enum failure_code code)
{
    return find(code)->remedy;
}

const char *failure_name(enum failure_code code)
{
    return find(code)->id;
}

enum blame failure_blame(enum failure_code code)
{
    return find(code)->blame;
}

const char *blame_name(enum blame b)
{
    static const char *const names[] = {"none", "board", "fixture", "station", "profile", "operator"};

    return names[b];
}

enum result failure_result(const struct failure *f)
{
    switch (f->code) {
    case FAILURE_NONE:
        return RESULT_PASS;
    case FAIL_ABORTED:
        return RESULT_ABORTED;
    case FAIL_INTERRUPTED:
        return RESULT_INTERRUPTED;
    case HOLD_MAC_DUPLICATE:
    case HOLD_MAC_BLANK:
    case HOLD_MAC_REFUSED:
    case HOLD_LOT_FULL:
    case HOLD_POOL_EMPTY:
    case HOLD_IDENTITY_DIFFERS:
        return RESULT_HOLD;
    default:
        return f->blame == BLAME_BOARD ? RESULT_FAIL : RESULT_ERROR;
    }
}

enum failure_code failure_at(int i)
{
    return i >= 0 && (size_t)i < ROW_COUNT ? rows[i].code : FAILURE_NONE;
}
