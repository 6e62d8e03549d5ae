/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"

#define PATH_SIZE    4096
#define FOLDER_SHOWN 60

int own_folder_open(const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_SIZE] = ".";
    size_t len = slash == NULL ? 1 : slash == path ? 1 : (size_t)(slash - path);

    if (len >= sizeof folder)
        return -ENAMETOOLONG;
    if (slash != NULL)
        memcpy(folder, path, len);
    folder[len] = '\0';
    *name = slash == NULL ? path : slash + 1;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 ? fd : -errno;
}

static mode_t folder_bits(int folder)
{
    struct stat st;

    return fstat(folder, &st) == 0 ? st.st_mode : 0;
}

/* The rule's mode for a file in `folder`. */
static mode_t own_file_mode(int folder)
{
    return (folder_bits(folder) & S_ISGID) != 0 ? 0660 : 0600;
}

static int put_mode(int fd, int folder)
{
    struct stat st;
    mode_t want = own_file_mode(folder);

    if (fstat(fd, &st) != 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || (st.st_mode & 07777) == want || (st.st_uid != geteuid() && geteuid() != 0))
        return 0;
    return fchmod(fd, want) == 0 ? 0 : -errno;
}

int own_file_open(int folder, const char *name, int flags)
{
    int fd = openat(folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | flags, 0600);

    if (fd < 0)
        return -errno;
    int rc = put_mode(fd, folder);
    if (rc != 0)
        close(fd);
    return rc == 0 ? fd : rc;
}

int own_file_open_path(const char *path, int flags)
{
    const char *name;
    int folder = own_folder_open(path, &name);

    if (folder < 0)
        return folder;
    int fd = own_file_open(folder, name, flags);
    close(folder);
    return fd;
}

/* By name, not by a descriptor: closing one of a database drops the locks that SQLite holds on it in this process. */
int own_file_mend(const char *path)
{
    const char *name;
    struct stat st;
    int folder = own_folder_open(path, &name), rc = 0;

    if (folder < 0)
        return folder == -ENOENT ? 0 : folder;
    mode_t want = own_file_mode(folder);
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        rc = errno == ENOENT ? 0 : -errno;
    else if (S_ISREG(st.st_mode) && (st.st_mode & 07777 & ~want) != 0 &&
             (st.st_uid == geteuid() || geteuid() == 0) && fchmodat(folder, name, st.st_mode & want, 0) != 0)
        rc = -errno;
    close(folder);
    return rc;
}

int own_folder_make(const char *path)
{
    const char *name;
    int above = own_folder_open(path, &name), rc = 0;

    if (above < 0)
        return above;
    bool group = (folder_bits(above) & S_ISGID) != 0;
    /* mkdir() takes what the umask leaves; only what the group shall have must be added, by the folder's own descriptor. */
    if (mkdirat(above, name, 0700) != 0) {
        rc = errno == EEXIST ? 0 : -errno;
    } else {
        int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fchmod(fd, group ? 02770 : 0700) != 0)
            rc = -errno;
        if (fd >= 0)
            close(fd);
    }
    close(above);
    return rc;
}

int own_folders_make(const char *path)
{
    char part[PATH_SIZE];
    int rc = 0;

    for (const char *slash = strchr(path + (path[0] != '\0'), '/'); slash != NULL && rc == 0;
         slash = strchr(slash + 1, '/')) {
        size_t len = (size_t)(slash - path);
        if (len >= sizeof part)
            return -ENAMETOOLONG;
        memcpy(part, path, len);
        part[len] = '\0';
        if (part[len - 1] != '/' && access(part, F_OK) != 0)
            rc = own_folder_make(part);
    }
    return rc;
}

int own_folder_sync(int folder)
{
    return fsync(folder) == 0 ? 0 : -errno;
}

/* `path`; where that cannot be seen, the folder that hides it. */
static bool find_seen(const char *path, struct stat *st)
{
    char part[PATH_SIZE];

    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
        return false;
    while (stat(part, st) != 0) {
        char *slash = strrchr(part, '/');
        if (slash == NULL || slash == part)
            return false;
        *slash = '\0';
    }
    return true;
}

static bool find_owner(const char *path, uid_t *out)
{
    struct stat st;

    if (!find_seen(path, &st))
        return false;
    *out = st.st_uid;
    return true;
}

bool own_file_is_anothers(const char *path)
{
    uid_t owner;

    return find_owner(path, &owner) && owner != geteuid();
}

static void account_name(uid_t uid, char out[static 40])
{
    char buffer[1024];
    struct passwd entry, *found = NULL;

    if (getpwuid_r(uid, &entry, buffer, sizeof buffer, &found) == 0 && found != NULL)
        snprintf(out, 40, "'%.32s'", found->pw_name);
    else
        snprintf(out, 40, "%ld", (long)uid);
}

static bool is_my_group(gid_t group)
{
    int n = getgroups(0, NULL);
    gid_t *all = n > 0 ? calloc((size_t)n, sizeof *all) : NULL;
    bool found = group == getegid();

    n = all != NULL ? getgroups(n, all) : 0;
    for (int i = 0; i < n; i++)
        found = found || all[i] == group;
    free(all);
    return found;
}

bool own_file_sharing_group(const char *path, gid_t *group)
{
    struct stat st;
    char above[PATH_SIZE];

    if (!find_seen(path, &st))
        return false;
    if (!S_ISDIR(st.st_mode)) { /* a file that is seen: its folder says whether it is shared */
        const char *slash = strrchr(path, '/');
        snprintf(above, sizeof above, "%.*s", slash == NULL ? 1 : (int)(slash - path + 1),
                 slash == NULL ? "." : path);
        if (stat(above, &st) != 0)
            return false;
    }
    *group = st.st_gid;
    return (st.st_mode & (S_ISGID | S_IWGRP)) == (S_ISGID | S_IWGRP);
}

/* "": it has no name. */
static void group_name(gid_t group, char out[static 40])
{
    char buffer[1024];
    struct group entry, *found = NULL;

    out[0] = '\0';
    if (getgrgid_r(group, &entry, buffer, sizeof buffer, &found) == 0 && found != NULL)
        snprintf(out, 40, "%.32s", found->gr_name);
}

/* Is this account in the group's list, for its next login to count? */
static bool is_listed(const char *group)
{
    char buffer[4096], of_account[1024];
    struct group entry, *found = NULL;
    struct passwd self, *account = NULL;

    if (getpwuid_r(geteuid(), &self, of_account, sizeof of_account, &account) != 0 || account == NULL ||
        getgrnam_r(group, &entry, buffer, sizeof buffer, &found) != 0 || found == NULL)
        return false;
    for (char **member = found->gr_mem; *member != NULL; member++)
        if (strcmp(*member, account->pw_name) == 0)
            return true;
    return account->pw_gid == found->gr_gid;
}

/* What a stranger to `group` does about it; a member who has not logged in again does another thing. */
static void tell_stranger(const char *group, const char *self, char out[static OWN_DENIED_SIZE])
{
    char command[64];

    if (strcmp(group, OWN_GROUP) == 0)
        snprintf(command, sizeof command, "flashline-access");
    else
        snprintf(command, sizeof command, "usermod -aG %s", group);
    if (is_listed(group))
        snprintf(
            out, OWN_DENIED_SIZE,
            "Permission denied: it is shared by group '%s', of which account %s is a member, but not in this session: "
            "log out and in again",
            group, self);
    else
        snprintf(out, OWN_DENIED_SIZE,
                 "Permission denied: it is shared by group '%s', of which account %s is no member: "
                 "'sudo %s ACCOUNT', then log in again",
                 group, self, command);
}

/* It belongs to `owner`, who is another account. */
static void tell_owner(const char *path, const char *owner, const char *self,
                       char out[static OWN_DENIED_SIZE])
{
    const char *slash = strrchr(path, '/');
    const char *folder = slash == NULL ? "." : path;
    int len = slash == NULL || slash == path ? 1 : (int)(slash - path);
    struct stat st;
    gid_t group;

    if (len > FOLDER_SHOWN) {
        folder = "ITS-FOLDER"; /* three times in one line */
        len = (int)strlen(folder);
    }
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IWGRP) == 0 &&
        own_file_sharing_group(path, &group) && is_my_group(group))
        snprintf(
            out, OWN_DENIED_SIZE,
            "Permission denied: it belongs to account %s, and its group may not write it, this is %s: work as %s, or let "
            "%s or root share it: chmod g+w %.100s",
            owner, self, owner, owner, path);
    else
        snprintf(
            out, OWN_DENIED_SIZE,
            "Permission denied: it belongs to account %s and this is %s: work as %s, or share its folder with a group of both: "
            "chgrp -R GROUP %.*s; chmod -R g+rwX %.*s; chmod g+s %.*s",
            owner, self, owner, len, folder, len, folder, len, folder);
}

void own_file_denied(const char *path, const char *named_by, int error, char out[static OWN_DENIED_SIZE])
{
    char owner[40], self[40], group[40] = "";
    struct stat st;
    uid_t uid = geteuid();
    gid_t gid;

    if ((error != EACCES && error != EPERM) || !find_owner(path, &uid)) {
        snprintf(out, OWN_DENIED_SIZE, "%s", errno_text(error));
        return;
    }
    account_name(uid, owner);
    account_name(geteuid(), self);
    if (own_file_sharing_group(path, &gid) && !is_my_group(gid))
        group_name(gid, group);
    if (group[0] != '\0')
        tell_stranger(group, self, out);
    else if (lstat(path, &st) != 0 && errno == ENOENT)
        snprintf(out, OWN_DENIED_SIZE, "%s: name a place that account %s may write to%s%s%s",
                 errno_text(error), self, named_by != NULL ? " (" : "", named_by != NULL ? named_by : "",
                 named_by != NULL ? ")" : "");
    else if (uid == geteuid())
        snprintf(out, OWN_DENIED_SIZE, "Permission denied: its mode keeps its own account %s out: chmod u+rw",
                 self);
    else
        tell_owner(path, owner, self, out);
}
