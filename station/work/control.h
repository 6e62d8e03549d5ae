/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control - a local socket beside the database (DATABASE.sock, for whom the database is: its owner, or the group that shares its
 * folder, base/own_file.h) by which other flashline processes ask the running station to change lots, operators and stops: the
 * station stays the only writer.
 *
 * Who connects is asked first (SO_PEERCRED): the station's own user, root, a member of that group; everybody else is refused unheard. Up to
 * CONTROL_CLIENTS talk at once, each for CONTROL_TALK_MS at most: one that says nothing holds up nobody, and not the end.
 *
 * One line of JSON each way, at most CONTROL_LINE_MAX bytes:
 *   {"v":1,"action":"lot.extend","object":"A-17","number":20,"pin":"..","reason":".."}
 *   {"v":1,"ok":true,"who":"en1"}    {"v":1,"ok":false,"code":910,"sys":13,"detail":".."}
 * and for the serial of a board that stands in a slot, which is no change of the records by itself:
 *   {"v":1,"action":"serial","number":3,"text":"SN-1"}    {"v":1,"action":"serial.back","number":3}
 * and for who works there, on which lot, with which job: what is named changes, all of it or nothing, without any it is only told.
 *   {"v":1,"action":"duty","operator":"op-1","lot":"A-17","job":"wipy","pin":".."}    "badge":"..", "log_out":true
 *   {"v":1,"ok":true,"operator":"op-1","lot":"A-17","job":"wipy","job_sha256":"..","next_job":"","next_lot":""}
 * and what an attached screen says (station/run/desk_json.h), whose connection may stay open.
 */
#ifndef STATION_WORK_CONTROL_H
#define STATION_WORK_CONTROL_H

#include <sys/types.h>

#include "db/desk/work.h"

#define CONTROL_LINE_MAX   8192
#define CONTROL_ANSWER_MAX 65536      /* a list of lots or jobs */
#define CONTROL_CLIENTS    16         /* one more sends away the one that has been silent longest */
#define CONTROL_TALK_MS    5000       /* from the first byte that could come to the last of the answer */
#define CONTROL_NUMBER_MAX 1000000000 /* of "number", either way: whatever it counts, nobody has more */

struct control;

/* What comes in for the board in a slot. */
struct control_serial {
    int slot;         /* 1.. */
    const char *code; /* NULL: the one it has is taken back */
};

/* Who works there from now on, and on what. NULL: as it is. */
struct control_duty {
    const char *operator_id, *badge; /* one of them, or `log_out` */
    const char *lot, *job;           /* the job's name, or an absolute path */
    const char *pin, *reason;        /* another job is the engineer's to choose */
    bool log_out;
};

/* How it stands after that. "" : nobody, none. */
struct control_duty_now {
    char operator_id[64], lot[64], job[64], job_sha256[65];
    char next_job[64], next_lot[64]; /* for when the boards that began with the old job are done */
    bool lot_opened;                 /* it was new */
};

/* Whose a line was. */
enum control_said {
    CONTROL_NOT_MINE,
    CONTROL_ANSWERED, /* *answer is a malloc()ed line; NULL: there was no memory */
    CONTROL_TAKEN     /* the connection is the station's own from now on: it closes it */
};

/* The station behind it; all may be NULL. Called from the control's thread, without a lock. */
struct control_station {
    void (*done)(void *ctx, const struct work_call *call); /* after each call that was carried out */
    int (*serial)(void *ctx, const struct control_serial *s, struct failure *f); /* 0, or -1 with *f */
    /* 0 with how it stands, or -1 with *f, as run_choose(). */
    int (*duty)(void *ctx, const struct control_duty *d, struct control_duty_now *now,
                struct work_receipt *receipt, struct failure *f);
    /* A line of an attached screen, which process `pid` said on `fd` (non-blocking). */
    enum control_said (*screen)(void *ctx, const char *line, int fd, pid_t pid, char **answer);
    void *ctx;
};

/* Listens and answers in a thread of its own; `db` is borrowed, `station` copied. NULL: *f (FAIL_CONFIG). Caller: control_free(). */
struct control *control_new(struct db *db, const struct control_station *station, struct failure *f);
void control_free(struct control *c); /* NULL is fine */

/*
 * Asks the station that holds the database at `path`. 1: there is none (nothing was done). 0: done, `receipt` as work_do().
 * -1: *f as work_do() fills it, or FAIL_WORK when the station does not answer, or who listens is neither this user,
 * root, the owner of the database, nor of the group that shares it: a PIN is not told to strangers.
 */
int control_request(const char *path, const struct work_call *call, struct work_receipt *receipt,
                    struct failure *f);

/* The same for a serial. -1: *f says what became of it, or that nobody takes serials there. */
int control_serial(const char *path, const struct control_serial *s, struct failure *f);

/* The same for who works there. `now` is filled where 0 is returned. */
int control_duty(const char *path, const struct control_duty *d, struct control_duty_now *now,
                 struct work_receipt *receipt, struct failure *f);

/*
 * For a screen that is attached. What `text` (malloc()ed, taken and wiped; NULL: it was no text) says, and the station's answer, a
 * line in `answer`. -1 also for an answer that refuses.
 */
int control_screen(const char *path, char *text, char answer[static CONTROL_ANSWER_MAX], struct failure *f);
/* Says `line` and leaves the connection open: *fd, the caller's. */
int control_open(const char *path, const char *line, int *fd, struct failure *f);

#endif /* STATION_WORK_CONTROL_H */
