/* SPDX-License-Identifier: Apache-2.0 */
/* triggers - taken off copies (exports, archives), which are no station's database. Never off the live file. */
#ifndef DB_OPEN_TRIGGERS_H
#define DB_OPEN_TRIGGERS_H

#include <sqlite3.h>

int triggers_drop(sqlite3 *h); /* SQLite code */

#endif /* DB_OPEN_TRIGGERS_H */
