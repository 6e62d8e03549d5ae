/* SPDX-License-Identifier: Apache-2.0 */
#include "station/port_scan.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The product string stands in the USB device's folder, some steps above the tty's. */
static void read_product(const char *device, char *out, size_t size)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s", device);
    out[0] = '\0';
    for (int up = 0; up < 4; up++) {
        char name[PATH_MAX + 16];
        snprintf(name, sizeof name, "%s/product", path);
        FILE *f = fopen(name, "r");
        if (f != NULL) {
            if (fgets(out, (int)size, f) == NULL)
                out[0] = '\0';
            out[strcspn(out, "\n")] = '\0';
            fclose(f);
            return;
        }
        char *slash = strrchr(path, '/');
        if (slash == NULL || slash == path)
            return;
        *slash = '\0';
    }
}

static int by_uri(const void *a, const void *b)
{
    return strverscmp(((const struct port_seen *)a)->uri, ((const struct port_seen *)b)->uri);
}

int port_scan(const char *root, struct port_seen *out, int max)
{
    char folder[PATH_MAX], link[PATH_MAX + 300], device[PATH_MAX];
    int count = 0;

    snprintf(folder, sizeof folder, "%s/sys/class/tty", root != NULL ? root : "");
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        snprintf(link, sizeof link, "%s/%s/device", folder, e->d_name);
        if (e->d_name[0] == '.' || realpath(link, device) == NULL || strstr(device, "/usb") == NULL)
            continue;
        if (count < max) {
            snprintf(out[count].uri, sizeof out[count].uri, "tty:/dev/%.80s", e->d_name);
            read_product(device, out[count].product, sizeof out[count].product);
        }
        count++;
    }
    closedir(dir);
    qsort(out, (size_t)(count < max ? count : max), sizeof *out, by_uri);
    return count;
}
