/* SPDX-License-Identifier: Apache-2.0 */
#include "db/care/maintain.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/out_file.h"
#include "base/own_file.h"
#include "db/desk/event.h"
#include "db/open/db_inside.h"
#include "db/open/sql.h"

#define PATH_SIZE 4096

static int cannot(struct failure *f, const char *doing, const char *path, int err)
{
    char why[OWN_DENIED_SIZE];

    own_file_denied(path, NULL, err, why);
    return failure_set(f, FAIL_RECORD, STAGE_NONE, err, "cannot %s %s: %s", doing, path, why);
}

int maintain_verify(const char *path, struct verify_report *report, struct failure *f)
{
    const struct db_options o = {.path = path, .mode = DB_REVIEW};
    struct db *copy = db_open(&o, f);

    if (copy == NULL)
        return -1;
    int rc = verify_all(copy, report, f);
    db_close(copy);
    if (rc == 0 && report->first_bad != 0)
        rc = failure_set(f, FAIL_RECORD, STAGE_NONE, 0, "%.100s: %.90s", path, report->text);
    return rc;
}

static void drop(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char name[PATH_SIZE + 16];

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

int maintain_backup(struct db *db, const char *path, bool replace, struct backup_report *report,
                    struct failure *f)
{
    char temp[PATH_SIZE];

    memset(report, 0, sizeof *report);
    if ((replace ? file_check_target : file_check_free)(&db->own, path, f) != 0)
        return -1;
    if (snprintf(temp, sizeof temp, "%s.%ld.tmp", path, (long)getpid()) >= (int)sizeof temp)
        return cannot(f, "write", path, ENAMETOOLONG);
    drop(temp);
    int err = file_prepare(temp);
    if (err != 0)
        return cannot(f, "write the backup", path, -err);
    db_lock(db);
    int rc = db_vacuum_into(db, temp);
    db_unlock(db);
    if (rc != SQLITE_OK) {
        drop(temp);
        return failure_set(f, FAIL_RECORD, STAGE_NONE, 0, "cannot write the backup %s: %s", path,
                           sql_error_words(rc));
    }
    err = file_sync(temp);
    if (err == 0 && maintain_verify(temp, &report->verify, f) != 0) {
        drop(temp);
        return -1;
    }
    if (err == 0)
        err = file_sha256(temp, report->sha256, &report->bytes);
    if (err == 0 && file_check_target(&db->own, path, f) != 0) {
        drop(temp);
        return -1;
    }
    if (err == 0)
        err = file_replace(temp, path);
    drop(temp);
    return err == 0 ? 0 : cannot(f, "write the backup", path, -err);
}

static int is_daily(const struct dirent *entry)
{
    int year, month, day, end = 0;

    return sscanf(entry->d_name, "flashline-%4d-%2d-%2d.db%n", &year, &month, &day, &end) == 3 && end == 23 &&
           strlen(entry->d_name) == 23;
}

/* Names sort by date: the oldest come first. The station's own files stay, whatever they are called. */
static void keep_newest(const struct station_files *own, const char *folder, int keep)
{
    char path[PATH_SIZE];
    struct dirent **found;
    struct failure ignored = {0};
    int n = scandir(folder, &found, is_daily, alphasort);

    for (int i = 0; i < n; i++) {
        if (i + keep < n &&
            snprintf(path, sizeof path, "%s/%s", folder, found[i]->d_name) < (int)sizeof path &&
            station_files_may_write(own, path, WRITE_FILE, &ignored) == 0)
            drop(path);
        free(found[i]);
    }
    if (n >= 0)
        free(found);
}

int maintain_backup_daily(struct db *db, const char *folder, int keep, char *path, size_t size,
                          struct failure *f)
{
    time_t now = (time_t)(db_wall_ms(db) / 1000);
    struct backup_report report;
    struct tm local;
    char day[32];

    int err = own_folder_make(folder);
    if (err != 0)
        return cannot(f, "make the folder", folder, -err);
    localtime_r(&now, &local);
    strftime(day, sizeof day, "%Y-%m-%d", &local);
    if (snprintf(path, size, "%s/flashline-%s.db", folder, day) >= (int)size)
        return cannot(f, "write", folder, ENAMETOOLONG);
    if (db_look_through(db, f) != 0 || maintain_backup(db, path, true, &report, f) != 0)
        return -1;
    keep_newest(&db->own, folder, keep);
    return 0;
}

struct backup_note {
    const char *text;
    bool good;
};

static int note_steps(struct db *db, void *arg)
{
    const struct backup_note *n = arg;

    return event_note(db, "BACKUP", n->good ? 0 : -1, "%s", n->text);
}

int maintain_note_backup(struct db *writer, bool good, const char *text, struct failure *f)
{
    struct backup_note n = {text, good};
    int rc = db_transact(writer, note_steps, &n);

    return rc == SQLITE_OK ? 0 : sql_failure(writer->h, rc, FAIL_RECORD, STAGE_NONE, "note the backup", f);
}
