/* SPDX-License-Identifier: Apache-2.0 */
#include "station/config/job_names.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct list {
    struct job_name *jobs;
    int count, room;
};

static bool has(const struct list *l, const char *name)
{
    for (int i = 0; i < l->count; i++) {
        if (strcmp(l->jobs[i].name, name) == 0)
            return true;
    }
    return false;
}

static int grow(struct list *l)
{
    int room = l->room > 0 ? 2 * l->room : 32;
    struct job_name *more = realloc(l->jobs, (size_t)room * sizeof *more);

    if (more == NULL)
        return -ENOMEM;
    l->jobs = more;
    l->room = room;
    return 0;
}

/* A name that an earlier folder had is hidden by it. */
static int add(struct list *l, const char *folder, const char *file)
{
    size_t len = strlen(file);
    struct job_name job;

    if (len <= 5 || len - 5 >= sizeof job.name || strcmp(file + len - 5, ".yaml") != 0)
        return 0;
    snprintf(job.name, sizeof job.name, "%.*s", (int)(len - 5), file);
    if (has(l, job.name) ||
        snprintf(job.path, sizeof job.path, "%s/%s", folder, file) >= (int)sizeof job.path)
        return 0;
    if (l->count == l->room && grow(l) != 0)
        return -ENOMEM;
    l->jobs[l->count++] = job;
    return 0;
}

static int is_entry(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

static int add_folder(struct list *l, const char *folder)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, is_entry, alphasort), error = 0;

    for (int i = 0; i < n; i++) {
        error = error == 0 ? add(l, folder, entries[i]->d_name) : error;
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return error;
}

int job_names(struct job_name **out)
{
    struct list l = {0};
    char folder[PATH_TEXT];
    int place, error = 0;

    for (int i = 0; error == 0 && (place = path_job_folder(i, folder)) != -ERANGE; i++) {
        if (place == 0)
            error = add_folder(&l, folder);
    }
    if (error != 0) {
        free(l.jobs);
        return error;
    }
    *out = l.jobs;
    return l.count;
}
