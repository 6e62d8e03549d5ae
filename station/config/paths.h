/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paths - where the station keeps and finds its files (docs/places.md). Looks at the environment, changes nothing
 * but in path_make_parents(). All return 0 or a negative errno; `out` holds PATH_TEXT bytes.
 */
#ifndef STATION_CONFIG_PATHS_H
#define STATION_CONFIG_PATHS_H

#include <stdbool.h>

#define PATH_TEXT  4096
#define PATH_FAULT 256

/*
 * Is `text` something else than a path: a URL ("file:x.db", "sqlite:///x.db", "https://.."), SQLite's ":memory:" or a
 * path of Windows ("C:\\x.db")? Then
 * `fault` follows it in quotes and says what to write. A file that is really called so is written "./file:x.db".
 */
bool path_is_other(const char *text, char fault[static PATH_FAULT]);

/*
 * The path that `text` means where it stands in `file`, whose folder a relative one begins at; NULL: at the working folder.
 * "~" and "~/x" begin at $HOME. -ENOENT: there is no $HOME; -EINVAL: "~name", another's home, which nobody looks up here.
 */
int path_written(const char *file, const char *text, char out[static PATH_TEXT]);

/*
 * A whole path without "..", "." and empty parts, by its letters alone: where a part before ".." may be a link, realpath() comes
 * first. Another path stays as it is.
 */
void path_tidy(char *path);
/*
 * `option` (may be NULL), else $FLASHLINE_CONFIG, else $XDG_CONFIG_HOME/flashline/station.yaml, else
 * /etc/flashline/station.yaml. 0: that is the file to read (named by option or environment: it may be missing, which is
 * then an error to tell). -ENOENT: none is there; `out` is the user's own place, where a new one would go.
 */
int path_config(const char *option, char out[static PATH_TEXT]);
/* `option`, else `configured` (each may be NULL or ""), else $XDG_STATE_HOME/flashline/flashline.db. */
int path_database(const char *option, const char *configured, char out[static PATH_TEXT]);
/* For virtual boards without --db: $XDG_STATE_HOME/flashline/training.db. */
int path_training_database(const char *option, char out[static PATH_TEXT]);
/* $XDG_CACHE_HOME/flashline, and a file below it. */
int path_cache(const char *below, char out[static PATH_TEXT]);
/* A file or folder of all accounts of this station: $FLASHLINE_STATE_DIR, else /var/lib/flashline, and what is below it. */
int path_state(const char *below, char out[static PATH_TEXT]);
/*
 * A job's file: `name` itself if it has a '/' or ends in .yaml; else NAME.yaml in $XDG_CONFIG_HOME/flashline/profiles,
 * then /etc/flashline/profiles, then the installed profiles (share/flashline/profiles beside the programme's bin).
 * -ENOENT: nowhere; `out` then lists the places, separated by ", ".
 */
int path_job(const char *name, char out[static PATH_TEXT]);
/* The folders path_job() looks in, i = 0, 1, ...; -ENOENT: there is no such place; -ERANGE: no more places. */
int path_job_folder(int i, char out[static PATH_TEXT]);
/* A command that was installed with this one, for administrators ("flashline-access"). -ENOENT: it is not there. */
int path_admin_command(const char *name, char out[static PATH_TEXT]);
/* Creates the folders above `path` that are missing, for their owner alone. */
int path_make_parents(const char *path);

#endif /* STATION_CONFIG_PATHS_H */
