/* SPDX-License-Identifier: Apache-2.0 */
#include "station/config/paths.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/own_file.h"

static int put(char out[static PATH_TEXT], const char *format, ...) __attribute__((format(printf, 2, 3)));

static int put(char out[static PATH_TEXT], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int n = vsnprintf(out, PATH_TEXT, format, args);
    va_end(args);
    return n < 0 || n >= PATH_TEXT ? -ENAMETOOLONG : 0;
}

static bool given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static int in_home(const char *below, char out[static PATH_TEXT])
{
    const char *home = getenv("HOME");

    return given(home) ? put(out, "%s%s", home, below) : -ENOENT;
}

int path_written(const char *file, const char *text, char out[static PATH_TEXT])
{
    const char *slash = file != NULL ? strrchr(file, '/') : NULL;

    if (text[0] == '~' && (text[1] == '/' || text[1] == '\0'))
        return in_home(text + 1, out);
    if (text[0] == '~' && file != NULL)
        return -EINVAL;
    if (text[0] == '/' || slash == NULL)
        return put(out, "%s", text);
    return put(out, "%.*s%s", (int)(slash + 1 - file), file, text);
}

/* $VARIABLE (an absolute path, by the XDG rule) or $HOME/FALLBACK, then /flashline/BELOW. */
static int xdg(const char *variable, const char *fallback, const char *below, char out[static PATH_TEXT])
{
    const char *dir = getenv(variable), *home = getenv("HOME");
    const char *slash = below[0] != '\0' ? "/" : "";

    if (given(dir) && dir[0] == '/')
        return put(out, "%s/flashline%s%s", dir, slash, below);
    if (!given(home))
        return -ENOENT;
    return put(out, "%s/%s/flashline%s%s", home, fallback, slash, below);
}

void path_tidy(char *path)
{
    char *to = path, *from = path;

    while (*from != '\0') {
        size_t len = strcspn(from + 1, "/") + 1; /* a slash and what follows it */
        bool is_up = len == 3 && from[1] == '.' && from[2] == '.';
        if (path[0] != '/')
            return;
        if (is_up) {
            while (to > path && *--to != '/')
                ;
        } else if (len > 1 && !(len == 2 && from[1] == '.')) {
            memmove(to, from, len);
            to += len;
        }
        from += len;
    }
    if (to == path && path[0] == '/')
        to++;
    *to = '\0';
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

int path_config(const char *option, char out[static PATH_TEXT])
{
    char system[PATH_TEXT] = "/etc/flashline/station.yaml";
    const char *named = given(option) ? option : getenv("FLASHLINE_CONFIG");

    if (given(named))
        return path_written(NULL, named, out);
    int error = xdg("XDG_CONFIG_HOME", ".config", "station.yaml", out);
    if (error == -ENAMETOOLONG || (error == 0 && exists(out)))
        return error;
    if (exists(system))
        return put(out, "%s", system);
    if (error != 0)
        put(out, "%s", system);
    return -ENOENT;
}

int path_database(const char *option, const char *configured, char out[static PATH_TEXT])
{
    if (given(option))
        return path_written(NULL, option, out);
    if (given(configured))
        return put(out, "%s", configured);
    return xdg("XDG_STATE_HOME", ".local/state", "flashline.db", out);
}

int path_training_database(const char *option, char out[static PATH_TEXT])
{
    if (given(option))
        return path_written(NULL, option, out);
    return xdg("XDG_STATE_HOME", ".local/state", "training.db", out);
}

int path_cache(const char *below, char out[static PATH_TEXT])
{
    return xdg("XDG_CACHE_HOME", ".cache", below, out);
}

int path_state(const char *below, char out[static PATH_TEXT])
{
    const char *dir = getenv("FLASHLINE_STATE_DIR");

    return put(out, "%s/%s", given(dir) ? dir : "/var/lib/flashline", below);
}

/* From the folder of the programme: its share/ in a build folder, elsewhere where CMake's folders are. */
static int beside_programme(const char *folder, const char *below, char out[static PATH_TEXT])
{
    char self[PATH_TEXT];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    if (n <= 0)
        return -ENOENT;
    self[n] = '\0';
    char *slash = strrchr(self, '/');
    if (slash == NULL)
        return -ENOENT;
    *slash = '\0';
    int error = put(out, "%.2000s/%s/%s", self, folder, below);
    if (error == 0)
        path_tidy(out); /* its own folder has no links in it: the kernel named it */
    return error;
}

static int installed(const char *below, bool in_build, char out[static PATH_TEXT])
{
    return beside_programme(in_build ? "share/flashline" : FLASHLINE_DATA_FROM_BIN "/flashline", below, out);
}

int path_admin_command(const char *name, char out[static PATH_TEXT])
{
    static const char *const folders[] = {"sbin",
                                          FLASHLINE_SBIN_FROM_BIN}; /* of a build, of an installation */

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        if (beside_programme(folders[i], name, out) == 0 && access(out, X_OK) == 0)
            return 0;
    return -ENOENT;
}

int path_job(const char *name, char out[static PATH_TEXT])
{
    char places[PATH_TEXT] = "", below[512];
    size_t len = strlen(name);

    if (strchr(name, '/') != NULL || (len >= 5 && strcmp(name + len - 5, ".yaml") == 0))
        return put(out, "%s", name);
    snprintf(below, sizeof below, "profiles/%.400s.yaml", name);
    for (int i = 0; i < 4; i++) {
        int error = i == 0   ? xdg("XDG_CONFIG_HOME", ".config", below, out)
                    : i == 1 ? put(out, "/etc/flashline/%s", below)
                             : installed(below, i == 3, out);
        if (error != 0)
            continue;
        if (exists(out))
            return 0;
        size_t used = strlen(places);
        if (i < 3)
            snprintf(places + used, sizeof places - used, "%s%.2000s", used > 0 ? ", " : "", out);
    }
    put(out, "%s", places);
    return -ENOENT;
}

int path_job_folder(int i, char out[static PATH_TEXT])
{
    if (i == 0)
        return xdg("XDG_CONFIG_HOME", ".config", "profiles", out);
    if (i == 1)
        return put(out, "%s", "/etc/flashline/profiles");
    if (i > 3)
        return -ERANGE;
    return installed("profiles", i == 3, out);
}

/* "https" of "https://host/x.db"; 0: it does not begin with a scheme (RFC 3986, 3.1) and two slashes. */
static size_t scheme_size(const char *text)
{
    size_t n = 0;

    while (isalnum((unsigned char)text[n]) || (n > 0 && strchr("+-.", text[n]) != NULL && text[n] != '\0'))
        n++;
    return strncmp(text + n, "://", 3) == 0 ? n : 0;
}

/* What stands behind the scheme of a file's URL or a database's; NULL: it has no such scheme. */
static const char *path_of_url(const char *text)
{
    static const char *const schemes[] = {"file:", "sqlite:", "sqlite3:", "sqlite+pysqlite:", "db:"};

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        const char *path = text + strlen(schemes[i]);
        if (strncasecmp(text, schemes[i], strlen(schemes[i])) != 0)
            continue;
        /* A file's URL has an empty host before its path; SQLAlchemy's has one slash more, which is none of the path's. */
        if (strncmp(path, "//", 2) == 0)
            path += i > 0 && path[2] == '/' ? 3 : 2;
        return path;
    }
    return NULL;
}

/* "C:\\x.db", "\\\\host\\x.db": a path of another system, and a name with backslashes on this one. */
static bool is_windows(const char *text)
{
    return (isalpha((unsigned char)text[0]) && text[1] == ':' && (text[2] == '\\' || text[2] == '/')) ||
           strncmp(text, "\\\\", 2) == 0;
}

bool path_is_other(const char *text, char fault[static PATH_FAULT])
{
    const char *url = path_of_url(text), *path = url != NULL ? url : text;
    size_t size = strcspn(path, "?#");

    fault[0] = '\0';
    if (strncasecmp(path, ":memory:", 8) == 0 && (size == 8 || path[8] == '\0'))
        snprintf(fault, PATH_FAULT, "keeps nothing: write the path of a file");
    else if (url != NULL)
        snprintf(fault, PATH_FAULT, "is a URL: write the path alone, %.*s", size > 0 ? (int)size : 4,
                 size > 0 ? path : "x.db");
    else if (is_windows(text))
        snprintf(fault, PATH_FAULT,
                 "is a path of Windows: write that of a file here, as /var/lib/flashline/x.db");
    else if (scheme_size(text) > 1)
        snprintf(fault, PATH_FAULT, "is not on this machine: write the path of a file here");
    return fault[0] != '\0';
}

int path_make_parents(const char *path)
{
    return own_folders_make(path);
}
