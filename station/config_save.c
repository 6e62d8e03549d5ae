/* SPDX-License-Identifier: Apache-2.0 */
/* config_save - puts taught slots back into station.yaml without touching what people wrote around them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "profiles/complaint.h"
#include "station/config.h"

static const char *const resets[] = {"classic", "tight", "none"};

/* A YAML double-quoted text: everything a port or a label may hold. */
static void put_quoted(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        if ((unsigned char)*text < 0x20)
            fprintf(out, "\\x%02x", (unsigned char)*text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

static void put_slots(FILE *out, const struct config_slot *slots, int count)
{
    if (count == 0)
        return;
    fputs("slots:\n", out);
    for (int i = 0; i < count; i++) {
        fprintf(out, "  - number: %d\n    port: ", slots[i].number);
        put_quoted(out, slots[i].port);
        if (slots[i].label[0] != '\0') {
            fputs("\n    label: ", out);
            put_quoted(out, slots[i].label);
        }
        if (slots[i].has_reset && slots[i].reset <= RESET_NONE)
            fprintf(out, "\n    reset: %s", resets[slots[i].reset]);
        if (slots[i].presence.input != 0)
            fprintf(out, "\n    presence: %s", presence_line_word(&slots[i].presence));
        fputc('\n', out);
    }
}

/* Does a line still belong to the block that began with "slots:" at the left margin? Blank lines and comments do not
 * end it here; those that turn out to stand before the next key are kept by the caller. */
static int is_inside(const char *line)
{
    return line[0] == ' ' || line[0] == '-' || line[0] == '\t';
}

static void copy_around(FILE *in, FILE *out, const struct config_slot *slots, int count)
{
    char *line = NULL;
    size_t room = 0;
    int inside = 0, done = 0;
    char last = '\n';

    while (in != NULL && getline(&line, &room, in) > 0) {
        if (strncmp(line, "slots:", 6) == 0) {
            inside = 1;
            if (!done)
                put_slots(out, slots, count);
            done = 1;
            continue;
        }
        inside = inside && is_inside(line);
        if (!inside && fputs(line, out) != EOF)
            last = line[strlen(line) - 1];
    }
    free(line);
    if (!done) {
        if (last != '\n')
            fputc('\n', out);
        put_slots(out, slots, count);
    }
}

static int sync_folder(const char *path)
{
    char dir[PATH_TEXT];

    snprintf(dir, sizeof dir, "%s", path);
    char *slash = strrchr(dir, '/');
    if (slash != NULL)
        slash[slash == dir] = '\0';
    int fd = open(slash != NULL ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int error = fsync(fd) == 0 ? 0 : -errno;
    close(fd);
    return error;
}

int config_save_slots(const struct config *config, const struct config_slot *slots, int count,
                      struct complaint *c)
{
    char temp[PATH_TEXT + 16];
    const char *doing = "cannot be written";
    int error = path_make_parents(config->path);

    snprintf(temp, sizeof temp, "%s.new", config->path);
    FILE *in = fopen(config->path, "r");
    if (in == NULL && errno != ENOENT)
        return complain(c, FAIL_CONFIG, config->path, 0, "cannot be read: %s", strerror(errno));
    FILE *out = error == 0 ? fopen(temp, "w") : NULL;
    if (out == NULL) {
        error = error != 0 ? error : -errno;
    } else {
        copy_around(in, out, slots, count);
        if (fflush(out) != 0 || fsync(fileno(out)) != 0 || ferror(out))
            error = -errno;
        fclose(out);
        if (error == 0 && rename(temp, config->path) != 0)
            error = -errno;
        if (error == 0)
            error = sync_folder(config->path);
    }
    if (in != NULL)
        fclose(in);
    if (error == 0)
        return 0;
    if (out != NULL)
        unlink(temp);
    return complain(c, FAIL_CONFIG, config->path, 0, "%s: %s", doing, strerror(-error));
}
