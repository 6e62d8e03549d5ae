/* SPDX-License-Identifier: Apache-2.0 */
#include "base/station_files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/own_file.h"

struct target {
    int folder;
    const char *name, *shown;
    enum write_use use;
    struct stat at;     /* of the folder */
    bool exists;        /* the name, or what it links to */
    struct stat itself; /* of the name; if it is a link, of what it leads to */
};

static bool same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

bool station_files_is_beside(const char *rest)
{
    static const char *const whole[] = {"-wal", "-shm", "-journal", ".lock", ".reserve", ".sock"};
    static const char *const starts[] = {".before-restore-", ".restoring", ".archive-"};

    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
        if (strcmp(rest, whole[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (begins(rest, starts[i]))
            return true;
    return begins(rest, ".v") && isdigit((unsigned char)rest[2]);
}

static int refuse(const struct target *t, const char *whose, const char *path, struct failure *f)
{
    return failure_set(f, FAIL_RECORD, STAGE_NONE, EPERM,
                       "%.90s is %s %.90s and is never written over: name another file", t->shown, whose,
                       path);
}

/* Its place among the names of a database: the file itself, beside it, or neither. */
static bool is_named(const struct target *t, const char *base)
{
    size_t len = strlen(base);

    if (strncmp(t->name, base, len) == 0 &&
        ((t->name[len] == '\0' && t->use == WRITE_FILE) || station_files_is_beside(t->name + len)))
        return true;
    /* The socket of a database whose name is too long for one. */
    return begins(t->name, "flashline-") && strlen(t->name) > 5 &&
           strcmp(t->name + strlen(t->name) - 5, ".sock") == 0;
}

/* Is the target, under any name, one of the files of the database `base` in `folder`? */
static bool is_one_of(const struct target *t, int folder, const char *base)
{
    size_t len = strlen(base);
    int fd = t->exists ? openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;
    struct stat st;
    bool found = false;

    while (!found && dir != NULL && (entry = readdir(dir)) != NULL) {
        const char *rest = entry->d_name + len;
        if (strncmp(entry->d_name, base, len) == 0 && (*rest == '\0' || station_files_is_beside(rest)) &&
            !(*rest == '\0' && t->use == WRITE_DATABASE))
            found = fstatat(folder, entry->d_name, &st, 0) == 0 && same(&st, &t->itself);
    }
    if (dir != NULL)
        closedir(dir);
    else if (fd >= 0)
        close(fd);
    return found;
}

static int check_known(const struct target *t, const char *path, struct failure *f)
{
    const char *base;
    struct stat st;
    int folder = own_folder_open(path, &base), rc = 0;

    if (folder < 0)
        return 0; /* nothing is there that could be hit */
    if (fstat(folder, &st) == 0 && ((same(&st, &t->at) && is_named(t, base)) || is_one_of(t, folder, base)))
        rc = refuse(t, "a file of the database", path, f);
    close(folder);
    return rc;
}

/* As it is called, and where it really lies: SQLite keeps its own files there. */
static int check_database(const struct target *t, const char *path, struct failure *f)
{
    char real[PATH_MAX];

    if (check_known(t, path, f) != 0)
        return -1;
    return realpath(path, real) != NULL && strcmp(real, path) != 0 ? check_known(t, real, f) : 0;
}

static int check_config(const struct target *t, const char *path, struct failure *f)
{
    const char *base;
    struct stat folder, file;
    int fd = own_folder_open(path, &base);

    if (fd < 0)
        return 0;
    bool hit = (fstat(fd, &folder) == 0 && same(&folder, &t->at) && strcmp(base, t->name) == 0) ||
               (t->exists && fstatat(fd, base, &file, 0) == 0 && same(&file, &t->itself));
    close(fd);
    return hit ? refuse(t, "the configuration", path, f) : 0;
}

/* Where FILE.lock is, FILE is a station's database, and so are all its files, also one that is gone. */
static int check_neighbours(const struct target *t, struct failure *f)
{
    size_t len = strlen(t->name);
    char lock[NAME_MAX + 8];
    struct stat st;

    for (size_t stem = len; stem > 0; stem--) {
        const char *rest = t->name + stem;
        if (*rest == '\0' ? t->use == WRITE_DATABASE : !station_files_is_beside(rest))
            continue;
        if (snprintf(lock, sizeof lock, "%.*s.lock", (int)stem, t->name) < (int)sizeof lock &&
            fstatat(t->folder, lock, &st, AT_SYMLINK_NOFOLLOW) == 0) {
            snprintf(lock, sizeof lock, "%.*s", (int)stem, t->name);
            return refuse(t, "a file of the station's database", lock, f);
        }
    }
    return 0;
}

int station_files_may_write_at(const struct station_files *own, int folder, const char *name,
                               const char *shown, enum write_use use, struct failure *f)
{
    struct target t = {.folder = folder, .name = name, .shown = shown, .use = use};

    if (fstat(folder, &t.at) != 0)
        return failure_set(f, FAIL_RECORD, STAGE_NONE, errno, "cannot write %s: %s", shown,
                           errno_text(errno));
    t.exists = fstatat(folder, name, &t.itself, 0) == 0;
    if (check_neighbours(&t, f) != 0)
        return -1;
    for (int i = 0; own != NULL && i < STATION_DATABASES; i++)
        if (own->databases[i] != NULL && check_database(&t, own->databases[i], f) != 0)
            return -1;
    return own != NULL && own->config != NULL ? check_config(&t, own->config, f) : 0;
}

int station_files_may_write(const struct station_files *own, const char *path, enum write_use use,
                            struct failure *f)
{
    const char *name;
    int folder = own_folder_open(path, &name);

    if (folder < 0)
        return 0; /* nor can anything be written there: whoever tries says so */
    int rc = station_files_may_write_at(own, folder, name, path, use, f);
    close(folder);
    return rc;
}
