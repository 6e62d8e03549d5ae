/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence - what was on the wire of an attempt that failed, for the engineer at the station; never exported. The column
 * `tx` holds the last bytes sent, or the whole record of the wire (base/wire_record.h), which knows them too.
 */
#ifndef DB_READ_EVIDENCE_H
#define DB_READ_EVIDENCE_H

#include "base/record.h"
#include "db/open/db.h"

/* Fills tx_evidence, rx_evidence and their lengths of *out (0 where none was kept). 0, or -1 with *f. */
int evidence_read(struct db *db, int64_t attempt, struct attempt_result *out, struct failure *f);

/*
 * The attempt's whole record of the wire, undecoded. 0: *out is the caller's, free(); 1: none was kept (*out NULL);
 * -1 with *f.
 */
int evidence_wire(struct db *db, int64_t attempt, uint8_t **out, size_t *len, struct failure *f);

#endif /* DB_READ_EVIDENCE_H */
