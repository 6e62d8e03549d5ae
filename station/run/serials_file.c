/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/serials_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_text.h"
#include "db/desk/serial_desk.h"

#define LINES_MAX 10000 /* a lot; more are in one file by mistake */

struct entry {
    struct mac mac;
    int slot;         /* 0: by MAC */
    struct mac given; /* by slot: the board that had it */
    bool is_given;
    char serial[SERIAL_SIZE];
    int line;
};

struct serials_file {
    struct entry *entries;
    int count, room;
};

void serials_file_free(struct serials_file *f)
{
    if (f == NULL)
        return;
    free(f->entries);
    free(f);
}

static int add(struct serials_file *f, const struct entry *e)
{
    if (f->count == f->room) {
        int room = f->room > 0 ? 2 * f->room : 64;
        struct entry *more = realloc(f->entries, (size_t)room * sizeof *more);
        if (more == NULL)
            return -ENOMEM;
        f->entries = more;
        f->room = room;
    }
    f->entries[f->count++] = *e;
    return 0;
}

/* Does the line `before` say the same MAC or serial? NULL: neither. */
static const char *said_by(const struct entry *before, const struct entry *e)
{
    if (e->slot == 0 && mac_equal(&before->mac, &e->mac))
        return "MAC";
    return strcmp(before->serial, e->serial) == 0 ? "serial number" : NULL;
}

/*
 * A MAC with something behind it, but no comma: a table saved with other marks between its columns. Read by slot, MAC and
 * all would be the serial number.
 */
static bool is_other_table(const char *text)
{
    char first[MAC_TEXT_SIZE];
    size_t len = strcspn(text, ";\t|");
    struct mac mac;

    if (text[len] == '\0' || len >= sizeof first)
        return false;
    memcpy(first, text, len);
    first[len] = '\0';
    return mac_parse(first, &mac) == 0;
}

/* NULL, or what is wrong with the columns of this line; *serial: the last of them. `by_mac`: -1 on the first line, which decides. */
static const char *split(char *text, struct entry *e, int *by_mac, char **serial)
{
    char *comma = strchr(text, ',');

    *serial = text;
    if (*by_mac < 0)
        *by_mac = comma != NULL;
    if (comma == NULL && is_other_table(text))
        return "write MAC,SERIAL with a comma between them";
    if (comma == NULL && *by_mac == 1 && text[strspn(text, " \t")] == '\0')
        return NULL; /* told as blank, like any other */
    if ((comma != NULL) != (*by_mac == 1))
        return "either every line is MAC,SERIAL or every line is a serial number";
    if (comma == NULL)
        return NULL;
    *comma = '\0';
    *serial = comma + 1;
    if (mac_parse(text, &e->mac) != 0)
        return "this is no MAC address";
    if (mac_is_blank(&e->mac))
        return "boards with this MAC address have none of their own: it tells none of them apart";
    return strchr(*serial, ',') != NULL ? "more than one comma: write MAC,SERIAL and nothing else" : NULL;
}

/* NULL, or what is wrong with this line. */
static const char *parse(const struct serials_for *run, char *text, struct entry *e, int *by_mac,
                         struct scan_code *code)
{
    const char *trouble = split(text, e, by_mac, &text);

    if (trouble != NULL)
        return trouble;
    if (!run->rule(run->ctx, text, code))
        return code->why;
    /* The rule has let none through that is longer. */
    int len = snprintf(e->serial, sizeof e->serial, "%s", code->text);
    return (size_t)len < sizeof e->serial ? NULL : "the serial number is longer than 63 bytes";
}

/* Without its end; false: there is a NUL in it, which would hide the rest. */
static bool trim_end(char *line, ssize_t len)
{
    if ((size_t)len != strlen(line))
        return false;
    if (len > 0 && line[len - 1] == '\n')
        line[--len] = '\0';
    if (len > 0 && line[len - 1] == '\r')
        line[len - 1] = '\0';
    return true;
}

static int take_line(struct serials_file *f, const struct serials_for *run, char *text, int *by_mac,
                     const char *path, int number, struct complaint *c)
{
    struct entry e = {.line = number};
    struct scan_code code;
    const char *trouble = parse(run, text, &e, by_mac, &code);

    if (trouble != NULL)
        return complain(c, FAIL_CONFIG, path, number, "%s", trouble);
    if (*by_mac == 0 && f->count >= run->slot_count)
        return complain(c, FAIL_CONFIG, path, number, "this run has %d slots: no slot is left for this line",
                        run->slot_count);
    if (*by_mac == 0)
        e.slot = run->slots[f->count];
    for (int i = 0; i < f->count; i++) {
        const char *same = said_by(&f->entries[i], &e);
        if (same != NULL)
            return complain(c, FAIL_CONFIG, path, number, "this %s stands on line %d already", same,
                            f->entries[i].line);
    }
    if (f->count == LINES_MAX || add(f, &e) != 0)
        return complain(c, FAIL_CONFIG, path, number, "too many lines");
    return 0;
}

static int read_lines(struct serials_file *f, FILE *in, const char *path, const struct serials_for *run,
                      struct complaint *c)
{
    static const char mark[] = "\xef\xbb\xbf";
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    int number = 0, by_mac = -1, rc = 0;

    while (rc == 0 && (len = getline(&line, &size, in)) >= 0) {
        number++;
        if (!trim_end(line, len))
            rc = complain(c, FAIL_CONFIG, path, number, "a NUL byte");
        else
            rc = take_line(f, run, line + (number == 1 && strncmp(line, mark, 3) == 0 ? 3 : 0), &by_mac, path,
                           number, c);
    }
    if (rc == 0 && ferror(in))
        rc = complain(c, FAIL_CONFIG, path, 0, "%s", errno_text(errno));
    free(line);
    return rc == 0 && f->count == 0 ? complain(c, FAIL_CONFIG, path, 0, "no serial number is in it") : rc;
}

struct serials_file *serials_file_read(const char *path, const struct serials_for *run, struct complaint *c)
{
    struct serials_file *f = calloc(1, sizeof *f);
    FILE *in = f != NULL ? fopen(path, "re") : NULL;

    if (in == NULL) {
        complain(c, FAIL_CONFIG, path, 0, "%s", f == NULL ? "out of memory" : errno_text(errno));
    } else if (read_lines(f, in, path, run, c) == 0) {
        fclose(in);
        return f;
    }
    if (in != NULL)
        fclose(in);
    serials_file_free(f);
    return NULL;
}

const char *serials_file_take(struct serials_file *f, int slot, const struct mac *mac)
{
    for (int i = 0; i < f->count; i++) {
        struct entry *e = &f->entries[i];
        if (e->slot == 0 && mac_equal(&e->mac, mac))
            return e->serial;
        if (e->slot == 0 || e->slot != slot)
            continue;
        if (!e->is_given)
            e->given = *mac;
        e->is_given = true;
        return mac_equal(&e->given, mac) ? e->serial : NULL;
    }
    return NULL;
}
