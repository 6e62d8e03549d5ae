/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/unit/unit_compose.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "profiles/unit/unit_encode.h"
#include "profiles/unit/unit_nvs.h"

/* One place under way. */
struct maker {
    const struct unit_spec *spec;
    const struct unit_item *item;
    const struct unit_place *place;
    const struct unit_filler *filler;
    struct unit_data *out;
    struct failure *f;
};

static int bad(const struct maker *m, const char *what)
{
    return failure_set(m->f, FAIL_JOB, STAGE_GATE, 0, "unit data '%s': %s", m->place->name, what);
}

static int fill(const struct maker *m, const char *text, char out[static UNIT_VALUE_SIZE])
{
    if (unit_template_fill(text, m->filler, out, m->f) == 0)
        return 0;
    explicit_bzero(out, UNIT_VALUE_SIZE);
    return failure_while(m->f, "making unit data '%s'", m->place->name);
}

static int add(const struct maker *m, enum unit_write_kind kind, const uint8_t *data, size_t size)
{
    int rc = unit_data_add(m->out, m->place->name, kind, m->place->offset, data, size);

    if (rc == 0)
        return 0;
    return rc == -ENOMEM ? failure_set(m->f, FAIL_NO_MEMORY, STAGE_GATE, ENOMEM, "unit data")
                         : bad(m, "with the others they are more than 1 MiB");
}

static int make_field(const struct maker *m)
{
    char text[UNIT_VALUE_SIZE], why[UNIT_WHY_SIZE];
    uint8_t bytes[UNIT_FIELD_MAX];
    const char *trouble;
    int rc;

    if (fill(m, m->item->value, text) < 0)
        return -1;
    trouble = unit_encode_field(m->item, text, bytes, m->place->size, why);
    rc = trouble != NULL ? bad(m, trouble) : add(m, UNIT_PATCH, bytes, m->place->size);
    explicit_bzero(text, sizeof text);
    explicit_bzero(bytes, sizeof bytes);
    return rc;
}

static int read_all(int fd, struct unit_bytes *b)
{
    for (size_t at = 0; at < b->size;) {
        ssize_t n = read(fd, b->data + at, b->size - at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -ENODATA;
        at += (size_t)n;
    }
    return 0;
}

static int read_open(const struct maker *m, int fd, size_t limit, struct unit_bytes *out)
{
    char why[UNIT_WHY_SIZE];
    struct stat st;
    int rc;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return bad(m, "what it names is no file");
    if (st.st_size == 0 || (uintmax_t)st.st_size > limit) {
        snprintf(why, sizeof why, "its file has %lld bytes, and 1 to %zu are taken", (long long)st.st_size,
                 limit);
        return bad(m, why);
    }
    out->size = (size_t)st.st_size;
    out->data = malloc(out->size);
    if (out->data == NULL)
        return failure_set(m->f, FAIL_NO_MEMORY, STAGE_GATE, ENOMEM, "unit data");
    rc = read_all(fd, out);
    if (rc == 0)
        return 0;
    unit_bytes_wipe(out);
    snprintf(why, sizeof why, "its file could not be read: %s", errno_text(-rc));
    return bad(m, why);
}

/* Caller wipes *out, also after -1. */
static int read_file(const struct maker *m, const char *path, size_t limit, struct unit_bytes *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char why[UNIT_WHY_SIZE];

    if (fd < 0) {
        snprintf(why, sizeof why, "its file could not be opened: %s", errno_text(errno));
        return bad(m, why);
    }
    int rc = read_open(m, fd, limit, out);
    close(fd);
    return rc;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int make_file(const struct maker *m)
{
    char path[UNIT_VALUE_SIZE];
    struct unit_bytes b = {0};

    if (fill(m, m->item->value, path) < 0)
        return -1;
    int rc = read_file(m, path, smaller(m->place->size, UNIT_BYTES_MAX), &b);
    if (rc == 0)
        rc = add(m, UNIT_IMAGE, b.data, b.size);
    unit_bytes_wipe(&b);
    return rc;
}

static int make_value(const struct maker *m, const struct unit_key *k, struct unit_bytes *out)
{
    char text[UNIT_VALUE_SIZE], why[UNIT_WHY_SIZE];
    const char *trouble;

    if (fill(m, k->value, text) < 0)
        return -1;
    if (k->is_file)
        return read_file(m, text, UNIT_BYTES_MAX, out);
    trouble = unit_nvs_value(k->type, text, out, why);
    explicit_bzero(text, sizeof text);
    return trouble == NULL
               ? 0
               : failure_set(m->f, FAIL_JOB, STAGE_GATE, 0, "unit data '%s': key '%s' of '%s': %s",
                             m->place->name, k->key, k->space, trouble);
}

static int make_partition(const struct maker *m, const struct unit_bytes *values)
{
    uint8_t *bytes = m->place->size <= UNIT_BYTES_MAX ? malloc(m->place->size) : NULL;
    char why[FAILURE_DETAIL_SIZE - UNIT_NAME_SIZE - 16];
    const char *trouble;
    int rc;

    if (bytes == NULL && m->place->size > UNIT_BYTES_MAX)
        return bad(m, "a NVS partition of more than 1 MiB is not made");
    if (bytes == NULL)
        return failure_set(m->f, FAIL_NO_MEMORY, STAGE_GATE, ENOMEM, "unit data");
    trouble = unit_nvs_make(m->spec, m->item, values, bytes, m->place->size, why, sizeof why);
    rc = trouble != NULL ? bad(m, trouble) : add(m, UNIT_IMAGE, bytes, m->place->size);
    explicit_bzero(bytes, m->place->size);
    free(bytes);
    return rc;
}

static int make_nvs(const struct maker *m)
{
    struct unit_bytes values[UNIT_KEYS_MAX] = {{0}};
    int rc = 0;

    for (size_t i = 0; i < m->item->key_count && rc == 0; i++)
        rc = make_value(m, &m->spec->keys[m->item->first_key + i], &values[i]);
    if (rc == 0)
        rc = make_partition(m, values);
    for (size_t i = 0; i < m->item->key_count; i++)
        unit_bytes_wipe(&values[i]);
    return rc;
}

static int make(const struct maker *m)
{
    switch (m->item->form) {
    case UNIT_FORM_NVS:
        return make_nvs(m);
    case UNIT_FORM_FILE:
        return make_file(m);
    default:
        return make_field(m);
    }
}

int unit_compose(const struct unit_spec *spec, const struct plan *plan, const struct unit_filler *filler,
                 struct unit_data *out, struct failure *f)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < spec->count && i < plan->unit_count; i++) {
        const struct maker m = {spec, &spec->items[i], &plan->unit[i], filler, out, f};

        if (make(&m) < 0) {
            unit_data_wipe(out);
            return -1;
        }
    }
    unit_data_seal(out);
    return 0;
}
