/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool_source - where the values of a pool come from: a CSV file, a range, a folder with a file or folder for each unit, the database
 * in which Pycom's production scripts kept EUIs. Each fills a block that was begun; what is wrong is one line with file and
 * line, and the block is then of no use. 0, or -1 with *f.
 */
#ifndef DB_DESK_POOL_SOURCE_H
#define DB_DESK_POOL_SOURCE_H

#include "db/desk/pool_block.h"

/* Which columns, by their name in the first line or by number from 1. */
struct pool_columns {
    const char *value; /* NULL: the first */
    const char *mac;   /* of the board that has the value already; NULL: none has */
    bool has_heading;  /* the first line has names, also where columns are given by number */
};

/* Separated by comma, semicolon or tab, whichever comes first in the first line; quoted as RFC 4180 has it. */
int pool_read_csv(const char *path, const struct pool_columns *columns, struct pool_block *b,
                  struct failure *f);
/* "A..B", both of them in; every `step`th. Of the kinds that count: addresses, bytes, and text that ends in figures. */
int pool_read_range(const char *text, long step, struct pool_block *b, struct failure *f);
/* Every name in it by its bytes, but hidden ones and `practice`. The block's folder is its absolute path. */
int pool_read_folder(const char *path, struct pool_block *b, struct failure *f);
/* Opened for reading alone. Of a board that has two EUIs the one that was touched last is its own. */
int pool_read_macs(const char *path, struct pool_block *b, struct failure *f);
/* Does the file begin as SQLite's do? */
bool pool_is_macs(const char *path);

#endif /* DB_DESK_POOL_SOURCE_H */
