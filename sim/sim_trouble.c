/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/sim_trouble.h"

#include <stdlib.h>

#include "sim/sim_core.h"

#define LARGE_REGION 0x10000u
#define WEAK_PLACE   0x18040u /* inside every firmware that is worth the name */
#define FAULTS_MAX   3
#define STALL_MAX_US 20000000

enum fault {
    FAULT_DROP,
    FAULT_FLIP_IN,
    FAULT_FLIP_OUT,
    FAULT_LOSE_REPLY,
    FAULT_STALL,
    FAULT_RESET,
    FAULT_LIE,
    FAULT_KINDS
};

struct sim_trouble {
    const struct sim_personality *personality;
    struct {
        enum fault kind;
        uint64_t at; /* received bytes since power-on */
        uint32_t amount;
    } fault[FAULTS_MAX];
    int faults, next;
    uint64_t received, replies;
    int lost;
    bool lose_next, flip_next;
    bool restart_next,
        restarted; /* at the next byte: the loader that is at work now must not lose itself under its feet */
    uint64_t next_flip;
};

/* Received bytes at which something happens: each decade from 256 to 2 M is as likely, so all stages get their share. */
static uint64_t draw_moment(struct sim_random *r)
{
    uint64_t base = 256u << sim_random_below(r, 13);

    return base + sim_random_below(r, (uint32_t)base);
}

static void draw_faults(struct sim_trouble *t, struct sim_random *r)
{
    t->faults = 1 + (int)sim_random_below(r, FAULTS_MAX);
    for (int i = 0; i < t->faults; i++) {
        t->fault[i].kind = (enum fault)sim_random_below(r, FAULT_KINDS);
        t->fault[i].at = draw_moment(r);
        t->fault[i].amount = (uint32_t)sim_random_next(r);
    }
    for (int i = 0; i < t->faults; i++)
        for (int j = i + 1; j < t->faults; j++)
            if (t->fault[j].at < t->fault[i].at) {
                __typeof__(t->fault[0]) swap = t->fault[i];
                t->fault[i] = t->fault[j];
                t->fault[j] = swap;
            }
}

struct sim_trouble *sim_trouble_new(const struct sim_personality *p, uint64_t seed, double fault_rate)
{
    struct sim_trouble *t = calloc(1, sizeof *t);
    struct sim_random r = {sim_random_mix(seed, 0x7472626cu)};

    if (t == NULL)
        return NULL;
    t->personality = p;
    if (sim_random_unit(&r) < fault_rate)
        draw_faults(t, &r);
    if (p->flip_every > 0)
        t->next_flip = 2000 + sim_random_below(&r, p->flip_every);
    return t;
}

void sim_trouble_free(struct sim_trouble *t)
{
    free(t);
}

const struct sim_personality *sim_trouble_personality(const struct sim_trouble *t)
{
    return t->personality;
}

void sim_trouble_apply(struct sim_board *b)
{
    const struct sim_personality *p = b->trouble->personality;

    b->efuse.word[0] |= p->efuse0;
    b->efuse.word[5] |= p->efuse5;
    b->efuse.word[6] |= p->efuse6;
    if (p->blank_mac)
        b->efuse.word[1] = b->efuse.word[2] = 0;
    if (p->bad_mac_crc)
        b->efuse.word[2] ^= 0x00410000; /* two bits of the checksum */
    if (p->chip_magic != 0)
        b->efuse.chip_magic = p->chip_magic;
    if (p->flash_id != 0)
        b->flash.id = p->flash_id;
    if (p->slow_factor != 0)
        b->flash.slow_factor = p->slow_factor;
    if (p->weak_flash)
        b->flash.weak_at = WEAK_PLACE;
    if (p->no_reset_wire) {
        b->config.reset_wired = false;
        b->config.starts_in_bootloader = true;
    }
    if (p->mishap.kind != SIM_MISHAP_NONE)
        sim_board_plan_mishap(b, &p->mishap);
    if (p->jumper) {
        b->config.reset_wired = false;
        b->wire = true;
    }
    b->deaf_line = p->deaf || p->silent || p->noise;
}

static void restart(struct sim_board *b, int64_t at_us)
{
    sim_reset(b, at_us);
    sim_release(b, at_us);
}

static void happen(struct sim_board *b, enum fault kind, uint32_t amount, uint8_t *byte, bool *keep,
                   int64_t at_us)
{
    struct sim_trouble *t = b->trouble;

    switch (kind) {
    case FAULT_DROP:
        *keep = false;
        break;
    case FAULT_FLIP_IN:
        *byte ^= (uint8_t)(1u << amount % 8);
        break;
    case FAULT_FLIP_OUT:
        t->flip_next = true;
        break;
    case FAULT_LOSE_REPLY:
        t->lose_next = true;
        break;
    case FAULT_STALL:
        b->cpu_us = (b->cpu_us > at_us ? b->cpu_us : at_us) + amount % STALL_MAX_US;
        break;
    case FAULT_RESET:
        *keep = false;
        restart(b, at_us);
        break;
    case FAULT_LIE:
        b->flash.lie_at = 0x10000 + amount % (b->flash.size / 4);
        break;
    case FAULT_KINDS:
        break;
    }
}

bool sim_trouble_byte(struct sim_board *b, uint8_t *byte, int64_t at_us)
{
    struct sim_trouble *t = b->trouble;
    bool keep = sim_mishap_byte(b, at_us);

    t->received++;
    if (t->restart_next) {
        t->restart_next = false;
        t->restarted = true;
        restart(b, at_us);
        return false;
    }
    while (t->next < t->faults && t->received >= t->fault[t->next].at) {
        int i = t->next++;
        happen(b, t->fault[i].kind, t->fault[i].amount, byte, &keep, at_us);
    }
    if (t->next_flip != 0 && t->received >= t->next_flip) {
        *byte ^= (uint8_t)(1u << sim_random_below(&b->random, 8));
        t->next_flip +=
            t->personality->flip_every / 2 + sim_random_below(&b->random, t->personality->flip_every);
    }
    return keep;
}

bool sim_trouble_reply(struct sim_board *b)
{
    struct sim_trouble *t = b->trouble;
    const struct sim_personality *p = t->personality;

    t->replies++;
    if (t->lose_next) {
        t->lose_next = false;
        return false;
    }
    if (p->lose_every > 0 && t->lost < p->lose_count && t->replies % (uint64_t)p->lose_every == 0) {
        t->lost++;
        return false;
    }
    return true;
}

bool sim_trouble_flips(struct sim_board *b)
{
    bool flip = b->trouble->flip_next;

    b->trouble->flip_next = false;
    return flip;
}

static bool reached(uint32_t done, uint32_t total, int per_cent)
{
    return per_cent != 0 && total >= LARGE_REGION &&
           (uint64_t)done * 100 >= (uint64_t)total * (unsigned)per_cent;
}

void sim_trouble_progress(struct sim_board *b, uint32_t done, uint32_t total)
{
    const struct sim_personality *p = b->trouble->personality;

    if (reached(done, total, p->resets_at) && !b->trouble->restarted)
        b->trouble->restart_next = true;
    if (!reached(done, total, p->stops_at))
        return;
    if (p->unplugs)
        sim_unplug(b);
    else
        b->mode = SIM_MODE_HUNG;
    b->deaf_line = true; /* for good: reset does not bring it back */
}
