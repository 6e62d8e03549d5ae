/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/stub_list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/errno_text.h"
#include "station/run/stub_find.h"

static bool is_file(const char *option)
{
    struct stat st;

    return option != NULL && (stat(option, &st) != 0 || !S_ISDIR(st.st_mode));
}

static bool is_of_chip(const struct esp_target *t, const char *name)
{
    for (size_t i = 0; i < TARGET_STUBS && t->stubs[i].name != NULL; i++)
        if (strcmp(t->stubs[i].name, name) == 0)
            return true;
    return false;
}

static int load(const char *path, const char *name, struct stub_list *out, char *why)
{
    struct stub *s = &out->stubs[out->count];
    char trouble[160];
    int rc = stub_load(path, s, trouble);

    if (rc != 0) {
        snprintf(why, STUB_LIST_WHY, "%.200s: %s", path, trouble);
        return rc;
    }
    if (name != NULL && s->chip[0] != '\0' && strcmp(s->chip, name) != 0) {
        snprintf(why, STUB_LIST_WHY, "%.200s is the helper program for %s, not for %s", path, s->chip, name);
        stub_free(s);
        return -EINVAL;
    }
    if (name != NULL)
        snprintf(s->chip, sizeof s->chip, "%s", name);
    if (out->count > 0)
        out->stubs[out->count - 1].next = s;
    out->count++;
    return 0;
}

/* Named as a file: for all boards of the job, but for one that is known to be another chip's. */
static int load_named(const char *option, const struct esp_target *t, const char *chip, struct stub_list *out,
                      char *why)
{
    char path[PATH_TEXT];
    int rc = stub_find(option, chip, path);

    if (rc == 0)
        rc = load(path, NULL, out, why);
    if (rc != 0)
        return rc;
    if (out->stubs[0].chip[0] == '\0' || is_of_chip(t, out->stubs[0].chip))
        return 0;
    snprintf(why, STUB_LIST_WHY, "%.200s is the helper program for %s, the job is for %s", path,
             out->stubs[0].chip, chip);
    stub_list_free(out);
    return -EINVAL;
}

static int load_all(const char *option, const struct esp_target *t, const char *chip, struct stub_list *out,
                    char *why)
{
    char path[PATH_TEXT];
    int rc = 0;

    if (is_file(option))
        return load_named(option, t, chip, out, why);
    for (size_t i = 0; i < TARGET_STUBS && t->stubs[i].name != NULL && rc == 0; i++) {
        rc = stub_find(option, t->stubs[i].name, path);
        rc = rc == 0 ? load(path, t->stubs[i].name, out, why) : rc == -ENOENT ? 0 : rc;
    }
    if (rc == 0 && out->count == 0 && option != NULL)
        rc = -ENOENT;
    return rc;
}

int stub_list_load(const char *option, const char *chip, struct stub_list *out,
                   char why[static STUB_LIST_WHY])
{
    const struct esp_target *t = esp_target_by_name(chip);

    memset(out, 0, sizeof *out);
    why[0] = '\0';
    if (t == NULL || (option != NULL && strcmp(option, "no") == 0))
        return 0;
    int rc = load_all(option, t, chip, out, why);
    if (rc == 0)
        return 0;
    stub_list_free(out);
    if (why[0] == '\0')
        snprintf(why, STUB_LIST_WHY, "%.200s: %s", option != NULL ? option : chip, errno_text(-rc));
    return rc;
}

void stub_list_free(struct stub_list *list)
{
    for (int i = 0; i < list->count; i++)
        stub_free(&list->stubs[i]);
    memset(list, 0, sizeof *list);
}

const struct stub *stub_list_first(const struct stub_list *list)
{
    return list->count > 0 ? &list->stubs[0] : NULL;
}
