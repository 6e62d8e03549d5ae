/* SPDX-License-Identifier: Apache-2.0 */
/* evidence - the last bytes on the wire of an attempt that failed, for the engineer at the station; never exported. */
#ifndef DB_READ_EVIDENCE_H
#define DB_READ_EVIDENCE_H

#include "base/record.h"
#include "db/open/db.h"

/* Fills tx_evidence, rx_evidence and their lengths of *out (0 where none was kept). 0, or -1 with *f. */
int evidence_read(struct db *db, int64_t attempt, struct attempt_result *out, struct failure *f);

#endif /* DB_READ_EVIDENCE_H */
