/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lora_country - which LoRaWAN plan a country has, by the regional parameters of the LoRa Alliance (RP002-1.0.3): the plan
 * that its table names first. Countries for which it names none are not there. What may be transmitted is the law's to
 * say, not this table's. Pure; static storage.
 */
#ifndef PROFILES_PYCOM_LORA_COUNTRY_H
#define PROFILES_PYCOM_LORA_COUNTRY_H

#include <stddef.h>

#define LORA_COUNTRY_NAMES 4

struct lora_country {
    char iso[3];                           /* ISO 3166-1: "IN" */
    const char *names[LORA_COUNTRY_NAMES]; /* the first is shown; NULL ends them */
    const char *plan; /* "IN865"; also one that no region of the firmware is: "AS923-2", "RU864" */
};

/* By their first names, in alphabetical order; NULL behind the last. */
const struct lora_country *lora_country_at(size_t index);
/* By code or name, letters of either case; NULL: none. */
const struct lora_country *lora_country_find(const char *text);

#endif /* PROFILES_PYCOM_LORA_COUNTRY_H */
