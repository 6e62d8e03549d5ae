/* SPDX-License-Identifier: Apache-2.0 */
/*
 * finishing - how many boards a station that takes no new ones still works on, in the text of its lock: whoever starts
 * another on the same records is told to wait for them. The main thread's.
 */
#ifndef STATION_RUN_FINISHING_H
#define STATION_RUN_FINISHING_H

struct db;
struct engine;

struct finishing {
    struct db *db;         /* borrowed like the next */
    struct engine *engine; /* started */
    int told;              /* boards; 0: nothing stands there */
};

/* Looks, and writes what has changed. Cheap while the station takes boards. */
void finishing_tell(struct finishing *f);

#endif /* STATION_RUN_FINISHING_H */
