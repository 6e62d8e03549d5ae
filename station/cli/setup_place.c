/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/setup_place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/own_file.h"
#include "base/plain.h"
#include "profiles/text/complaint.h"
#include "station/cli/cmd.h"

#define VERB      "setup"
#define FIELD_MAX 1000 /* bytes of a path in station.yaml */

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* A folder, or the nearest one above it that is there, into `out`. */
static void nearest_folder(const char *path, char out[static PATH_TEXT])
{
    snprintf(out, PATH_TEXT, "%s", path);
    while (!exists(out)) {
        char *slash = strrchr(out, '/');
        if (slash == NULL || slash == out) {
            snprintf(out, PATH_TEXT, "/");
            return;
        }
        *slash = '\0';
    }
}

void setup_place_parent(const char *path, char out[static PATH_TEXT])
{
    snprintf(out, PATH_TEXT, "%s", path);
    char *slash = strrchr(out, '/');
    if (slash != NULL)
        slash[slash == out] = '\0';
}

struct config *setup_place_config(const char *option, int *code)
{
    static const char nothing[] = "slots: []\n";
    struct complaint c = {0};
    char path[PATH_TEXT], folder[PATH_TEXT];
    int error = path_config(option, path);

    *code = EXIT_INPUT;
    if (error == 0 && exists(path)) {
        struct config *config = config_load(option, &c);
        if (config == NULL)
            cmd_fail(EXIT_INPUT, VERB, "%s", c.text);
        return config;
    }
    if (error != 0 && error != -ENOENT) {
        cmd_fail(EXIT_INPUT, VERB, "the configuration has no place: %s", errno_text(-error));
        return NULL;
    }
    setup_place_parent(SETUP_SYSTEM_CONFIG, folder);
    if (error == -ENOENT && (geteuid() == 0 || access(folder, W_OK) == 0))
        snprintf(path, sizeof path, "%s", SETUP_SYSTEM_CONFIG);
    struct config *config = config_parse(path, nothing, strlen(nothing), &c);
    if (config == NULL) {
        cmd_fail(EXIT_STATION, VERB, "%s", c.text);
        return NULL;
    }
    snprintf(config->path, sizeof config->path, "%s", path);
    if (gethostname(config->station_id, sizeof config->station_id - 1) != 0 ||
        plain_name_trouble(config->station_id) != NULL)
        snprintf(config->station_id, sizeof config->station_id, "station");
    return config;
}

bool setup_place_private(const struct config *config, const char *option, char note[static SETUP_NOTE])
{
    char folder[PATH_TEXT], denied[OWN_DENIED_SIZE];
    struct stat st;

    const char *named = option != NULL ? option : getenv("FLASHLINE_CONFIG");

    setup_place_parent(SETUP_SYSTEM_CONFIG, folder);
    if (config->found || (named != NULL && named[0] != '\0') ||
        strcmp(config->path, SETUP_SYSTEM_CONFIG) == 0 || stat(folder, &st) != 0 || access(folder, W_OK) == 0)
        return false;
    own_file_denied(folder, NULL, EACCES, denied);
    snprintf(note, SETUP_NOTE,
             "note: this station would be yours alone, for %.200s is closed to this session. %s", folder,
             denied);
    return true;
}

int setup_place_proposed(const struct config *config, char out[static PATH_TEXT])
{
    char folder[PATH_TEXT];

    if (!config->found && path_state("", folder) == 0 && access(folder, W_OK | X_OK) == 0)
        return path_state("flashline.db", out);
    return path_database(NULL, config->database, out);
}

static bool has_up(const char *path)
{
    for (const char *at = path; (at = strstr(at, "/..")) != NULL; at += 3)
        if (at[3] == '/' || at[3] == '\0')
            return true;
    return false;
}

/* ".." is where the kernel says: a part before it may be a link. False: it stands behind what is not there yet. */
static bool resolve(char out[static PATH_TEXT])
{
    char nearest[PATH_TEXT];

    if (has_up(out)) {
        nearest_folder(out, nearest);
        size_t len = strlen(nearest);
        char *real = has_up(out + len) ? NULL : realpath(nearest, NULL), rest[PATH_TEXT];
        if (real == NULL)
            return false;
        snprintf(rest, sizeof rest, "%s", out + len);
        int n = snprintf(out, PATH_TEXT, "%s%s", real, rest);
        free(real);
        if (n >= PATH_TEXT)
            return false;
    }
    path_tidy(out);
    return true;
}

/* What both have in common: a whole path that station.yaml can hold. */
static bool read_path(const char *text, char *out, char fault[static SETUP_FAULT])
{
    char why[PATH_FAULT], here[PATH_TEXT], written[PATH_TEXT];

    if (plain_trouble(text) != NULL)
        snprintf(fault, SETUP_FAULT, "'%.80s' %s", text, plain_trouble(text));
    else if (path_is_other(text, why))
        snprintf(fault, SETUP_FAULT, "'%.80s' %s", text, why);
    else if (path_written(NULL, text, written) != 0)
        snprintf(fault, SETUP_FAULT, "'%.80s' needs HOME, which is not set: write the whole path", text);
    else if (written[0] != '/' && getcwd(here, sizeof here) == NULL)
        snprintf(fault, SETUP_FAULT, "'%.80s': write the whole path", text);
    else if (written[0] == '/' ? snprintf(out, PATH_TEXT, "%s", written) > FIELD_MAX
                               : snprintf(out, PATH_TEXT, "%.2000s/%.2000s", here, written) > FIELD_MAX)
        snprintf(fault, SETUP_FAULT, "'%.80s..' is too long: at most %d bytes", text, FIELD_MAX);
    else if (!resolve(out))
        snprintf(fault, SETUP_FAULT,
                 "'%.80s' leads up from a folder that is not there: write it without '..'", text);
    else
        return true;
    return false;
}

/* Could a file be made in that folder, or the folder be made where it is missing? */
static bool may_write_below(const char *folder, const char *option, char fault[static SETUP_FAULT])
{
    char nearest[PATH_TEXT], denied[OWN_DENIED_SIZE];
    struct stat st;

    nearest_folder(folder, nearest);
    if (stat(nearest, &st) != 0 || !S_ISDIR(st.st_mode))
        snprintf(fault, SETUP_FAULT, "%.200s is no folder", nearest);
    else if (access(nearest, W_OK | X_OK) != 0) {
        own_file_denied(folder, option, errno, denied);
        snprintf(fault, SETUP_FAULT, "%.120s: %.240s", nearest, denied);
    } else
        return true;
    return false;
}

static bool is_database(const char *path)
{
    static const char magic[] = "SQLite format 3";
    char bytes[sizeof magic] = "";
    FILE *file = fopen(path, "re");
    size_t count = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;

    if (file != NULL)
        fclose(file);
    return count == 0 || memcmp(bytes, magic, sizeof magic) == 0;
}

bool setup_place_database(const char *text, char *out, char fault[static SETUP_FAULT])
{
    char folder[PATH_TEXT];
    struct stat st;

    if (!read_path(text, out, fault))
        return false;
    bool there = stat(out, &st) == 0;
    setup_place_parent(out, folder);
    if (there && S_ISDIR(st.st_mode))
        snprintf(fault, SETUP_FAULT, "%.150s is a folder: name the file in it, as %.150s/flashline.db", out,
                 out);
    else if (there && !is_database(out))
        snprintf(fault, SETUP_FAULT, "%.200s is there, and is no database", out);
    else
        return there || may_write_below(folder, "--database", fault);
    return false;
}

bool setup_place_folder(const char *text, char *out, char fault[static SETUP_FAULT])
{
    return read_path(text, out, fault) && may_write_below(out, "--backup", fault);
}

bool setup_place_same_disk(const char *a, const char *b)
{
    char one[PATH_TEXT], two[PATH_TEXT];
    struct stat first, second;

    nearest_folder(a, one);
    nearest_folder(b, two);
    return stat(one, &first) == 0 && stat(two, &second) == 0 && first.st_dev == second.st_dev;
}
