/* SPDX-License-Identifier: Apache-2.0 */
/* cut_copy - a database's files from the real disk onto one whose power can be cut (cutfs), and what a cut left back again. */
#ifndef TESTS_SUPPORT_CUT_COPY_H
#define TESTS_SUPPORT_CUT_COPY_H

/* `name` and its log, below the working folder; all durable on the VFS `vfs`. 0, or -1. */
int cut_copy_in(const char *vfs, const char *name);
/* The same back, once the power has come back and no handle is open. The index beside the log goes. */
int cut_copy_out(const char *vfs, const char *name);

#endif /* TESTS_SUPPORT_CUT_COPY_H */
