/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor - findings: what was looked at, whether it is well, and if not, what helps. Plain data in a list that grows.
 */
#ifndef STATION_CLI_DOCTOR_H
#define STATION_CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"

struct doctor_finding {
    const char
        *check; /* "usb", "adapter", "port", "rules", "slot", "presence", "stub", "backup"; static storage */
    char subject[96]; /* "ftdi:1-4:B"; "" : the machine */
    bool well;
    enum failure_code code; /* where one fits; else FAILURE_NONE */
    char words[400];        /* what is the case */
    char remedy[256];       /* what to do; "" when well */
};

struct doctor_report {
    struct doctor_finding *findings;
    size_t count, room;
    bool lost; /* a finding had no memory */
};

/* Appends a finding and fills its words; `remedy` NULL: it is well. */
void doctor_add(struct doctor_report *r, const char *check, const char *subject, enum failure_code code,
                const char *remedy, const char *words, ...) __attribute__((format(printf, 6, 7)));
void doctor_report_free(struct doctor_report *r);

struct config;
/* USB, adapters, ports, rules, slots. Opens each idle FTDI port for a moment; the modem lines are not moved. */
void doctor_look_usb(struct doctor_report *r, const struct config *config);
/* Helper programs, one finding for all chips. */
void doctor_look_stubs(struct doctor_report *r);
/* Where the nightly backup goes; nothing where there is none. */
void doctor_look_backup(struct doctor_report *r, const struct config *config);

#endif /* STATION_CLI_DOCTOR_H */
