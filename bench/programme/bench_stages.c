/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cycle by stages in virtual time, beside the floor: figures without noise, for whoever changes a stage. One line a case:
 * the write stage and its floor, the cycle and the floor of all of it, and each stage's milliseconds with the requests in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/model/floor.h"
#include "profiles/text/complaint.h"
#include "tests/support/sim_bench.h"

#define OFFSET 0x1000u

struct image {
    uint8_t *bytes;
    uint32_t size;
};

struct rate_case {
    const char *loader, *stub; /* `stub` NULL: the ROM serves */
    uint32_t baud;
    enum floor_state state;
};

static const char *const states[] = {"blank", "dirty", "unchanged"};

static unsigned requests[STAGE_COUNT];
static enum stage stage_now;

static int count_write(void *port, const void *buf, size_t len, int64_t deadline_us)
{
    requests[stage_now]++;
    return sim_driver.write(port, buf, len, deadline_us);
}

static void see_stage(void *ctx, const struct attempt_view *v)
{
    (void)ctx;
    stage_now = v->stage;
}

static void lay(struct sim_board *board, const struct image *image, enum floor_state state)
{
    static uint8_t dirt[0x300000];

    for (uint32_t i = 0, x = 1; i < sizeof dirt; i++) {
        x = x * 1664525u + 1013904223u;
        dirt[i] = state == FLOOR_DIRTY ? (uint8_t)((x >> 24) % 0xff) : 0xff;
    }
    sim_board_preload(board, 0, dirt, sizeof dirt);
    if (state == FLOOR_UNCHANGED)
        sim_board_preload(board, OFFSET, image->bytes, image->size);
}

static double floor_ms(const struct rate_case *c, const struct image *image, uint32_t skip, bool whole)
{
    const struct floor_case f = {.loader = c->loader,
                                 .state = c->state,
                                 .baud = c->baud,
                                 .offset = OFFSET + skip,
                                 .bytes = image->bytes + skip,
                                 .size = image->size - skip};
    struct floor_result r;

    if (floor_find(&f, &r) < 0)
        return 0;
    return (floor_sum(&r.write) + (whole ? floor_sum(&r.digest) : 0)) / 1e3;
}

static void print_case(const struct rate_case *c, const struct image *image, const struct sim_bench *b)
{
    const struct attempt_result *r = &b->result;
    double write = (double)r->stage_us[STAGE_WRITE] / 1e3, floor = floor_ms(c, image, SECTOR_SIZE, false);
    double cycle = (double)r->duration_us / 1e3, least = floor_ms(c, image, 0, true);

    printf("%-3s %-9s %7u %s write %.1f floor %.1f ratio %.3f cycle %.1f floor %.1f over %.1f", c->loader,
           states[c->state], c->baud, result_name(r->result), write, floor, floor > 0 ? write / floor : 0,
           cycle, least, cycle - least);
    for (int s = STAGE_NONE + 1; s < STAGE_COUNT; s++)
        if (r->stage_us[s] > 0)
            printf(" %s %.1f/%u", stage_name((enum stage)s), (double)r->stage_us[s] / 1e3, requests[s]);
    printf("\n");
    fflush(stdout);
}

static void run_case(const struct rate_case *c, const struct job *job, const struct image *image)
{
    struct transport_driver counting = sim_driver;
    struct job own = *job;
    struct sim_bench b;

    sim_bench_init(&b, "good");
    own.baud = c->baud;
    b.config.job = &own;
    b.config.publish = see_stage;
    b.session.connect.reset = RESET_CLASSIC;
    counting.write = count_write;
    b.bindings[0].driver = &counting;
    memset(requests, 0, sizeof requests);
    lay(sim_tray_board(b.tray, BENCH_BOARD), image, c->state);
    if (c->stub == NULL || sim_bench_use_stub(&b, c->stub)) {
        sim_bench_run(&b);
        print_case(c, image, &b);
    }
    sim_bench_done(&b);
}

static bool read_image(const char *path, struct image *out)
{
    FILE *f = fopen(path, "rb");

    if (f == NULL)
        return false;
    fseek(f, 0, SEEK_END);
    out->size = (uint32_t)ftell(f);
    rewind(f);
    out->bytes = malloc(out->size);
    bool ok = out->bytes != NULL && fread(out->bytes, 1, out->size, f) == out->size;
    fclose(f);
    return ok;
}

static void run_loader(const char *loader, const char *stub, const struct job *job, const struct image *image)
{
    static const uint32_t bauds[] = {460800, 921600, 2000000, 3000000};

    for (size_t i = 0; i < sizeof bauds / sizeof bauds[0]; i++)
        for (int s = FLOOR_BLANK; s <= FLOOR_UNCHANGED; s++)
            run_case(&(struct rate_case){loader, stub, bauds[i], (enum floor_state)s}, job, image);
}

int main(int argc, char **argv)
{
    struct complaint complaint = {0};
    struct image image;

    if (argc != 3 || !read_image(argv[2], &image)) {
        fprintf(stderr, "bench_stages JOB IMAGE: the job writes IMAGE at 0x1000\n");
        return 2;
    }
    struct job *job = job_load(argv[1], NULL, &complaint);
    if (job == NULL) {
        fprintf(stderr, "%s\n", complaint.text);
        free(image.bytes);
        return 2;
    }
    run_loader("v2", "esp32.json", job, &image);
    run_loader("rom", NULL, job, &image);
    job_free(job);
    free(image.bytes);
    return 0;
}
