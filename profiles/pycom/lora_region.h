/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lora_region - the LoRaWAN regions that Pycom's firmware knows, by name, by code and by country: the one table of them.
 *
 * A region is one byte of a board's config block. What a firmware refuses when its program starts LoRa is refused here, by
 * name, before it is written. Codes, windows and who takes what are those of Pycom's published sources up to 1.20.2
 * (LoRaMac.h, modlora.c and their history); countries by the regional parameters of the LoRa Alliance (RP002-1.0.3), of
 * each the plan that it names first. Pure; static storage.
 */
#ifndef PROFILES_PYCOM_LORA_REGION_H
#define PROFILES_PYCOM_LORA_REGION_H

#include <stddef.h>
#include <stdint.h>

#define LORA_REGION_UNSET 0xFF /* never written: the program itself has to name a region */

/* Which boards' firmware takes it. */
enum lora_takers { LORA_EVERY_BOARD, LORA_LOPY4_ALONE, LORA_NO_BOARD };

struct lora_region {
    const char *name; /* "IN865" */
    uint8_t code;     /* as it stands in the config block */
    unsigned low_mhz, high_mhz;
    enum lora_takers takers;
    const char *since; /* the first version whose firmware takes it: "1.20.0"; "": none does */
    const char *where; /* for people: "India, Pakistan" */
};

/* In the order of their codes, NULL behind the last. */
const struct lora_region *lora_region_at(size_t index);
/* NULL: no such code. */
const struct lora_region *lora_region_of_code(unsigned code);

#define LORA_REGION_WHY 480

/* What a person may write, and for what. */
struct lora_wish {
    const char *text;     /* "IN865", "in865-867", "7", "India", "IN" */
    const char *board;    /* "LoPy4" or another of its names; NULL, "": not known */
    const char *firmware; /* its version, "1.20.2.r4"; NULL, "": not known */
};

struct lora_choice {
    const struct lora_region *region;
    const char *country; /* NULL: it was named itself */
};

/*
 * 0; -EINVAL: nothing is called that; -ENOTSUP: it is known, and that board or firmware does not take it. `why`: one
 * sentence that names what is wrong and what would be right.
 */
int lora_region_choose(const struct lora_wish *wish, struct lora_choice *out,
                       char why[static LORA_REGION_WHY]);

#endif /* PROFILES_PYCOM_LORA_REGION_H */
