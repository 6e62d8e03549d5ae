/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/lasting_boards.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SECTOR        0x1000u
#define REOPEN_GAP_US 1000000 /* board time between two openings */

struct port {
    struct lasting_boards *all;
    struct lasting_board *b;
    struct transport_env env;
    int64_t shift_us; /* board time minus clock time */
};

static uint8_t *shared(size_t size)
{
    uint8_t *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        abort();
    return p;
}

static struct sim_board *make_board(const struct lasting_board *b, const char *personality)
{
    const struct sim_board_config c = {.mac = b->mac,
                                       .flash_size = LASTING_FLASH,
                                       .reset_wired = true,
                                       .personality = personality,
                                       .seed = b->seed};
    struct sim_board *board = sim_board_new(&c, 0);

    if (board == NULL)
        abort();
    return board;
}

/* As it came: what the factory wrote, and a word in each sector, so that nothing is blank by accident. */
static void make_first(struct lasting_board *b)
{
    struct sim_board *board = make_board(b, NULL);

    sim_board_fill(board);
    memcpy(b->first, sim_board_flash(board, NULL), LASTING_FLASH);
    for (uint32_t at = 0; at < LASTING_FLASH; at += SECTOR)
        memcpy(b->first + at + 0x800, &(uint32_t){at ^ (uint32_t)b->seed}, sizeof(uint32_t));
    memcpy(b->flash, b->first, LASTING_FLASH);
    sim_board_free(board);
}

void lasting_boards_make(struct lasting_boards *b, int count, uint64_t seed)
{
    memset(b, 0, sizeof *b);
    pthread_rwlock_init(&b->moves, NULL);
    b->count = count;
    for (int i = 0; i < count; i++) {
        struct lasting_board *one = &b->boards[i];

        one->mac = (struct mac){{0x24, 0x0a, 0xc4, (uint8_t)(seed >> 8), (uint8_t)seed, (uint8_t)i}};
        one->seed = seed * 64 + (uint64_t)i;
        one->flash = shared(LASTING_FLASH);
        one->first = shared(LASTING_FLASH);
        make_first(one);
    }
}

void lasting_boards_free(struct lasting_boards *b)
{
    for (int i = 0; i < b->count; i++) {
        munmap(b->boards[i].flash, LASTING_FLASH);
        munmap(b->boards[i].first, LASTING_FLASH);
    }
    pthread_rwlock_destroy(&b->moves);
}

void lasting_boards_lay(struct lasting_boards *b, int i, const char *personality)
{
    struct lasting_board *one = &b->boards[i];

    one->board = make_board(one, personality);
    sim_board_preload(one->board, 0, one->flash, LASTING_FLASH);
}

void lasting_boards_keep(struct lasting_boards *b)
{
    for (int i = 0; i < b->count; i++)
        if (b->boards[i].board != NULL)
            memcpy(b->boards[i].flash, sim_board_flash(b->boards[i].board, NULL), LASTING_FLASH);
}

static int64_t board_now(const struct port *p)
{
    return clock_now_us(p->env.clock) + p->shift_us;
}

static int refusal(const struct port *p)
{
    if (p->env.cancel != NULL && waker_raised(p->env.cancel))
        return -ECANCELED;
    if (p->b->pulled_at != 0 && p->b->writes >= p->b->pulled_at)
        return -ENODEV;
    return p->all->is_dark != NULL && p->all->is_dark(p->all->ctx) ? -ENODEV : 0;
}

static int lasting_open(void **out, void *ctx, const char *name, const struct transport_env *env,
                        char detail[TRANSPORT_DETAIL_SIZE])
{
    struct lasting_boards *all = ctx;
    long number = strtol(name, NULL, 10);

    detail[0] = '\0';
    if (number < 1 || number > all->count || all->boards[number - 1].board == NULL)
        return -ENODEV;
    struct port *p = calloc(1, sizeof *p);
    if (p == NULL)
        return -ENOMEM;
    *p = (struct port){.all = all, .b = &all->boards[number - 1], .env = *env};
    p->shift_us = sim_board_sent_at(p->b->board) + REOPEN_GAP_US - clock_now_us(env->clock);
    *out = p;
    return 0;
}

static void lasting_close(void *port)
{
    free(port);
}

static size_t receive(struct port *p, void *buf, size_t len)
{
    pthread_rwlock_rdlock(&p->all->moves);
    size_t n = sim_board_receive(p->b->board, buf, len, board_now(p));
    pthread_rwlock_unlock(&p->all->moves);
    return n;
}

static ssize_t lasting_read(void *port, void *buf, size_t len, int64_t deadline_us)
{
    struct port *p = port;

    for (;;) {
        int rc = refusal(p);
        size_t n = rc < 0 ? 0 : receive(p, buf, len);
        if (rc < 0 || n > 0)
            return rc < 0 ? rc : (ssize_t)n;
        if (clock_now_us(p->env.clock) >= deadline_us)
            return 0;
        int64_t next = sim_board_next(p->b->board);
        if (next != SIM_NEVER)
            next -= p->shift_us;
        if (next == SIM_NEVER && deadline_us == CLOCK_NEVER)
            return -EIO;
        rc = clock_wait_until(p->env.clock, next < deadline_us ? next : deadline_us, p->env.cancel);
        if (rc < 0)
            return rc;
    }
}

/* The end of the process, in the middle of what it says to one board. */
static void blow(struct port *p, const void *buf, size_t len)
{
    pthread_rwlock_wrlock(&p->all->moves);
    sim_board_send(p->b->board, buf, len / 2, board_now(p));
    sim_board_receive(p->b->board, &(uint8_t){0}, 1, sim_board_sent_at(p->b->board));
    lasting_boards_keep(p->all);
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* FLASH_BEGIN and DEFL_BEGIN: c0 00 op, six bytes, three words, the address. */
static bool announces(const uint8_t *b, size_t len, uint32_t address)
{
    const uint8_t want[] = {(uint8_t)address, (uint8_t)(address >> 8), (uint8_t)(address >> 16),
                            (uint8_t)(address >> 24)};

    return address != 0 && len > 25 && b[0] == 0xC0 && b[1] == 0 && (b[2] == 0x02 || b[2] == 0x10) &&
           memcmp(b + 21, want, sizeof want) == 0;
}

static int lasting_write(void *port, const void *buf, size_t len, int64_t deadline_us)
{
    struct port *p = port;
    int rc = refusal(p);

    if (rc < 0)
        return rc;
    p->b->writes++;
    if (atomic_fetch_add(&p->all->writes, 1) + 1 == p->all->blow_at || p->b->aimed)
        blow(p, buf, len);
    p->b->aimed = announces(buf, len, p->all->aim_at);
    pthread_rwlock_rdlock(&p->all->moves);
    sim_board_send(p->b->board, buf, len, board_now(p));
    int64_t done = sim_board_sent_at(p->b->board) - p->shift_us;
    pthread_rwlock_unlock(&p->all->moves);
    rc = clock_wait_until(p->env.clock, done < deadline_us ? done : deadline_us, p->env.cancel);
    return rc < 0 ? rc : done > deadline_us ? -ETIMEDOUT : 0;
}

static int lasting_set_baud(void *port, uint32_t baud, uint32_t *actual)
{
    struct port *p = port;

    if (baud > 5000000)
        return -ERANGE;
    pthread_rwlock_rdlock(&p->all->moves);
    sim_board_set_baud(p->b->board, baud, board_now(p));
    pthread_rwlock_unlock(&p->all->moves);
    if (actual != NULL)
        *actual = baud;
    return 0;
}

static int lasting_set_lines(void *port, bool dtr, bool rts)
{
    struct port *p = port;

    if (p->all->is_dark != NULL && p->all->is_dark(p->all->ctx))
        return -ENODEV;
    pthread_rwlock_rdlock(&p->all->moves);
    sim_board_set_lines(p->b->board, dtr, rts, board_now(p));
    pthread_rwlock_unlock(&p->all->moves);
    return 0;
}

static int lasting_flush_input(void *port)
{
    uint8_t waste[512];

    while (receive(port, waste, sizeof waste) > 0)
        ;
    return 0;
}

const struct transport_driver lasting_driver = {
    .scheme = "lasting",
    .open = lasting_open,
    .close = lasting_close,
    .read = lasting_read,
    .write = lasting_write,
    .set_baud = lasting_set_baud,
    .set_lines = lasting_set_lines,
    .flush_input = lasting_flush_input,
};
