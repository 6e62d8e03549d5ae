/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_trouble.h"

#include <stdlib.h>

#include "sim/board/sim_random.h"

#define LARGE_REGION 0x10000u
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

bool sim_trouble_byte(struct sim_trouble *t)
{
    bool restart = t->restart_next;

    t->received++;
    t->restart_next = false;
    t->restarted = t->restarted || restart;
    return !restart;
}

enum sim_blow sim_trouble_take(struct sim_trouble *t, uint32_t *amount)
{
    while (t->next < t->faults && t->received >= t->fault[t->next].at) {
        int i = t->next++;
        *amount = t->fault[i].amount;
        switch (t->fault[i].kind) {
        case FAULT_DROP:
            return SIM_BLOW_DROP;
        case FAULT_FLIP_IN:
            return SIM_BLOW_FLIP;
        case FAULT_FLIP_OUT:
            t->flip_next = true;
            break;
        case FAULT_LOSE_REPLY:
            t->lose_next = true;
            break;
        case FAULT_STALL:
            *amount %= STALL_MAX_US;
            return SIM_BLOW_STALL;
        case FAULT_RESET:
            return SIM_BLOW_RESET;
        case FAULT_LIE:
            return SIM_BLOW_LIE;
        case FAULT_KINDS:
            break;
        }
    }
    return SIM_BLOW_NONE;
}

void sim_trouble_noise(struct sim_trouble *t, struct sim_random *noise, uint32_t baud, uint8_t *byte)
{
    uint32_t every = t->personality->flip_every;

    if (t->next_flip == 0)
        return;
    if (baud <= t->personality->flip_above)
        t->next_flip++; /* slow bytes are none of those it is counted in */
    if (t->received < t->next_flip)
        return;
    *byte ^= (uint8_t)(1u << sim_random_below(noise, 8));
    t->next_flip += every / 2 + sim_random_below(noise, every);
}

bool sim_trouble_reply(struct sim_trouble *t)
{
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

bool sim_trouble_flips(struct sim_trouble *t)
{
    bool flip = t->flip_next;

    t->flip_next = false;
    return flip;
}

static bool reached(uint32_t done, uint32_t total, int per_cent)
{
    return per_cent != 0 && total >= LARGE_REGION &&
           (uint64_t)done * 100 >= (uint64_t)total * (unsigned)per_cent;
}

enum sim_progress_end sim_trouble_progress(struct sim_trouble *t, uint32_t done, uint32_t total)
{
    const struct sim_personality *p = t->personality;

    if (reached(done, total, p->resets_at) && !t->restarted)
        t->restart_next = true;
    if (!reached(done, total, p->stops_at))
        return SIM_PROGRESS_GOES_ON;
    return p->unplugs ? SIM_PROGRESS_UNPLUGS : SIM_PROGRESS_STOPS;
}
