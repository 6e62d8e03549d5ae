/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/tty_holder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/clock.h"

/* Linux, Documentation/admin-guide/devices.txt: /dev/null and its like; ends of Unix98 pseudo terminals, and /dev/ptmx. */
#define MEMORY_DEVICES  1
#define PTY_SLAVE_FIRST 136
#define PTY_SLAVE_LAST  143
#define PTY_MASTER      makedev(5, 2)

#define LOCK_DIR     "/var/lock" /* Filesystem Hierarchy Standard 3.0, 5.9: LCK..NAME with the pid in it */
#define PID_DIGIT(c) ((c) >= '1' && (c) <= '9')

struct device {
    dev_t number, where; /* its own; the file system its name stands in */
    ino_t inode;
    bool pty; /* these count from 0 in every container: the file system tells them apart */
};

static bool device_of(const char *path, struct device *out)
{
    struct stat s;

    if (stat(path, &s) < 0 || !S_ISCHR(s.st_mode) || major(s.st_rdev) == MEMORY_DEVICES)
        return false; /* everybody may have /dev/null open */
    *out = (struct device){.number = s.st_rdev, .where = s.st_dev, .inode = s.st_ino};
    out->pty = major(s.st_rdev) >= PTY_SLAVE_FIRST && major(s.st_rdev) <= PTY_SLAVE_LAST;
    return true;
}

/* One number of a text file of /proc behind a word: "tty-index:" of fdinfo. -1: it is not there. */
static long word_of(const char *path, const char *word, int base)
{
    char line[128];
    long value = -1;
    FILE *f = fopen(path, "re");

    if (f == NULL)
        return -1;
    while (value < 0 && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, word, strlen(word)) == 0)
            value = strtol(line + strlen(word), NULL, base);
    fclose(f);
    return value;
}

/*
 * Fields of /proc/PID/stat behind the name: 4 is the parent, 7 the controlling terminal, 22 when it began (proc(5)). -1: it
 * is not there, or ended and nobody has asked for its result yet.
 */
static int64_t stat_field(long pid, int field)
{
    char path[64], text[1024], *at;
    size_t n = 0;

    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "re");
    if (f != NULL) {
        n = fread(text, 1, sizeof text - 1, f);
        fclose(f);
    }
    text[n] = '\0';
    at = strrchr(text, ')'); /* the name may hold anything, brackets too */
    if (at != NULL && (strncmp(at, ") Z", 3) == 0 || strncmp(at, ") X", 3) == 0))
        return -1;
    for (int i = 2; at != NULL && i < field; i++)
        at = strchr(at + 1, ' ');
    return at != NULL ? strtoll(at, NULL, 10) : -1;
}

/* This process, or one that it started. */
static bool is_ours(long pid)
{
    while (pid > 1 && pid != (long)getpid())
        pid = (long)stat_field(pid, 4);
    return pid == (long)getpid();
}

/* What descriptor `name` of the folder `d` is open for. Never asks a file system on another machine. */
static bool descriptor_is(DIR *d, const char *name, const struct device *device, bool *master)
{
    char link[32];
    struct statx s;

    /* Sockets, pipes and the like have no path: most descriptors are done with here. */
    if (readlinkat(dirfd(d), name, link, sizeof link) <= 0 || link[0] != '/' ||
        statx(dirfd(d), name, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &s) < 0 || !S_ISCHR(s.stx_mode))
        return false;
    dev_t number = makedev(s.stx_rdev_major, s.stx_rdev_minor);
    *master = device->pty && number == PTY_MASTER;
    return *master || (number == device->number &&
                       (!device->pty || makedev(s.stx_dev_major, s.stx_dev_minor) == device->where));
}

enum sight { SIGHT_NONE, SIGHT_HOLDS, SIGHT_HIDDEN };

static enum sight look_at_process(long pid, const struct device *device)
{
    char path[64];
    bool master, holds = false, serves = false;

    snprintf(path, sizeof path, "/proc/%ld/fd", pid);
    DIR *d = opendir(path);
    if (d == NULL)
        return errno == EACCES || errno == EPERM ? SIGHT_HIDDEN : SIGHT_NONE;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (e->d_name[0] < '0' || e->d_name[0] > '9' || !descriptor_is(d, e->d_name, device, &master))
            continue;
        snprintf(path, sizeof path, "/proc/%ld/fdinfo/%.20s", pid, e->d_name);
        if (master)
            serves = serves || word_of(path, "tty-index:", 10) == (long)minor(device->number);
        else /* O_PATH names a file and does not open it */
            holds = holds || (word_of(path, "flags:", 8) & O_PATH) == 0;
    }
    closedir(d);
    return holds && !serves ? SIGHT_HOLDS : SIGHT_NONE;
}

static bool is_mine(long pid)
{
    char path[64];
    struct stat s;

    snprintf(path, sizeof path, "/proc/%ld", pid);
    return geteuid() == 0 || stat(path, &s) < 0 || s.st_uid == geteuid();
}

static bool process_name(long pid, char *out, size_t size)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%ld/comm", pid);
    FILE *f = fopen(path, "re");
    out[0] = '\0';
    if (f != NULL) {
        if (fgets(out, (int)size, f) == NULL)
            out[0] = '\0';
        fclose(f);
    }
    out[strcspn(out, "\n")] = '\0';
    return out[0] != '\0';
}

/* `lock`: the lock file that told it, or NULL. */
static void name_process(long pid, const char *lock, char *out, size_t size)
{
    char name[32];

    if (!process_name(pid, name, sizeof name))
        snprintf(name, sizeof name, "a program");
    snprintf(out, size, "%s (pid %ld%s%s%.20s)", name, pid, is_mine(pid) ? "" : ", another user's",
             lock != NULL ? ", by its lock file " : "", lock != NULL ? lock : "");
}

static bool has_as_terminal(long pid, const struct device *device)
{
    int64_t terminal = stat_field(pid, 7); /* 0: none */

    return terminal > 0 && (dev_t)terminal == device->number;
}

/*
 * Who has it open; of processes that hide their descriptors, who has it as controlling terminal (a login on a serial
 * port). 0: nobody is seen.
 */
static long find_open(const struct device *device)
{
    DIR *d = opendir("/proc");
    long found = 0;

    if (d == NULL)
        return 0;
    for (struct dirent *e; found == 0 && (e = readdir(d)) != NULL;) {
        if (!PID_DIGIT(e->d_name[0]))
            continue;
        long pid = strtol(e->d_name, NULL, 10);
        enum sight sight = pid == (long)getpid() ? SIGHT_NONE : look_at_process(pid, device);
        if (sight == SIGHT_HIDDEN && !device->pty && has_as_terminal(pid, device))
            sight = SIGHT_HOLDS;
        if (sight == SIGHT_HOLDS && !is_ours(pid))
            found = pid;
    }
    closedir(d);
    return found;
}

/* Whoever has a flock() on the device file, also where its descriptors are hidden. 0: nobody. */
static long find_lock(const struct device *device)
{
    FILE *f = fopen("/proc/locks", "re");
    char line[160];
    long pid, found = 0;
    unsigned major_number, minor_number;
    unsigned long inode;

    if (f == NULL)
        return 0;
    while (found == 0 && fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "%*d: FLOCK %*s %*s %ld %x:%x:%lu", &pid, &major_number, &minor_number, &inode) ==
                4 &&
            makedev(major_number, minor_number) == device->where && (ino_t)inode == device->inode &&
            pid > 0 && !is_ours(pid))
            found = pid;
    fclose(f);
    return found;
}

/* The pid in a lock file, as text or (old Kermit) as a binary int. 0: none. */
static long read_lock_pid(const char *path, int64_t *age_s)
{
    char text[32] = "";
    struct stat s;
    int binary;
    FILE *f = fopen(path, "re");

    if (f == NULL)
        return 0;
    size_t n = fread(text, 1, sizeof text - 1, f);
    bool known = fstat(fileno(f), &s) == 0;
    fclose(f);
    if (!known)
        return 0;
    *age_s = clock_wall_ms() / 1000 - (int64_t)s.st_mtim.tv_sec;
    if (n == sizeof binary && memchr(text, '\0', n) != NULL) { /* no pid needs all of its bytes */
        memcpy(&binary, text, sizeof binary);
        return binary;
    }
    return strtol(text, NULL, 10);
}

/* Seconds since the process began; -1: it is not there. */
static int64_t process_age_s(long pid)
{
    double up = 0;
    FILE *f = fopen("/proc/uptime", "re");
    int64_t began = stat_field(pid, 22);

    if (f != NULL) {
        if (fscanf(f, "%lf", &up) != 1)
            up = 0;
        fclose(f);
    }
    return began < 0 ? -1 : (int64_t)up - began / sysconf(_SC_CLK_TCK);
}

/* A pid is given out again: a process younger than the file did not write it. */
static long lock_owner(const char *path)
{
    int64_t age_s = 0;
    long pid = read_lock_pid(path, &age_s);

    if (pid <= 1 || is_ours(pid))
        return 0;
    int64_t process_s = process_age_s(pid);
    return process_s >= 0 && process_s + 1 >= age_s ? pid : 0;
}

/* "LCK..ttyUSB0", and for names in folders "LCK..pts_3" too, as different programs write it. */
static long find_lock_file(const char *path, char name[static 64])
{
    const char *below = strncmp(path, "/dev/", 5) == 0 ? path + 5 : path;
    const char *slash = strrchr(path, '/');
    const char *const parts[] = {slash != NULL ? slash + 1 : path, below};
    char file[128];
    long pid = 0;

    for (size_t i = 0; pid == 0 && i < sizeof parts / sizeof parts[0]; i++) {
        if (snprintf(name, 64, "LCK..%s", parts[i]) >= 64)
            continue;
        for (char *slashed = strchr(name, '/'); slashed != NULL; slashed = strchr(slashed, '/'))
            *slashed = '_';
        snprintf(file, sizeof file, LOCK_DIR "/%s", name);
        pid = lock_owner(file);
    }
    return pid;
}

void tty_holder(const char *path, char *out, size_t size)
{
    char target[PATH_MAX], lock[64];
    struct device device;

    out[0] = '\0';
    if (realpath(path, target) == NULL || !device_of(target, &device))
        return;
    long pid = find_open(&device);
    if (pid == 0)
        pid = find_lock(&device);
    if (pid != 0) {
        name_process(pid, NULL, out, size);
        return;
    }
    pid = find_lock_file(target, lock);
    if (pid == 0 && strcmp(target, path) != 0)
        pid = find_lock_file(path, lock);
    if (pid != 0)
        name_process(pid, lock, out, size);
}

int tty_holder_running(const char *program)
{
    DIR *d = opendir("/proc");
    char name[32];
    int pid = 0;

    if (d == NULL)
        return 0;
    for (struct dirent *e; pid == 0 && (e = readdir(d)) != NULL;) {
        long at = PID_DIGIT(e->d_name[0]) ? strtol(e->d_name, NULL, 10) : 0;
        if (at != 0 && process_name(at, name, sizeof name) && strcmp(name, program) == 0 &&
            stat_field(at, 4) >= 0)
            pid = (int)at;
    }
    closedir(d);
    return pid;
}

const char *tty_holder_cure(const char *holder)
{
    static const struct {
        const char *program, *cure;
    } known[] = {
        {"brltty",
         "run 'sudo systemctl mask --now brltty.path brltty-udev' (no Braille display here), replug the adapter"},
        {"ModemManager",
         "install the udev rules as 'flashline doctor' says, replug the adapter; or 'sudo systemctl mask --now ModemManager'"},
        {"agetty",
         "take the login off this port: 'sudo systemctl mask --now serial-getty@NAME' (NAME: ttyS0)"},
        {"gpsd", "keep gpsd off this port: DEVICES and USBAUTO in /etc/default/gpsd, then restart it"},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t n = strlen(known[i].program);
        if (strncmp(holder, known[i].program, n) == 0 && (holder[n] == '\0' || holder[n] == ' '))
            return known[i].cure;
    }
    return NULL;
}

void tty_holder_say(const char *what, const char *holder, char *out, size_t size)
{
    const char *cure = tty_holder_cure(holder);

    if (holder[0] == '\0')
        holder = geteuid() == 0 ? "a program that cannot be seen from here" : "a program of another user";
    snprintf(out, size, "%s is held by %s%s%s", what, holder, cure != NULL ? ": " : "",
             cure != NULL ? cure : "");
}
