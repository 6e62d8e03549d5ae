/* SPDX-License-Identifier: Apache-2.0 */
#include "db/open/station_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own_file.h"
#include "db/open/clean_end.h"

#define HOLDER "station '"

#define HOLDER_TEXT 384
#define DOING_TEXT  64
#define LOCK_TEXT   768 /* a holder and a state */
/* Behind the 2^30 bytes and a page where SQLite's own locks lie, and behind any file. */
#define FILE_BYTE (1LL << 61)

struct station_lock {
    int fd, file; /* of FILE.lock; of FILE, -1 before station_lock_file() */
    char holder[HOLDER_TEXT], state[CLEAN_END_TEXT];
    char station[128], doing[DOING_TEXT]; /* of what `holder` is made */
};

/* An open-file-description lock: unlike a POSIX lock it is not lost when another descriptor of the file is closed. */
static int lock_range(int fd, off_t start, off_t len)
{
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = len};

    return fcntl(fd, F_OFD_SETLK, &range) == 0 ? 0 : -errno;
}

static bool is_held(int rc)
{
    return rc == -EAGAIN || rc == -EACCES;
}

static void read_text(int fd, char *out, size_t size)
{
    ssize_t n = pread(fd, out, size - 1, 0);

    out[n > 0 ? n : 0] = '\0';
}

static void read_holder(int fd, char *out, size_t size)
{
    read_text(fd, out, size);
    out[strcspn(out, "\n")] = '\0';
    if (strncmp(out, HOLDER, strlen(HOLDER)) != 0)
        snprintf(out, size, "a station that is just starting");
}

/* An older programme left its holder alone there when it crashed: that a database was here is all it says. */
static void read_state(int fd, char out[static CLEAN_END_TEXT])
{
    char text[LOCK_TEXT];
    const char *state = text;

    read_text(fd, text, sizeof text);
    if (strncmp(text, HOLDER, strlen(HOLDER)) == 0) {
        const char *end = strchr(text, '\n');
        state = end == NULL || end[1] == '\0' ? LOCK_ENDED : end + 1;
    }
    snprintf(out, CLEAN_END_TEXT, "%.*s", CLEAN_END_TEXT - 1, state);
}

/* What it does stands before where it is: a detail that has no room for all of it ends with the host. */
static void name_holder(struct station_lock *lock)
{
    char host[65] = "";

    gethostname(host, sizeof host - 1);
    snprintf(lock->holder, sizeof lock->holder, HOLDER "%s'%s%s, pid %ld on %s\n", lock->station,
             lock->doing[0] != '\0' ? ", " : "", lock->doing, (long)getpid(), host);
}

/* No room for the text on a full disk is no reason to refuse: the lock itself holds. The new text goes over the old one, which
 * is cut afterwards: at no time is nothing there. */
static void write_text(const struct station_lock *lock)
{
    char text[LOCK_TEXT];
    int n = snprintf(text, sizeof text, "%s%s", lock->holder, lock->state);

    if (pwrite(lock->fd, text, (size_t)n, 0) != n || ftruncate(lock->fd, n) != 0)
        errno = 0;
}

static int refuse(struct failure *f, const char *db_path, int rc)
{
    char why[OWN_DENIED_SIZE];

    own_file_denied(db_path, "--db", -rc, why);
    return failure_set(f, FAIL_DB_OPEN, STAGE_NONE, -rc, "cannot lock %s: %s", db_path, why);
}

struct station_lock *station_lock_take(const char *db_path, const char *station, struct failure *f)
{
    char path[4096 + 8], holder[HOLDER_TEXT];

    snprintf(path, sizeof path, "%s.lock", db_path);
    int fd = own_file_open_path(path, 0), rc = fd < 0 ? fd : lock_range(fd, 0, 0);
    struct station_lock *lock = rc == 0 ? calloc(1, sizeof *lock) : NULL;

    if (lock != NULL) {
        lock->fd = fd;
        lock->file = -1;
        snprintf(lock->station, sizeof lock->station, "%.100s", station);
        read_state(fd, lock->state);
        name_holder(lock);
        write_text(lock);
        return lock;
    }
    if (rc == 0) {
        failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "opening %s", db_path);
    } else if (fd >= 0 && is_held(rc)) {
        read_holder(fd, holder, sizeof holder);
        failure_set(f, FAIL_DB_HELD, STAGE_NONE, -rc, "%s is in use by %s", db_path, holder);
    } else {
        refuse(f, db_path, rc);
    }
    if (fd >= 0)
        close(fd);
    return NULL;
}

int station_lock_file(struct station_lock *lock, const char *db_path, struct failure *f)
{
    struct stat now, held;
    int fd = open(db_path, O_RDWR | O_NOFOLLOW | O_CLOEXEC),
        rc = fd < 0 ? -errno : lock_range(fd, FILE_BYTE, 1);

    if (fd >= 0 && is_held(rc)) {
        failure_set(f, FAIL_DB_HELD, STAGE_NONE, -rc,
                    "%s is in use by a station that knows it by another name", db_path);
    } else if (rc != 0) {
        refuse(f, db_path, rc);
    } else if (fstat(fd, &held) != 0 || stat(db_path, &now) != 0 || now.st_dev != held.st_dev ||
               now.st_ino != held.st_ino) {
        rc = failure_set(f, FAIL_DB_OPEN, STAGE_NONE, 0, "%s was exchanged while it was being opened",
                         db_path);
    }
    if (rc == 0)
        lock->file = fd;
    else if (fd >= 0)
        close(fd);
    return rc == 0 ? 0 : -1;
}

const char *station_lock_state(const struct station_lock *lock)
{
    return lock->state;
}

void station_lock_say(struct station_lock *lock, const char *state)
{
    snprintf(lock->state, sizeof lock->state, "%s", state);
    write_text(lock);
}

void station_lock_tell(struct station_lock *lock, const char *doing)
{
    snprintf(lock->doing, sizeof lock->doing, "%s", doing);
    name_holder(lock);
    write_text(lock);
}

void station_lock_free(struct station_lock *lock)
{
    if (lock == NULL)
        return;
    /* Whoever looks next must not be told of a station that has ended. */
    lock->holder[0] = '\0';
    write_text(lock);
    if (lock->file >= 0)
        close(lock->file);
    close(lock->fd);
    free(lock);
}
