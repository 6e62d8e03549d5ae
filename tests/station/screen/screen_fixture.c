/* SPDX-License-Identifier: Apache-2.0 */
/*
 * screen_fixture - the dashboard on scripted slots: screen_fixture SCRIPT [CALLS]
 *
 * SCRIPT is a file or FIFO of one command a line; the first lines up to "start" make the station, later ones arrive as
 * events while the screen is up (a FIFO is held open for that). CALLS gets one line for everything the screen asked
 * for: "drain", "abort", "acknowledge 3", "scan 0 ABC". The clock stands still unless told, so that screens are golden.
 *
 *   slots N | layout R C | job NAME | firmware VERSION TAIL | lot NAME GOOD PLANNED | operator NAME ROLE | station ID
 *   training | clock UNIX_MS | ascii | mono | prefix TEXT | bell COMMAND | language..: by the environment
 *   start
 *   slot A[-B] STATE [key=value ...]   STATE idle waiting busy saving pass fail hold error aborted act stopped
 *       stage=write pct=47 left=12 mac=24:0a:c4:00:00:01 code=201 act=jumper retries=1 detail=.. note=.. t=5200
 *       boards=3 passed=2 failed=1 quiet=1 (no event) event=note (it is told as a note) serial=waits|asks|again|taken|none sn=SN-1
 *   clock UNIX_MS | done | crash
 *
 * With $SCREEN_WIRE all that the screen sees went through the lines of an attached one (station/run/desk_json.h) and back.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "station/print/json.h"
#include "station/print/text.h"
#include "station/run/desk_json.h"
#include "station/run/slot_json.h"
#include "station/screen/dashboard.h"
#include "tests/station/screen/screen_desk.h"

#define SLOTS_MAX 256

struct fixture {
    FILE *script; /* non-blocking once the screen is up */
    int script_fd;
    char pending[4096]; /* bytes of an unfinished line */
    size_t pending_length;
    FILE *calls;
    int slot_count;
    struct slot_status slots[SLOTS_MAX];
    struct desk_serial serials[SLOTS_MAX];
    struct desk_station station;
    struct desk desk;
    struct dashboard_config config;
    char prefix[8], bell[256];
    int64_t wall_ms, started_ms;
    long retried; /* passes by events that needed a retry */
    bool started, done, draining;
    struct desk_copy wire; /* as an attached screen has it */
    bool is_wired;
    int queue_slot, queue_last; /* a range of slots whose events are still to be told */
    bool queue_result, queue_note;
    int64_t queue_t_ms;
};

static void call(struct fixture *f, const char *text, int number)
{
    if (!f->calls)
        return;
    if (number >= 0)
        fprintf(f->calls, "%s %d\n", text, number);
    else
        fprintf(f->calls, "%s\n", text);
    fflush(f->calls);
}

static const char *value_of(const char *line, const char *key, char *out, size_t size)
{
    const char *at = line;
    size_t n = strlen(key), i = 0;

    while ((at = strstr(at, key)) != NULL && !(at[n] == '=' && at > line && at[-1] == ' '))
        at += n;
    if (!at)
        return NULL;
    at += n + 1;
    /* Words joined by '_' are shown with spaces; '~' is what an underscore is shown by. */
    while (at[i] && at[i] != ' ' && i + 1 < size) {
        out[i] = at[i];
        if (at[i] == '_')
            out[i] = ' ';
        else if (at[i] == '~')
            out[i] = '_';
        i++;
    }
    out[i] = '\0';
    return out;
}

static long number_of(const char *line, const char *key, long otherwise)
{
    char text[64];

    return value_of(line, key, text, sizeof text) ? strtol(text, NULL, 0) : otherwise;
}

/* A test that waits for this programme sees it end, and why. */
static _Noreturn void give_up(const char *why)
{
    fprintf(stderr, "screen_fixture: %s\n", why);
    exit(2);
}

static enum stage stage_of(const char *name)
{
    for (int s = 0; s < STAGE_COUNT; s++) {
        if (strcmp(stage_name((enum stage)s), name) == 0)
            return (enum stage)s;
    }
    return STAGE_NONE;
}

static void set_state(struct slot_status *s, const char *word)
{
    static const struct {
        const char *word;
        enum slot_state state;
        enum result result;
    } table[] = {
        {"idle", SLOT_IDLE, RESULT_OPEN},       {"waiting", SLOT_WAITING, RESULT_OPEN},
        {"busy", SLOT_BUSY, RESULT_OPEN},       {"saving", SLOT_SAVING, RESULT_OPEN},
        {"pass", SLOT_DONE, RESULT_PASS},       {"fail", SLOT_DONE, RESULT_FAIL},
        {"hold", SLOT_DONE, RESULT_HOLD},       {"error", SLOT_DONE, RESULT_ERROR},
        {"aborted", SLOT_DONE, RESULT_ABORTED}, {"act", SLOT_ACT, RESULT_OPEN},
        {"stopped", SLOT_STOPPED, RESULT_OPEN},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].word, word) == 0) {
            s->state = table[i].state;
            s->result = table[i].result;
            return;
        }
    }
    fprintf(stderr, "screen_fixture: unknown state '%s'\n", word);
    exit(2);
}

static void set_act(struct slot_status *s, const char *line)
{
    static const char *const names[] = {"none", "jumper", "remove", "unlock", "leave"};
    char text[32];

    s->act = ACT_NONE;
    if (!value_of(line, "act", text, sizeof text))
        return;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], text) == 0)
            s->act = (enum slot_act)i;
    }
}

static void set_slot(struct slot_status *s, const char *word, const char *line)
{
    char text[400];
    long pct = number_of(line, "pct", -1), left = number_of(line, "left", -1);
    enum failure_code code = (enum failure_code)number_of(line, "code", 0);

    set_state(s, word);
    set_act(s, line);
    s->attempt = s->result != RESULT_OPEN;
    s->stage = value_of(line, "stage", text, sizeof text) ? stage_of(text) : STAGE_NONE;
    s->total = pct >= 0 ? 100000 : 0;
    s->done = pct >= 0 ? (uint64_t)pct * 1000 : 0;
    s->left_us = left >= 0 ? left * 1000000 : -1;
    s->retries = (int)number_of(line, "retries", 0);
    failure_clear(&s->failure);
    if (code != FAILURE_NONE)
        failure_set(&s->failure, code, s->stage, 0, "%s",
                    value_of(line, "detail", text, sizeof text) ? text : "");
    if (value_of(line, "note", text, sizeof text))
        snprintf(s->note, sizeof s->note, "%s", text);
    if (value_of(line, "mac", text, sizeof text) && mac_parse(text, &s->unit.mac) == 0) {
        s->has_unit = true;
        /* A range of slots has a range of boards. */
        s->unit.mac.bytes[5] = (uint8_t)(s->unit.mac.bytes[5] + s->slot);
        snprintf(s->unit.chip, sizeof s->unit.chip, "ESP32-D0WDQ6");
        s->unit.revision = 100;
        s->unit.flash_id = 0x1740c8;
        s->unit.flash_size = 8 << 20;
        s->unit.crystal_mhz = 40;
    }
    if (value_of(line, "custom", text, sizeof text))
        s->unit.has_custom_mac = mac_parse(text, &s->unit.custom_mac) == 0;
    if (value_of(line, "eui64", text, sizeof text))
        s->unit.has_eui64 = eui64_parse(text, s->unit.eui64) == 0;
    s->boards = (uint32_t)number_of(line, "boards", s->boards);
    s->passed = (uint32_t)number_of(line, "passed", s->passed);
    s->failed = (uint32_t)number_of(line, "failed", s->failed);
}

static void set_serial(struct desk_serial *s, const char *line)
{
    static const char *const names[] = {
        [DESK_SERIAL_NONE] = "none",   [DESK_SERIAL_WAITS] = "waits", [DESK_SERIAL_ASKS] = "asks",
        [DESK_SERIAL_AGAIN] = "again", [DESK_SERIAL_TAKEN] = "taken",
    };
    char text[64];

    *s = (struct desk_serial){.state = DESK_SERIAL_NONE};
    if (!value_of(line, "serial", text, sizeof text))
        return;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], text) == 0)
            s->state = (enum desk_serial_state)i;
    }
    if (value_of(line, "sn", text, sizeof text))
        snprintf(s->code, sizeof s->code, "%s", text);
}

static void command_slot(struct fixture *f, const char *line)
{
    int first, last, used = 0;
    char word[32];

    if (sscanf(line, "slot %d-%d %31s", &first, &last, word) != 3) {
        if (sscanf(line, "slot %d %31s%n", &first, word, &used) != 2)
            exit(2);
        last = first;
    }
    for (int i = first; i <= last && i <= f->slot_count; i++) {
        set_slot(&f->slots[i - 1], word, line);
        set_serial(&f->serials[i - 1], line);
    }
    if (number_of(line, "quiet", 0))
        return;
    f->queue_slot = first;
    f->queue_last = last;
    f->queue_result = f->slots[first - 1].result != RESULT_OPEN;
    f->queue_note = strstr(line, " event=note") != NULL;
    f->queue_t_ms = number_of(line, "t", 21400);
}

static void give_work(struct fixture *f)
{
    if (!f->calls)
        return;
    f->desk.takes = SCREEN_DESK_TAKES;
    f->desk.knows |= SCREEN_DESK_CHOICES;
}

static void command(struct fixture *f, const char *line)
{
    struct desk_station *s = &f->station;
    long long clock;

    if (strncmp(line, "slot ", 5) == 0)
        command_slot(f, line);
    else if (sscanf(line, "clock %lld", &clock) == 1)
        f->wall_ms = clock;
    else if (strcmp(line, "start") == 0)
        f->started = true, f->queue_slot = 0, f->started_ms = f->wall_ms;
    else if (strcmp(line, "done") == 0)
        f->done = true;
    else if (strcmp(line, "crash") == 0)
        raise(SIGSEGV);
    else if (strcmp(line, "training") == 0)
        s->training = true;
    else if (strcmp(line, "ascii") == 0)
        f->config.ascii = true;
    else if (strcmp(line, "mono") == 0)
        f->config.mono = true;
    else if (strcmp(line, "work") == 0)
        give_work(f);
    else if (strcmp(line, "review") == 0)
        f->desk.knows |= SCREEN_DESK_RECORDS;
    else if (sscanf(line, "prefix %7s", f->prefix) == 1)
        f->config.scan_prefix = f->prefix;
    else if (sscanf(line, "bell %255[^\n]", f->bell) == 1)
        f->config.bell_command = f->bell;
    else if (sscanf(line, "slots %d", &f->slot_count) == 1 ||
             sscanf(line, "layout %d %d", &s->layout_rows, &s->layout_cols) == 2 ||
             sscanf(line, "job %63s", s->job) == 1 ||
             sscanf(line, "firmware %63s %8s", s->firmware_version, s->firmware_tail) == 2 ||
             sscanf(line, "lot %63s %ld %ld", s->lot, &s->lot_good, &s->lot_planned) == 3 ||
             sscanf(line, "operator %63s %15s", s->operator_id, s->role) == 2 ||
             sscanf(line, "station %63s", s->station_id) == 1 || line[0] == '#' || line[0] == '\0')
        return;
    else
        fprintf(stderr, "screen_fixture: unknown command '%s'\n", line);
}

/* Takes one whole line out of the script; false: none waits. */
static bool next_line(struct fixture *f, char *out, size_t size)
{
    for (;;) {
        char *end = memchr(f->pending, '\n', f->pending_length);
        ssize_t n;

        if (end) {
            size_t length = (size_t)(end - f->pending);

            snprintf(out, size, "%.*s", (int)length, f->pending);
            f->pending_length -= length + 1;
            memmove(f->pending, end + 1, f->pending_length);
            return true;
        }
        if (f->pending_length == sizeof f->pending)
            give_up("a line of the script is too long");
        n = read(f->script_fd, f->pending + f->pending_length, sizeof f->pending - f->pending_length);
        if (n == 0)
            f->done = true; /* a plain file at its end: it would be readable for ever */
        if (n <= 0)
            return false;
        f->pending_length += (size_t)n;
    }
}

/* Numbers of a made-up run: each board another unit, and there at its first try. */
static void count_run(const struct fixture *f, struct desk_run *out)
{
    int64_t elapsed = f->wall_ms - f->started_ms;

    *out = (struct desk_run){.known = true, .boards_per_hour = -1};
    for (int i = 0; i < f->slot_count; i++) {
        out->passed += f->slots[i].passed;
        out->not_passed += f->slots[i].failed;
    }
    out->good = out->passed;
    out->units_tried = out->first_tries = out->passed + out->not_passed;
    out->first_passes = out->passed - f->retried;
    if (out->units_tried > 0 && elapsed >= 60000)
        out->boards_per_hour = (double)out->units_tried * 3600e3 / (double)elapsed;
}

/* A line on its way. */
static enum desk_line through(struct fixture *f, json_t *o, struct slot_event *out)
{
    struct slot_event ignored;
    char *text = json_dumps(o, JSON_COMPACT);
    enum desk_line what =
        text != NULL ? desk_copy_read(&f->wire, text, out != NULL ? out : &ignored) : DESK_LINE_OTHER;

    json_decref(o);
    free(text);
    return what;
}

static void look_by_wire(struct fixture *f, struct desk_look *out, struct slot_status *slots)
{
    const struct desk_facts facts = {.station = &out->station,
                                     .run = &out->run,
                                     .draining = out->draining,
                                     .slots = f->slot_count,
                                     .database = "",
                                     .scan_prefix = f->config.scan_prefix};

    if (f->slot_count == 0)
        return;
    if (through(f, desk_json_station(&facts), NULL) != DESK_LINE_STATE)
        give_up("the station's line was not understood");
    for (int i = 0; i < f->slot_count; i++) {
        if (through(f, desk_json_slot(&f->slots[i], &f->serials[i], f->wall_ms), NULL) != DESK_LINE_STATE)
            give_up("a slot's line was not understood");
        if (slots)
            slots[i] = f->wire.status[i];
    }
    out->station = f->wire.station;
    out->station.without_run = true;
    out->run = f->wire.run;
    out->draining = f->wire.draining;
    out->serials = slots ? f->wire.serials : NULL;
}

static void look(void *ctx, struct desk_look *out, struct slot_status *slots)
{
    struct fixture *f = ctx;

    for (int i = 0; slots && i < f->slot_count; i++)
        slots[i] = f->slots[i];
    *out = (struct desk_look){.done = f->done, .draining = f->draining, .station = f->station};
    out->station.without_run = true;
    count_run(f, &out->run);
    out->serials = slots ? f->serials : NULL;
    if (f->is_wired)
        look_by_wire(f, out, slots);
}

static int ask(void *ctx, const struct desk_query *query, union desk_answer out)
{
    (void)ctx;
    return screen_desk_ask(query, out);
}

static enum desk_outcome act(void *ctx, const struct desk_act *act, char why[static DESK_WHY_SIZE])
{
    struct fixture *f = ctx;

    why[0] = '\0';
    if (act->kind == DESK_DRAIN) {
        f->draining = true;
        call(f, "drain", -1);
    } else if (act->kind == DESK_ABORT) {
        call(f, "abort", -1);
    } else if (act->kind == DESK_GO_ON) {
        call(f, "acknowledge", act->slot);
    } else {
        return screen_desk_act(f->calls, act, why);
    }
    return DESK_DONE;
}

static bool next(void *ctx, struct slot_event *out)
{
    struct fixture *f = ctx;
    char line[1024];

    while (f->queue_slot == 0 || f->queue_slot > f->queue_last) {
        f->queue_slot = 0;
        if (!next_line(f, line, sizeof line))
            return false;
        command(f, line);
    }
    *out = (struct slot_event){
        .kind = f->queue_result ? EVENT_RESULT : EVENT_STATE,
        .wall_ms = f->wall_ms,
        .t_ms = f->queue_t_ms,
        .status = f->slots[f->queue_slot++ - 1],
    };
    /* A stage is told as the engine tells it, so that the detail view has its times. */
    if (f->queue_note)
        out->kind = EVENT_NOTE;
    else if (!f->queue_result && out->status.state == SLOT_BUSY && out->status.stage != STAGE_NONE)
        out->kind = EVENT_STAGE;
    f->retried += out->kind == EVENT_RESULT && out->status.result == RESULT_PASS && out->status.retries > 0;
    if (f->is_wired && f->wire.slots > 0) {
        const struct slot_event told = *out;
        if (through(f, slot_json_event(&told, ""), out) != DESK_LINE_EVENT)
            give_up("an event was not understood");
    }
    return true;
}

static int64_t wall(void *ctx)
{
    return ((struct fixture *)ctx)->wall_ms;
}

static int open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGWINCH);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* Reads up to "start"; later lines wait for the screen. */
static int open_script(struct fixture *f, const char *path)
{
    char line[512];

    /* Read and write: a FIFO then never tells its end. */
    f->script_fd = open(path, O_RDWR | O_CLOEXEC);
    if (f->script_fd < 0)
        return -errno;
    for (int i = 0; i < SLOTS_MAX; i++)
        f->slots[i] = (struct slot_status){.slot = i + 1, .boot_pin = "G23 (P2, GPIO0)", .left_us = -1};
    while (!f->started && next_line(f, line, sizeof line))
        command(f, line);
    return fcntl(f->script_fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int report(struct fixture *f, enum dashboard_end end, const char *why)
{
    static const char *const names[] = {"done", "lost", "unusable", "restart", "left"};

    if (f->calls)
        fprintf(f->calls, "end %s\n", names[end]);
    if (end == DASHBOARD_UNUSABLE)
        fprintf(stderr, "screen_fixture: no screen: %s\n", why);
    if (f->calls)
        fclose(f->calls);
    return (int)end;
}

int main(int argc, char **argv)
{
    static struct fixture f;
    char why[DASHBOARD_WHY_SIZE];

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: screen_fixture SCRIPT [CALLS]\n");
        return 2;
    }
    f.wall_ms = 1795363200000; /* 2026-11-22 16:00:00 UTC */
    f.slot_count = 8;
    f.calls = argc == 3 ? fopen(argv[2], "we") : NULL;
    f.config.signal_fd = open_signals();
    text_init();
    if (open_script(&f, argv[1]) != 0) {
        fprintf(stderr, "screen_fixture: %s: %s\n", argv[1], strerror(errno));
        return 2;
    }
    f.is_wired = getenv("SCREEN_WIRE") != NULL;
    f.desk.ctx = &f;
    f.desk.slot_count = f.slot_count;
    f.desk.event_fd = f.script_fd;
    f.desk.word_fd = -1;
    f.desk.look = look;
    f.desk.next = next;
    f.desk.ask = ask;
    f.desk.act = act;
    f.config.desk = &f.desk;
    f.config.wall_ms = wall;
    f.config.wall_ctx = &f;
    return report(&f, dashboard_run(&f.config, why), why);
}
