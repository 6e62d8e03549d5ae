/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/backup_place.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/own_file.h"
#include "station/config/paths.h"

#define GROUP_MODE 02770

/* By a descriptor: it is this folder, whoever may rename in the one above. */
static int give_to_group(const char *path, gid_t group)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc = 0;

    if (fd < 0)
        return -errno;
    if (fchown(fd, (uid_t)-1, group) != 0 || fchmod(fd, GROUP_MODE) != 0)
        rc = -errno;
    close(fd);
    return rc;
}

int backup_place_make(const char *folder, const char *database)
{
    char part[PATH_TEXT];
    gid_t group = 0;
    bool is_shared = own_file_sharing_group(database, &group);

    for (size_t at = 1, len = strlen(folder); at <= len; at++) {
        if (folder[at] != '/' && folder[at] != '\0')
            continue;
        if (snprintf(part, sizeof part, "%.*s", (int)at, folder) >= (int)sizeof part)
            return -ENAMETOOLONG;
        if (access(part, F_OK) == 0)
            continue;
        int rc = own_folder_make(part);
        if (rc == 0 && is_shared)
            rc = give_to_group(part, group);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static void name_of_group(gid_t group, char out[static 40])
{
    char buffer[4096];
    struct group entry, *found = NULL;

    if (getgrgid_r(group, &entry, buffer, sizeof buffer, &found) == 0 && found != NULL)
        snprintf(out, 40, "%.32s", found->gr_name);
    else
        snprintf(out, 40, "%ld", (long)group);
}

static void name_of_account(uid_t uid, char out[static 40])
{
    char buffer[1024];
    struct passwd entry, *found = NULL;

    if (getpwuid_r(uid, &entry, buffer, sizeof buffer, &found) == 0 && found != NULL)
        snprintf(out, 40, "%.32s", found->pw_name);
    else
        snprintf(out, 40, "%ld", (long)uid);
}

static bool is_missing(const char *folder, const char *group, struct backup_trouble *out)
{
    char above[PATH_TEXT];

    /* One level is made at night (db/care/maintain.h); what lies above it must be there. */
    snprintf(above, sizeof above, "%s", folder);
    char *slash = strrchr(above, '/');
    if (slash != NULL)
        slash[slash == above] = '\0';
    if (slash != NULL && access(above, W_OK | X_OK) == 0)
        return false;
    snprintf(out->words, sizeof out->words, "%.200s, where the nightly backup goes, is not there: %s", folder,
             errno_text(ENOENT));
    if (group[0] != '\0')
        snprintf(out->remedy, sizeof out->remedy, "Run 'sudo install -d -m 2770 -g %s %.120s'.", group,
                 folder);
    else
        snprintf(out->remedy, sizeof out->remedy,
                 "Make it, or name another one: flashline setup --backup DIR.");
    return true;
}

bool backup_place_trouble(const char *folder, const char *database, struct backup_trouble *out)
{
    char group[40] = "", self[40], owner[40];
    struct stat st;
    gid_t gid = 0;
    bool is_shared = own_file_sharing_group(database, &gid);

    if (is_shared)
        name_of_group(gid, group);
    if (stat(folder, &st) != 0 && errno == ENOENT)
        return is_missing(folder, group, out);
    bool may = access(folder, W_OK | X_OK) == 0;
    bool all =
        !is_shared || (stat(folder, &st) == 0 && st.st_gid == gid && (st.st_mode & S_IRWXG) == S_IRWXG);
    if (may && all)
        return false;
    name_of_account(geteuid(), self);
    if (!may)
        snprintf(out->words, sizeof out->words,
                 "%.200s, where the nightly backup goes, cannot be written by account '%s'", folder, self);
    else
        snprintf(
            out->words, sizeof out->words,
            "%.200s, where the nightly backup goes, can be written by account '%s', but not by all of group '%s'",
            folder, self, group);
    if (is_shared)
        snprintf(out->remedy, sizeof out->remedy, "Run 'sudo chgrp %s %.80s; sudo chmod 2770 %.80s'.", group,
                 folder, folder);
    else if (stat(folder, &st) == 0) {
        name_of_account(st.st_uid, owner);
        snprintf(
            out->remedy, sizeof out->remedy,
            "It belongs to '%s': let this account write there, or name another one: flashline setup --backup DIR.",
            owner);
    } else
        snprintf(out->remedy, sizeof out->remedy, "Name another one: flashline setup --backup DIR.");
    return true;
}
