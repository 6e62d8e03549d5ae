/* SPDX-License-Identifier: Apache-2.0 */
/* main of flashline-floor, which bench/floor runs: the least time for one image, by cause. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/model/floor.h"
#include "bench/model/floor_loader.h"

#define IMAGE_MAX (16u << 20)

struct wish {
    struct floor_case c;
    const char *image;
    bool json;
};

static const char usage[] =
    "Usage: bench/floor [OPTION...] IMAGE\n\n"
    "The least time in which a board's flash can come to hold IMAGE, by what the protocol forces (bench/README.md).\n\n"
    "  --loader rom|v1|v2-1.0|v2  who takes the bytes; v2 is stub 1.2.2 (default)\n"
    "  --chip esp32|later         whose ROM: an ESP32's is given plain data alone (default)\n"
    "  --state blank|dirty|unchanged  what lies in the flash (default dirty)\n"
    "  --part typical|slow        the flash's times (default typical)\n"
    "  --baud B                   default 921600\n"
    "  --offset A                 where it goes, a multiple of 4096 (default 0x1000)\n"
    "  --turn-us T                from an answer to the next frame, the host's and its adapter's (default 0)\n"
    "  --json                     one JSON object instead of the table\n";

static int refuse(const char *what, const char *value)
{
    fprintf(stderr, "floor: %s: %s; --help tells what there is\n", what, value);
    return -1;
}

static int number(const char *option, const char *text, double max, double *out)
{
    char *end;

    errno = 0;
    double v = strncmp(text, "0x", 2) == 0 ? (double)strtoul(text, &end, 16) : strtod(text, &end);
    if (errno != 0 || end == text || *end != '\0' || !(v >= 0) || v > max)
        return refuse(option, text);
    *out = v;
    return 0;
}

/* Which of the words, separated by `|`, that is; or a refusal. */
static int word(const char *option, const char *text, const char *const *words)
{
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    return refuse(option, text);
}

static int take(struct wish *w, int option, const char *text)
{
    static const char *const states[] = {"blank", "dirty", "unchanged", NULL};
    static const char *const parts[] = {"typical", "slow", NULL}, *const chips[] = {"esp32", "later", NULL};
    double v = 0;
    int rc = 0;

    switch (option) {
    case 'l':
        w->c.loader = text;
        return floor_loader_find(text) != NULL ? 0 : refuse("--loader", text);
    case 's':
        rc = word("--state", text, states);
        w->c.state = rc < 0 ? FLOOR_DIRTY : (enum floor_state)rc;
        return rc < 0 ? -1 : 0;
    case 'p':
        rc = word("--part", text, parts);
        w->c.slow_part = rc == 1;
        return rc < 0 ? -1 : 0;
    case 'c':
        rc = word("--chip", text, chips);
        w->c.rom_inflates = rc == 1;
        return rc < 0 ? -1 : 0;
    case 'b':
        rc = number("--baud", text, 10e6, &v);
        w->c.baud = (uint32_t)v;
        return rc == 0 && v < 300 ? refuse("--baud", text) : rc;
    case 'o':
        rc = number("--offset", text, IMAGE_MAX, &v);
        w->c.offset = (uint32_t)v;
        return rc == 0 && w->c.offset % 4096 != 0 ? refuse("--offset", text) : rc;
    case 't':
        return number("--turn-us", text, 1e6, &w->c.turn_us);
    default:
        return -1;
    }
}

/* 0; 1: nothing more to do; -1: refused, and it was said. */
static int parse(int argc, char **argv, struct wish *w)
{
    static const struct option options[] = {
        {"loader", 1, NULL, 'l'}, {"chip", 1, NULL, 'c'},   {"state", 1, NULL, 's'},   {"part", 1, NULL, 'p'},
        {"baud", 1, NULL, 'b'},   {"offset", 1, NULL, 'o'}, {"turn-us", 1, NULL, 't'}, {"json", 0, NULL, 'j'},
        {"help", 0, NULL, 'h'},   {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            return 1;
        }
        if (option == 'j')
            w->json = true;
        else if (take(w, option, optarg) < 0)
            return -1;
    }
    if (argc - optind != 1)
        return refuse("one image is wanted", argc > optind ? argv[optind + 1] : "none is given");
    w->image = argv[optind];
    return 0;
}

/* Caller frees; NULL: it was said why. */
static uint8_t *read_image(const char *path, uint32_t *size)
{
    FILE *f = fopen(path, "rbe");
    uint8_t *bytes = f != NULL ? malloc(IMAGE_MAX + 1) : NULL;
    size_t n = bytes != NULL ? fread(bytes, 1, IMAGE_MAX + 1, f) : 0;

    if (bytes == NULL || ferror(f) != 0 || n == 0 || n > IMAGE_MAX) {
        fprintf(stderr, "floor: %s: %s\n", path,
                f == NULL ? "cannot be read" : "an image has 1 byte to 16 MiB");
        free(bytes);
        bytes = NULL;
    }
    if (f != NULL)
        fclose(f);
    *size = (uint32_t)n;
    return bytes;
}

static const char *state_name(enum floor_state state)
{
    static const char *const names[] = {
        [FLOOR_BLANK] = "blank", [FLOOR_DIRTY] = "dirty", [FLOOR_UNCHANGED] = "unchanged"};

    return names[state];
}

static void print_json(const struct wish *w, const struct floor_result *r)
{
    printf(
        "{\"loader\":\"%s\",\"state\":\"%s\",\"baud\":%u,\"host_turn_us\":%.0f,\"offset\":%u,\"bytes\":%u,\"stream_bytes\":%u,"
        "\"regions\":%u,\"skipped_bytes\":%u,\"write_us\":%.0f,\"md5_us\":%.0f,\"total_us\":%.0f",
        w->c.loader, state_name(w->c.state), w->c.baud, w->c.turn_us, w->c.offset, w->c.size, r->stream_bytes,
        r->regions, r->skipped_bytes, floor_sum(&r->write), floor_sum(&r->digest),
        floor_sum(&r->write) + floor_sum(&r->digest));
    for (unsigned i = 0; i < FLOOR_CAUSES; i++)
        printf(",\"%s_us\":%.0f", floor_cause_name(i), r->write.us[i] + r->digest.us[i]);
    puts("}");
}

static void print_table(const struct wish *w, const struct floor_result *r)
{
    double write = floor_sum(&r->write), digest = floor_sum(&r->digest);

    printf("%u bytes at 0x%x, %s flash, loader %s, %u baud, the host turns round in %.0f us\n", w->c.size,
           w->c.offset, state_name(w->c.state), w->c.loader, w->c.baud, w->c.turn_us);
    printf("%u bytes compressed, %u regions, %u bytes of FF left out\n\n", r->stream_bytes, r->regions,
           r->skipped_bytes);
    printf("%-10s %12s %12s\n", "ms", "write", "digest");
    for (unsigned i = 0; i < FLOOR_CAUSES; i++)
        printf("%-10s %12.2f %12.2f\n", floor_cause_name(i), r->write.us[i] / 1e3, r->digest.us[i] / 1e3);
    printf("%-10s %12.2f %12.2f\n%-10s %12s %12.2f\n", "floor", write / 1e3, digest / 1e3, "together", "",
           (write + digest) / 1e3);
}

int main(int argc, char **argv)
{
    struct wish w = {.c = {.loader = "v2", .state = FLOOR_DIRTY, .baud = 921600, .offset = 0x1000}};
    struct floor_result r;
    int rc = parse(argc, argv, &w);

    if (rc != 0)
        return rc < 0 ? 2 : 0;
    uint8_t *bytes = read_image(w.image, &w.c.size);
    if (bytes == NULL)
        return 4;
    w.c.bytes = bytes;
    rc = floor_find(&w.c, &r);
    free(bytes);
    if (rc < 0) {
        fprintf(stderr, "floor: %s: %s\n", w.image,
                rc == -ENOMEM ? "no memory left" : "it does not fit at that offset");
        return 4;
    }
    if (w.json)
        print_json(&w, &r);
    else
        print_table(&w, &r);
    return 0;
}
