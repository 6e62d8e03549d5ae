/* SPDX-License-Identifier: Apache-2.0 */
/* record_ids - which attempts a view shows, as SQL. Private to this room. */
#ifndef DB_READ_RECORD_IDS_H
#define DB_READ_RECORD_IDS_H

#include "db/read/record_query.h"

/* A SELECT of one column, to be bound by where_bind(): the attempts of a view's rows, a unit's last one. NULL: no memory. Caller: free(). */
char *record_ids_sql(enum record_view view, const struct record_filter *filter);

#endif /* DB_READ_RECORD_IDS_H */
