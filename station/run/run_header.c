/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run_header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "db/desk/duty.h"
#include "db/desk/lot.h"
#include "db/desk/operator.h"
#include "station/run/run_private.h"

#define OPERATORS_MAX 256

void run_header_job(const struct run *run, struct desk_station *out)
{
    char hash[SHA256_TEXT_SIZE];

    digest_hex(run->job->firmware_sha256, SHA256_SIZE, hash);
    snprintf(out->job, sizeof out->job, "%s", run->job->name);
    snprintf(out->firmware_version, sizeof out->firmware_version, "%s", run->job->firmware_version);
    snprintf(out->firmware_tail, sizeof out->firmware_tail, "%s",
             hash + SHA256_TEXT_SIZE - sizeof out->firmware_tail);
    snprintf(out->station_id, sizeof out->station_id, "%s", run->config->station_id);
    out->training = run->training;
    out->layout_rows = run->config->layout_rows;
    out->layout_cols = run->config->layout_columns;
}

bool run_header_is_engineer(struct db *db, const char *name)
{
    struct operator_info *all = calloc(OPERATORS_MAX, sizeof *all);
    struct failure f = {0};
    int count = all != NULL && name[0] != '\0' ? operator_list(db, all, OPERATORS_MAX, &f) : 0;
    bool found = false;

    for (int i = 0; i < count; i++)
        found = found || (all[i].active && all[i].is_engineer && strcmp(all[i].name, name) == 0);
    free(all);
    return found;
}

void run_header_people(const struct run *run, bool is_engineer, struct desk_station *io)
{
    const struct duty_names who = duty_now(db_recorder_duty(run->recorder));
    struct lot_status status;
    struct failure f = {0};

    snprintf(io->operator_id, sizeof io->operator_id, "%s", who.operator_id);
    snprintf(io->role, sizeof io->role, "%s",
             who.operator_id[0] == '\0' ? ""
             : is_engineer              ? "engineer"
                                        : "operator");
    snprintf(io->lot, sizeof io->lot, "%s", who.lot);
    io->lot_good = io->lot_planned = 0;
    if (who.lot[0] != '\0' && lot_status(run->db, who.lot, run->training, &status, &f) == 0) {
        io->lot_good = (long)status.good;
        io->lot_planned = (long)status.planned;
    }
}
