/* SPDX-License-Identifier: Apache-2.0 */
#include "db/station_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/clean_end.h"

#define HOLDER "station '"

struct station_lock {
    int fd;
    char last_word[CLEAN_END_TEXT];
};

/* An open-file-description lock: unlike a POSIX lock it is not lost when another descriptor of the file is closed. */
static int lock_whole(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    return fcntl(fd, F_OFD_SETLK, &whole);
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

static int write_holder(int fd, const char *station)
{
    char host[64] = "", text[256];

    gethostname(host, sizeof host - 1);
    int n = snprintf(text, sizeof text, HOLDER "%s', pid %ld on %s\n", station, (long)getpid(), host);
    if (n >= (int)sizeof text)
        n = (int)sizeof text - 1;
    /* No room for the name on a full disk is no reason to refuse: the lock itself holds. */
    return ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) == n ? 0 : -errno;
}

struct station_lock *station_lock_take(const char *db_path, const char *station, struct failure *f)
{
    char path[4096 + 8], holder[128];

    snprintf(path, sizeof path, "%s.lock", db_path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) {
        failure_set(f, FAIL_DB_OPEN, STAGE_NONE, errno, "cannot write %s: %s", path, strerror(errno));
        return NULL;
    }
    if (lock_whole(fd) != 0) {
        int err = errno;
        if (err == EAGAIN || err == EACCES) {
            read_holder(fd, holder, sizeof holder);
            failure_set(f, FAIL_DB_HELD, STAGE_NONE, err, "%s is in use by %s", db_path, holder);
        } else {
            failure_set(f, FAIL_DB_OPEN, STAGE_NONE, err, "cannot lock %s: %s", path, strerror(err));
        }
        close(fd);
        return NULL;
    }
    struct station_lock *lock = malloc(sizeof *lock);
    if (lock == NULL) {
        close(fd);
        failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "opening %s", db_path);
        return NULL;
    }
    lock->fd = fd;
    read_text(fd, lock->last_word, sizeof lock->last_word);
    write_holder(fd, station);
    return lock;
}

const char *station_lock_last_word(const struct station_lock *lock)
{
    return lock->last_word;
}

void station_lock_free(struct station_lock *lock, const char *word)
{
    size_t len = word == NULL ? 0 : strlen(word);

    if (lock == NULL)
        return;
    /* Emptied first: whoever looks next must not be told of a station that has ended. A word not written is no harm. */
    if (ftruncate(lock->fd, 0) != 0 || pwrite(lock->fd, word, len, 0) != (ssize_t)len)
        errno = 0;
    close(lock->fd);
    free(lock);
}
