/* SPDX-License-Identifier: Apache-2.0 */
/* verify_report - what verify found: the first findings in words, and how many there are. No thread shares one. */
#ifndef DB_CARE_VERIFY_REPORT_H
#define DB_CARE_VERIFY_REPORT_H

#include <stdint.h>

#include "base/digest.h"

#define VERIFY_TEXT         256
#define VERIFY_FINDINGS_MAX 12
#define VERIFY_NOTES_MAX    8

struct verify_report {
    int64_t attempts; /* links that were checked */
    int64_t head_seq; /* last link; 0: none */
    uint8_t head[SHA256_SIZE];
    int64_t journal_seq; /* last entry of the journal; 0: none, as in an archive */
    uint8_t journal[SHA256_SIZE];
    int64_t first_bad;      /* link (closing order) of the first bad row; 0: none. -1: outside the chain */
    char text[VERIFY_TEXT]; /* the first finding, in words; "" when there is none */
    int found;              /* all of them; the first ones stand in `findings` */
    char findings[VERIFY_FINDINGS_MAX][VERIFY_TEXT];
    /* What is good but not held by everything: where the rules of an earlier format end, archives that are not here. */
    int noted;
    char notes[VERIFY_NOTES_MAX][VERIFY_TEXT];
};

/* A finding about link `seq`; -1: outside the chain of attempts. */
void verify_bad(struct verify_report *r, int64_t seq, const char *text, ...)
    __attribute__((format(printf, 3, 4)));
void verify_note(struct verify_report *r, const char *text, ...) __attribute__((format(printf, 2, 3)));

#endif /* DB_CARE_VERIFY_REPORT_H */
