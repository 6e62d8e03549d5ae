/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_edit - changes one thing about the slots, or one of a few texts, in station.yaml and leaves every other byte as
 * people wrote it.
 *
 * An edit replaces a few bytes where libyaml says they stand. The new text is read again before it counts: it must say
 * what the old one said but for the one change. What cannot be changed so is refused with file and line, and nothing
 * is written. Several edits may follow each other; the file is replaced once, by config_edit_save(). One thread.
 */
#ifndef STATION_CONFIG_CONFIG_EDIT_H
#define STATION_CONFIG_CONFIG_EDIT_H

#include <stddef.h>

struct complaint;
struct config_edit;
struct config_slot;

/*
 * The file at `path`; one that is not there yet is made by the first slot, or begun by config_edit_begin(). NULL: *c. Caller
 * owns: config_edit_free().
 */
struct config_edit *config_edit_open(const char *path, struct complaint *c);
/* The same of a text in memory, which is borrowed; `file` is its name in complaints. Not to be saved. */
struct config_edit *config_edit_text(const char *file, const void *bytes, size_t size, struct complaint *c);
void config_edit_free(struct config_edit *e); /* NULL is fine */

/* All: 0, or -1 with *c, and the text is as before. `label` "": none. */
int config_edit_label(struct config_edit *e, int number, const char *label, struct complaint *c);
int config_edit_forget(struct config_edit *e, int number, struct complaint *c);
int config_edit_add(struct config_edit *e, const struct config_slot *slot, struct complaint *c);

/* The station's name, its database, its folder of backups: as they stand in the file, quoted there when they need it. */
enum config_text { CONFIG_STATION, CONFIG_DATABASE, CONFIG_BACKUP_DIR };
int config_edit_put(struct config_edit *e, enum config_text which, const char *value, struct complaint *c);
/* What a file that is not there yet begins as; -1 also where there is one. */
int config_edit_begin(struct config_edit *e, const char *text, struct complaint *c);

/* The text as it is now; valid until the next call. */
const char *config_edit_result(const struct config_edit *e, size_t *size);
/*
 * Puts the text in the place of the file, whole or not at all, and durably: mode, owner and group stay, also through a
 * symbolic link. Refused when the file was changed since config_edit_open(), or has a second name (a hard link).
 */
int config_edit_save(struct config_edit *e, struct complaint *c);

#endif /* STATION_CONFIG_CONFIG_EDIT_H */
