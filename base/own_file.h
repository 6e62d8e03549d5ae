/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_file - the one rule for every file and folder that is made here (docs/database.md, "Who may read"): others get
 * nothing, whatever the umask. Files 0600, folders 0700; in a folder that belongs to a group by its setgid bit 0660 and
 * 02770. The mode is put on the descriptor: the umask is the whole process's, and threads must not turn it.
 */
#ifndef BASE_OWN_FILE_H
#define BASE_OWN_FILE_H

#include <stdbool.h>

#include <sys/types.h>

/* The folder of `path`, opened to be kept while a file in it is written, so that nobody exchanges it meanwhile; `name`
 * points into `path`. A descriptor, or -errno. */
int own_folder_open(const char *path, const char **name);
/* Opens for reading and writing, never through a link, and makes the file when it is not there; `flags` (O_EXCL, O_TRUNC)
 * are added. Its mode is put right in either case if it is ours. A descriptor, or -errno. */
int own_file_open(int folder, const char *name, int flags);
int own_file_open_path(const char *path, int flags);
/* Puts a file that is there already under the rule, if it is ours and a file. 0, or -errno; a missing one is no error. */
int own_file_mend(const char *path);
/* The folders above `path` that are missing. 0 or -errno. */
int own_folders_make(const char *path);
/* One folder; 0 also when it is there. */
int own_folder_make(const char *path);
/* Makes names in `folder` durable. 0 or -errno. */
int own_folder_sync(int folder);

/* The group that shares the folder `path` is in, or `path` itself where it is a folder, by setgid bit and write permission. True and
 * *group; false: it is not shared. */
bool own_file_sharing_group(const char *path, gid_t *group);

#define OWN_GROUP       "flashline" /* of an installation: who is in it works here (docs/accounts.md) */
#define OWN_DENIED_SIZE 400

/* Does `path`, or the nearest folder above it that can be seen, belong to another account? */
bool own_file_is_anothers(const char *path);
/* Why `error` (a positive errno) came of `path` and what helps: the group that shares it, else whose it is and how two
 * accounts share it. `named_by`: the option or key that names the path ("--db"), where another one may help. */
void own_file_denied(const char *path, const char *named_by, int error, char out[static OWN_DENIED_SIZE]);

#endif /* BASE_OWN_FILE_H */
