/* SPDX-License-Identifier: Apache-2.0 */
/* duplicate - what to do with a board that already passed: said by the job, or by the station over it, done by the recorder. */
#ifndef BASE_DUPLICATE_H
#define BASE_DUPLICATE_H

enum duplicate_rule {
    DUPLICATE_REFUSE, /* HOLD_MAC_DUPLICATE */
    DUPLICATE_WARN,   /* allowed, an event is noted */
    DUPLICATE_REWORK  /* allowed as rework */
};

/* As job files and station.yaml write them, by number; NULL ends. */
extern const char *const duplicate_words[];

#endif /* BASE_DUPLICATE_H */
