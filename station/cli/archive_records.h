/* SPDX-License-Identifier: Apache-2.0 */
/* archive_records - 'flashline archive --before DATE' and 'flashline db archive --before DATE': db/care/retention.h for a person. */
#ifndef STATION_CLI_ARCHIVE_RECORDS_H
#define STATION_CLI_ARCHIVE_RECORDS_H

#include "station/cli/options.h"

/* `before`: a date; `output` NULL: the database's own name with dates. An exit code; one line was printed. */
int archive_records(const char *verb, const struct options_common *common, const char *before,
                    const char *output);

#endif /* STATION_CLI_ARCHIVE_RECORDS_H */
