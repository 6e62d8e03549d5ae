/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/stub_find.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int in_folder(const char *folder, const char *chip, char out[static PATH_TEXT])
{
    int n = snprintf(out, PATH_TEXT, "%s/%s.json", folder, chip);

    return n < 0 || n >= PATH_TEXT ? -ENAMETOOLONG : 0;
}

int stub_place(const char *chip, char out[static PATH_TEXT])
{
    const char *folder = getenv("FLASHLINE_STUB_DIR");
    char below[128];

    if (folder != NULL && folder[0] != '\0')
        return in_folder(folder, chip, out);
    snprintf(below, sizeof below, "stubs/%.64s.json", chip);
    return path_cache(below, out);
}

int stub_find(const char *option, const char *chip, char out[static PATH_TEXT])
{
    struct stat st;
    int error;

    if (option == NULL)
        error = stub_place(chip, out);
    else if (stat(option, &st) == 0 && S_ISDIR(st.st_mode))
        error = in_folder(option, chip, out);
    else
        error = snprintf(out, PATH_TEXT, "%s", option) >= PATH_TEXT ? -ENAMETOOLONG : 0;
    if (error != 0)
        return error;
    return access(out, F_OK) == 0 ? 0 : -ENOENT;
}
