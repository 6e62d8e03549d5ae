/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/stub_find.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int in_folder(const char *folder, const char *chip, char out[static PATH_TEXT])
{
    int n = snprintf(out, PATH_TEXT, "%s/%s.json", folder, chip);

    return n < 0 || n >= PATH_TEXT ? -ENAMETOOLONG : 0;
}

/* The only folder, where somebody named one. */
static const char *named_folder(void)
{
    const char *folder = getenv("FLASHLINE_STUB_DIR");

    return folder != NULL && folder[0] != '\0' ? folder : NULL;
}

static int own_place(const char *chip, char out[static PATH_TEXT])
{
    char below[128];

    snprintf(below, sizeof below, "stubs/%.64s.json", chip);
    return path_cache(below, out);
}

static int shared_place(const char *chip, char out[static PATH_TEXT])
{
    char folder[PATH_TEXT];
    int error = path_state("stubs", folder);

    return error != 0 ? error : in_folder(folder, chip, out);
}

int stub_place(const char *chip, char out[static PATH_TEXT])
{
    char folder[PATH_TEXT];

    if (named_folder() != NULL)
        return in_folder(named_folder(), chip, out);
    if (path_state("stubs", folder) == 0 && access(folder, W_OK | X_OK) == 0)
        return in_folder(folder, chip, out);
    return own_place(chip, out);
}

bool stub_is_shared(const char *path)
{
    char folder[PATH_TEXT];
    size_t len;

    if (path_state("stubs", folder) != 0)
        return false;
    len = strlen(folder);
    return strncmp(path, folder, len) == 0 && path[len] == '/';
}

/* Without an option: in the account's own folder, then in everybody's. */
static int search(const char *chip, char out[static PATH_TEXT])
{
    if (named_folder() == NULL) {
        if (own_place(chip, out) == 0 && access(out, F_OK) == 0)
            return 0;
        if (shared_place(chip, out) == 0 && access(out, F_OK) == 0)
            return 0;
    }
    return stub_place(chip, out);
}

int stub_find(const char *option, const char *chip, char out[static PATH_TEXT])
{
    struct stat st;
    int error;

    if (option == NULL)
        error = search(chip, out);
    else if (stat(option, &st) == 0 && S_ISDIR(st.st_mode))
        error = in_folder(option, chip, out);
    else
        error = snprintf(out, PATH_TEXT, "%s", option) >= PATH_TEXT ? -ENAMETOOLONG : 0;
    if (error != 0)
        return error;
    return access(out, F_OK) == 0 ? 0 : -ENOENT;
}
