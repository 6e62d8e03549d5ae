/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup_place - the folder of the nightly copies: made so that whoever works with the database may write it, and looked at for
 * whether he may. A database whose folder a group shares (base/own_file.h) is many accounts', and any of them may run at night.
 */
#ifndef STATION_CLI_BACKUP_PLACE_H
#define STATION_CLI_BACKUP_PLACE_H

#include <stdbool.h>

/* Makes what lacks of `folder`, as files and folders are made here; beside a shared database the group's. 0 or -errno. */
int backup_place_make(const char *folder, const char *database);

struct backup_trouble {
    char words[400];
    char remedy[256];
};

/* Would a nightly copy of `database` fail there: this account's, or that of another who shares it? */
bool backup_place_trouble(const char *folder, const char *database, struct backup_trouble *out);

#endif /* STATION_CLI_BACKUP_PLACE_H */
