/* SPDX-License-Identifier: Apache-2.0 */
/* restore_records - 'flashline db restore BACKUP': db/care/restore.h for a person, the engineer's PIN asked for where it is needed. */
#ifndef STATION_CLI_RESTORE_RECORDS_H
#define STATION_CLI_RESTORE_RECORDS_H

#include "station/cli/options.h"

/* `actor`, `reason`: NULL when not given. An exit code; one line was printed. */
int restore_records(const struct options_common *common, const char *backup, const char *actor,
                    const char *reason);

#endif /* STATION_CLI_RESTORE_RECORDS_H */
