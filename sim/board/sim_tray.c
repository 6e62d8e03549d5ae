/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_tray.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own_file.h"
#include "sim/board/sim_chip.h"
#include "sim/board/sim_factory.h"
#include "sim/board/sim_personality.h"
#include "sim/board/sim_random.h"

struct place {
    struct sim_board *board;
    const char *personality; /* of the static table */
    int fresh;               /* boards that lay here before */
};

/* What the boards are, in turn. */
struct kind {
    const struct sim_chip *chip;
    int revision; /* as struct sim_board_config has it */
};

struct sim_tray {
    struct sim_tray_config config;
    struct place *places;
    struct kind kinds[SIM_TRAY_CHIPS];
    int kind_count;
};

static uint32_t flash_size(const struct sim_tray_config *c, const struct kind *k)
{
    if (c->flash_size != 0)
        return c->flash_size;
    return k->chip == sim_chip_at(0) && k->revision == 0 ? 4u << 20 : k->chip->flash_size;
}

static struct sim_board *make_board(const struct sim_tray *t, int number)
{
    const struct sim_tray_config *c = &t->config;
    const struct place *p = &t->places[number - 1];
    const struct kind *k = &t->kinds[(number - 1) % t->kind_count];
    uint64_t seed = sim_random_mix(c->seed, (uint64_t)number + ((uint64_t)p->fresh << 32));
    struct sim_board_config bc = {
        .chip = k->chip,
        .mac = sim_factory_mac(c->seed, number + p->fresh * c->count),
        .revision = k->revision,
        .flash_size = flash_size(c, k),
        .reset_wired = true,
        .personality = p->personality,
        .seed = seed,
        .fault_rate = c->fault_rate,
    };
    struct sim_board *b = sim_board_new(&bc, 0);

    if (b != NULL)
        sim_board_fill(b);
    return b;
}

static void refuse_chip(const char *name, char error[static SIM_TRAY_ERROR])
{
    int n = snprintf(error, SIM_TRAY_ERROR, "no virtual '%.16s'; there are:", name);

    for (size_t i = 0; sim_chip_at(i) != NULL && n < SIM_TRAY_ERROR - 1; i++)
        n += snprintf(error + n, SIM_TRAY_ERROR - (size_t)n, " %s", sim_chip_at(i)->name);
}

/* "3.1" behind the @; an ESP32's is its major number alone. */
static bool parse_revision(const char *text, struct kind *k)
{
    int major, minor = 0, len = 0;

    if (!isdigit((unsigned char)*text) || sscanf(text, "%3d%n.%2d%n", &major, &len, &minor, &len) < 1 ||
        text[len] != '\0' || major > 7 || minor < 0 || minor > 15)
        return false;
    bool first = k->chip == sim_chip_at(0);
    k->revision = first ? major : major * 100 + minor;
    return !first || (minor == 0 && (major == 0 || major == 1 || major == 3));
}

static int parse_kind(struct sim_tray *t, const char *text, size_t len, char error[static SIM_TRAY_ERROR])
{
    struct kind *k = &t->kinds[t->kind_count];
    char name[40];

    snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : sizeof name - 1), text);
    char *revision = strchr(name, '@');
    if (revision != NULL)
        *revision++ = '\0';
    k->chip = sim_chip_find(name);
    if (k->chip == NULL) {
        refuse_chip(name, error);
        return -EINVAL;
    }
    k->revision = k->chip == sim_chip_at(0) ? t->config.revision : k->chip->revision;
    if (revision != NULL && !parse_revision(revision, k)) {
        snprintf(error, SIM_TRAY_ERROR, "'%.8s': a revision of %s is %s", revision, k->chip->name,
                 k->chip == sim_chip_at(0) ? "0, 1 or 3" : "MAJOR.MINOR");
        return -EINVAL;
    }
    t->kind_count++;
    return 0;
}

/* "esp32,esp32c3@0.4" into t->kinds. */
static int parse_chips(struct sim_tray *t, const char *text, char error[static SIM_TRAY_ERROR])
{
    for (;;) {
        size_t len = strcspn(text, ",");
        if (t->kind_count == SIM_TRAY_CHIPS) {
            snprintf(error, SIM_TRAY_ERROR, "a list of chips has %d at most", SIM_TRAY_CHIPS);
            return -EINVAL;
        }
        int rc = parse_kind(t, text, len, error);
        if (rc < 0 || text[len] == '\0')
            return rc;
        text += len + 1;
    }
}

/* "3=wrong-chip,5=bad-flash" into t->places. */
static int parse_personalities(struct sim_tray *t, const char *text, char error[static SIM_TRAY_ERROR])
{
    while (*text != '\0') {
        char *end, name[40];
        long number = strtol(text, &end, 10);
        size_t len = *end == '=' ? strcspn(end + 1, ",") : 0;
        if (!isdigit((unsigned char)*text) || len == 0 || len >= sizeof name) {
            snprintf(error, SIM_TRAY_ERROR, "'%.60s': a personality is given as NUMBER=NAME", text);
            return -EINVAL;
        }
        memcpy(name, end + 1, len);
        name[len] = '\0';
        const struct sim_personality *p = sim_personality_find(name);
        if (number < 1 || number > t->config.count || p == NULL) {
            snprintf(error, SIM_TRAY_ERROR,
                     p == NULL ? "personality '%.40s' does not exist" : "'%.40s': no such board in the tray",
                     p == NULL ? name : text);
            return -EINVAL;
        }
        t->places[number - 1].personality = p->name;
        text = end + 1 + len;
        text += *text == ',';
    }
    return 0;
}

static int check(const struct sim_tray_config *c, char error[static SIM_TRAY_ERROR])
{
    uint32_t size = c->flash_size;

    if (c->count < 1)
        snprintf(error, SIM_TRAY_ERROR, "a tray holds at least one board");
    else if (c->revision != 0 && c->revision != 1 && c->revision != 3)
        snprintf(error, SIM_TRAY_ERROR, "revision %d: virtual boards are of revision 0, 1 or 3", c->revision);
    else if (size != 0 && (size < 1u << 20 || size > 16u << 20 || (size & (size - 1)) != 0))
        snprintf(error, SIM_TRAY_ERROR, "flash size %u: a power of two from 1 to 16 MiB", (unsigned)size);
    else
        return 0;
    return -EINVAL;
}

struct sim_tray *sim_tray_new(const struct sim_tray_config *config, char error[static SIM_TRAY_ERROR])
{
    if (check(config, error) < 0)
        return NULL;
    struct sim_tray *t = calloc(1, sizeof *t);
    if (t != NULL)
        t->places = calloc((size_t)config->count, sizeof *t->places);
    if (t == NULL || t->places == NULL)
        goto no_memory;
    t->config = *config;
    if (parse_chips(t, config->chips != NULL ? config->chips : sim_chip_at(0)->name, error) < 0 ||
        (config->personalities != NULL && parse_personalities(t, config->personalities, error) < 0)) {
        sim_tray_free(t);
        return NULL;
    }
    t->config.chips = t->config.personalities = NULL; /* the caller's texts may go */
    for (int i = 1; i <= config->count; i++) {
        t->places[i - 1].board = make_board(t, i);
        if (t->places[i - 1].board == NULL)
            goto no_memory;
    }
    return t;
no_memory:
    snprintf(error, SIM_TRAY_ERROR, "not enough memory for %d virtual boards", config->count);
    sim_tray_free(t);
    return NULL;
}

void sim_tray_free(struct sim_tray *t)
{
    if (t == NULL)
        return;
    for (int i = 0; t->places != NULL && i < t->config.count; i++)
        sim_board_free(t->places[i].board);
    free(t->places);
    free(t);
}

struct sim_board *sim_tray_board(struct sim_tray *t, int number)
{
    return number >= 1 && number <= t->config.count ? t->places[number - 1].board : NULL;
}

int sim_tray_exchange(struct sim_tray *t, int number)
{
    struct sim_board *old = sim_tray_board(t, number);

    if (old == NULL)
        return -EINVAL;
    t->places[number - 1].fresh++;
    struct sim_board *fresh = make_board(t, number);
    if (fresh == NULL) {
        t->places[number - 1].fresh--;
        return -ENOMEM;
    }
    t->places[number - 1].board = fresh;
    sim_board_free(old);
    return 0;
}

int sim_tray_dump_place(const char *dir)
{
    struct stat st;

    int error = own_folder_make(dir);
    if (error != 0)
        return error;
    if (stat(dir, &st) != 0)
        return -errno;
    if (!S_ISDIR(st.st_mode))
        return -ENOTDIR;
    return access(dir, W_OK | X_OK) == 0 ? 0 : -errno;
}

int sim_tray_dump(struct sim_tray *t, const char *dir)
{
    for (int i = 1; i <= t->config.count; i++) {
        char path[4096];
        uint32_t size;
        const uint8_t *bytes = sim_board_flash(sim_tray_board(t, i), &size);
        if (snprintf(path, sizeof path, "%s/slot-%d.bin", dir, i) >= (int)sizeof path)
            return -ENAMETOOLONG;
        int rc = file_save(path, bytes, size, FILE_TAKE_NAME | FILE_NOT_DURABLE);
        if (rc < 0)
            return rc;
    }
    return 0;
}
