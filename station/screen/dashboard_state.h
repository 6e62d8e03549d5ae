/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dashboard_state - what loop, keys and views share, and what may be done to it. It calls none of them: views draw from
 * it, keys and menus change it, the loop (station/screen/dashboard.c) stands on top. Private to station/screen/ and
 * station/screen/view/.
 */
#ifndef STATION_SCREEN_DASHBOARD_STATE_H
#define STATION_SCREEN_DASHBOARD_STATE_H

#include <sys/types.h>

#include "station/print/stop_request.h"
#include "station/screen/dashboard.h"
#include "station/screen/dashboard_dialog.h"
#include "station/screen/dashboard_draw.h"
#include "station/screen/dashboard_input.h"
#include "station/screen/dashboard_list.h"
#include "station/screen/dashboard_menu.h"
#include "station/screen/dashboard_model.h"
#include "station/screen/theme.h"

struct dashboard;

struct key_hint {
    const char *key, *word; /* translated */
};
#define HINTS_MAX 8 /* of one view */

/*
 * One whole screen between header and footer. Collecting never draws, drawing never collects: `collect` may ask the
 * records and runs when the view opens, after its keys and every REVIEW_EVERY_MS; `draw` only reads.
 */
struct view {
    void (*draw)(struct dashboard *d, struct box b);
    bool (*key)(struct dashboard *d, const struct input_event *e); /* true: used */
    int (*hints)(const struct dashboard *d,
                 struct key_hint *out);                  /* keys of its own that work now; how many */
    void (*collect)(struct dashboard *d);                /* NULL: nothing beyond the model */
    void (*scan)(struct dashboard *d, const char *text); /* NULL: scans go to the work rules */
};

/* Which of them is up. What each is made of, station/screen/view/view.c knows: a view names another without calling it. */
enum view_id { VIEW_TRAY, VIEW_DETAIL, VIEW_LOT, VIEW_LOG, VIEW_UNITS, VIEW_HELP, VIEW_COUNT };

#define ATTEMPTS_MAX 16
#define BELLS_MAX    4
#define UNITS_MAX    200

/* What the views asked of the records. */
struct review_cache {
    int attempt_count; /* < 0: the records cannot be read */
    struct desk_attempt attempts[ATTEMPTS_MAX];
    int lot_status; /* 0 or -errno */
    struct desk_lot lot;
    int unit_count;
    struct desk_unit units[UNITS_MAX];
    int story_count;
    struct desk_attempt story[ATTEMPTS_MAX];
};

enum log_filter { LOG_ALL, LOG_RESULTS, LOG_FAILED, LOG_PASSED, LOG_ACTION, LOG_FILTERS };

struct dashboard {
    const struct dashboard_config *config;
    const struct desk *desk;
    struct desk_station station;
    struct theme theme;
    struct canvas canvas;
    struct model model;
    struct input input;
    struct dialog dialog;
    struct menu_flow flow;
    struct review_cache *review; /* owned */
    int64_t wall_ms;             /* of this redraw */

    enum view_id view, before_help;
    bool stale; /* the view's collect is due */
    int64_t reviewed_us;

    int selected;                 /* slot index */
    bool selected_hand;           /* the operator moved it: it no longer follows what is urgent */
    struct list log, units, help; /* help: page in top */
    enum log_filter log_filter;
    char log_search[DIALOG_FIELD_SIZE], unit_search[DIALOG_FIELD_SIZE];
    bool in_story;

    bool dialog_before;  /* a dialog stood there at the last redraw */
    int running_before;  /* slots under way at the last redraw: its fall to none is the end of a batch */
    bool stopped_before; /* a stop rule was shown at the last redraw */

    pid_t bells[BELLS_MAX]; /* bell commands that still run */
    int bell_count;

    bool draining, aborting;
    struct stop_request stop; /* by signals */
    bool resized;             /* measure the terminal before the next redraw */
    bool over;
    enum dashboard_end end;
    bool dirty;
};

int64_t dashboard_wall_ms(const struct dashboard *d);
/* Low terminals give rows of header and footer to the tiles; the body is between them. */
struct box dashboard_header(const struct dashboard *d);
struct box dashboard_body(const struct dashboard *d);
struct box dashboard_footer(const struct dashboard *d);
void dashboard_show(struct dashboard *d, enum view_id view);
/* One of the tray's own acts. slot: its number, or 0. */
void dashboard_act(struct dashboard *d, enum desk_act_kind kind, int slot);
void dashboard_drain(struct dashboard *d);
void dashboard_abort(struct dashboard *d);
void dashboard_end_with(struct dashboard *d, enum dashboard_end end);
void dashboard_note(struct dashboard *d, const char *text); /* a line of the log */
bool dashboard_knows(const struct dashboard *d, enum desk_topic topic);
int dashboard_ask(const struct dashboard *d, const struct desk_query *query, union desk_answer out);

#endif /* STATION_SCREEN_DASHBOARD_STATE_H */
