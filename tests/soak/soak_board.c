/* SPDX-License-Identifier: Apache-2.0 */
/*
 * soak_board - runs single attempts of the whole engine on made boards and leaves what an outsider could know of each.
 *
 *   soak_board DIR <cases >ends
 *
 * A case is one line, its end one line; the caller reads the end before it gives the next case:
 *   JOB STUB REVISION FLASH_MIB WIRING SEED TROUBLES [NOISE]
 *     STUB      a stub file, or "-": none is installed
 *     WIRING    "wired" (DTR, RTS), "jumper" (none, and the boot jumper stays in), "pulled" (none, the jumper was taken
 *               out as soon as the board had answered)
 *     TROUBLES  "-", or KIND:STAGE:PERCENT:BYTES,.. that happens once that stage has come so far and so many bytes more
 *               have been sent: "restart" (of the chip, by itself), "flip" (a bit of that byte turns over on its way),
 *               "lose" (what comes back next is lost)
 *     NOISE     one bit turns over in about so many bytes, both ways together, by the seed; 0 or left out: none
 *   RESULT CODE NAME RETRIES LOADER RESTARTS TOLD FAULTS SECONDS DETAIL   or   REFUSED WHY   when the job itself is not taken
 *     LOADER    "rom", "stub", or "both": the ROM went on for the stub
 *     RESTARTS  that happened; TOLD: those that the engine's record knows of; FAULTS: of the line that happened
 * DIR/first.bin and DIR/last.bin are the board's whole flash before and after. Virtual time, one board at a time; nothing
 * here knows what the flash should hold: the model beside this file does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/chip/esp_stub.h"
#include "engine/slot/engine.h"
#include "profiles/job/job.h"
#include "profiles/text/complaint.h"
#include "sim/board/sim_factory.h"
#include "sim/board/sim_random.h"
#include "sim/board/sim_tray.h"
#include "tests/support/memory_recorder.h"

#define TROUBLES_MAX 4
#define FILL_CHUNK   0x1000u

enum wiring { WIRED, JUMPER, PULLED };
enum trouble_kind { TROUBLE_RESTART, TROUBLE_FLIP, TROUBLE_LOSE };

struct trouble {
    enum trouble_kind kind;
    enum stage stage;
    unsigned percent;
    uint64_t bytes; /* that are sent from then on before it happens */
    bool armed, done;
};

struct one_case {
    char job[512], stub[512];
    int revision;
    uint32_t flash_mib;
    enum wiring wiring;
    uint64_t seed;
    struct trouble troubles[TROUBLES_MAX];
    int trouble_count;
    uint32_t noise;
};

/* The board's own driver with a chip behind it that restarts in the middle of what it is sent, or a line that errs. */
struct moody {
    struct sim_tray *tray;
    struct engine *engine; /* asked how far the attempt is */
    struct one_case *c;
    int restarts, faults;
    bool loses; /* what is read next */
    struct sim_random random;
    uint64_t quiet;        /* bytes until the next bit turns over */
    uint8_t spoilt[65536]; /* the longest frame, every byte of it escaped, is shorter */
};

struct moody_port {
    struct moody *moody;
    void *inner;
};

/* Kept from case to case: a job of two megabytes takes longer to compress than its board to write. */
struct kept {
    char job_path[512], stub_path[512];
    struct job *job;
    struct stub stub;
    bool has_stub;
};

static int moody_open(void **out, void *ctx, const char *name, const struct transport_env *env,
                      char detail[TRANSPORT_DETAIL_SIZE])
{
    struct moody *m = ctx;
    struct moody_port *p = calloc(1, sizeof *p);
    if (p == NULL)
        return -ENOMEM;
    p->moody = m;
    int rc = sim_driver.open(&p->inner, m->tray, name, env, detail);
    if (rc < 0)
        free(p);
    else
        *out = p;
    return rc;
}

static void moody_close(void *port)
{
    struct moody_port *p = port;

    sim_driver.close(p->inner);
    free(p);
}

/* By what comes first: the stub is there before the backup. */
static int turn(enum stage s)
{
    return s == STAGE_BACKUP ? STAGE_STUB : s == STAGE_STUB ? STAGE_BACKUP : (int)s;
}

static bool has_come(const struct slot_status *st, const struct trouble *t)
{
    if (st->stage != t->stage)
        return turn(st->stage) > turn(t->stage) && st->stage != STAGE_RECORD;
    return st->total == 0 ? t->percent == 0 : st->done * 100 >= st->total * t->percent;
}

/* The trouble that comes within the next `len` bytes, and after how many of them; NULL: none. */
static struct trouble *next_trouble(struct moody *m, size_t len, size_t *before)
{
    struct slot_status st;

    engine_snapshot(m->engine, 0, &st);
    for (int i = 0; i < m->c->trouble_count; i++) {
        struct trouble *t = &m->c->troubles[i];
        if (t->done || (!t->armed && !has_come(&st, t)))
            continue;
        t->armed = true;
        if (t->bytes < len) {
            t->done = true;
            *before = (size_t)t->bytes;
            return t;
        }
        t->bytes -= len;
    }
    return NULL;
}

/* Sends the rest of what the trouble came in the middle of. */
static int go_on(struct moody_port *p, enum trouble_kind kind, const uint8_t *rest, size_t len,
                 int64_t deadline_us)
{
    struct moody *m = p->moody;
    struct sim_board *b = sim_tray_board(m->tray, 1);
    uint8_t byte = rest[0];

    if (kind == TROUBLE_RESTART) {
        m->restarts++;
        sim_board_button(b, m->c->wiring == JUMPER, sim_board_sent_at(b));
        return sim_driver.write(p->inner, rest, len, deadline_us);
    }
    m->faults++;
    m->loses = kind == TROUBLE_LOSE;
    if (kind == TROUBLE_FLIP)
        byte ^= (uint8_t)(1u << (m->c->seed + len) % 8);
    int rc = sim_driver.write(p->inner, &byte, 1, deadline_us);
    return rc < 0 || len == 1 ? rc : sim_driver.write(p->inner, rest + 1, len - 1, deadline_us);
}

/* Between none and twice the mean: as often as the case says, and never in step with anything. */
static void draw_quiet(struct moody *m)
{
    m->quiet = sim_random_below(&m->random, 2 * m->c->noise);
}

static void spoil(struct moody *m, uint8_t *bytes, size_t len)
{
    size_t at = 0;

    if (m->c->noise == 0)
        return;
    while (m->quiet < len - at) {
        at += (size_t)m->quiet;
        bytes[at++] ^= (uint8_t)(1u << sim_random_below(&m->random, 8));
        m->faults++;
        draw_quiet(m);
    }
    m->quiet -= len - at;
}

/* What goes out is spoilt in a copy: the sender keeps what it meant. */
static const void *on_its_way(struct moody *m, const void *buf, size_t len)
{
    if (m->c->noise == 0 || len > sizeof m->spoilt)
        return buf;
    memcpy(m->spoilt, buf, len);
    spoil(m, m->spoilt, len);
    return m->spoilt;
}

static int moody_write(void *port, const void *clean, size_t len, int64_t deadline_us)
{
    struct moody_port *p = port;
    const void *buf = on_its_way(p->moody, clean, len);
    size_t before = len;
    const struct trouble *t = next_trouble(p->moody, len, &before);
    int rc = before > 0 ? sim_driver.write(p->inner, buf, before, deadline_us) : 0;

    if (rc < 0 || t == NULL)
        return rc;
    return go_on(p, t->kind, (const uint8_t *)buf + before, len - before, deadline_us);
}

static ssize_t moody_read(void *port, void *buf, size_t len, int64_t deadline_us)
{
    struct moody_port *p = port;
    ssize_t n = sim_driver.read(p->inner, buf, len, deadline_us);

    if (n > 0)
        spoil(p->moody, buf, (size_t)n);
    if (n <= 0 || !p->moody->loses)
        return n;
    p->moody->loses = false;
    return sim_driver.read(p->inner, buf, len, deadline_us);
}

static int moody_set_baud(void *port, uint32_t baud, uint32_t *actual)
{
    return sim_driver.set_baud(((struct moody_port *)port)->inner, baud, actual);
}

static int moody_set_lines(void *port, bool dtr, bool rts)
{
    return sim_driver.set_lines(((struct moody_port *)port)->inner, dtr, rts);
}

static int moody_flush_input(void *port)
{
    return sim_driver.flush_input(((struct moody_port *)port)->inner);
}

static const char *moody_serial(void *port)
{
    return sim_driver.serial(((struct moody_port *)port)->inner);
}

static const struct transport_driver moody_driver = {
    .scheme = "sim",
    .open = moody_open,
    .close = moody_close,
    .read = moody_read,
    .write = moody_write,
    .set_baud = moody_set_baud,
    .set_lines = moody_set_lines,
    .flush_input = moody_flush_input,
    .serial = moody_serial,
};

/* What its factory wrote stays: identity, partition table, the header of an application (a job for a part asks for both). */
static const struct {
    uint32_t offset, size;
} from_factory[] = {{SIM_CONFIG_SECTOR, FILL_CHUNK}, {0x8000, FILL_CHUNK}, {0x10000, 24}};

#define KEPT (sizeof from_factory / sizeof from_factory[0])

/* A flash with a life behind it: no sector says by itself whether it was written, and none is like its neighbour. */
static void fill_flash(struct sim_board *b, uint64_t seed)
{
    struct sim_random r = {sim_random_mix(seed, 0x6c696665u)};
    uint8_t chunk[FILL_CHUNK], kept[KEPT][FILL_CHUNK];
    uint32_t size;
    const uint8_t *flash = sim_board_flash(b, &size);

    for (size_t i = 0; i < KEPT; i++)
        if (from_factory[i].offset < size)
            memcpy(kept[i], flash + from_factory[i].offset, from_factory[i].size);
    for (uint32_t at = 0; at < size; at += FILL_CHUNK) {
        uint32_t kind = sim_random_below(&r, 16);
        sim_random_fill(&r, chunk, sizeof chunk);
        if (kind == 0)
            memset(chunk + 16, 0x00, sizeof chunk - 16);
        else if (kind == 1)
            memset(chunk + 16, 0xFF, sizeof chunk - 16);
        else if (kind == 2)
            memset(chunk, 0xFF, sizeof chunk);
        if (at == BOOT_SECTOR)
            chunk[0] = 0xE9; /* an older bootloader */
        sim_board_preload(b, at, chunk, sizeof chunk);
    }
    for (size_t i = 0; i < KEPT; i++)
        if (from_factory[i].offset < size)
            sim_board_preload(b, from_factory[i].offset, kept[i], from_factory[i].size);
}

static void die(const char *what, const char *name)
{
    fprintf(stderr, "soak_board: %s %s: %s\n", what, name, strerror(errno));
    exit(2);
}

static void dump(int dir, const char *name, struct sim_tray *tray)
{
    uint32_t size;
    const uint8_t *flash = sim_board_flash(sim_tray_board(tray, 1), &size);
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

    if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
        die("cannot write", name);
    for (size_t at = 0; at < size;) {
        ssize_t n = pwrite(fd, flash + at, size - at, (off_t)at);
        if (n <= 0)
            die("cannot write", name);
        at += (size_t)n;
    }
    if (close(fd) < 0)
        die("cannot write", name);
}

static struct sim_tray *make_board(const struct one_case *c)
{
    char error[SIM_TRAY_ERROR];
    struct sim_tray_config config = {
        .count = 1,
        .flash_size = c->flash_mib << 20,
        .revision = c->revision,
        .seed = c->seed,
        .personalities = c->wiring == WIRED ? NULL : "1=no-reset-wire",
    };
    struct sim_tray *tray = sim_tray_new(&config, error);

    if (tray == NULL) {
        fprintf(stderr, "soak_board: %s\n", error);
        exit(2);
    }
    fill_flash(sim_tray_board(tray, 1), c->seed);
    return tray;
}

static const char *loader_used(const struct attempt_result *r)
{
    if (!r->used_stub)
        return "rom";
    return r->stub_note[0] != '\0' ? "both" : "stub";
}

static void tell_end(const struct slot_status *st, const struct attempt_result *r, const struct moody *m)
{
    char detail[sizeof st->failure.detail];

    snprintf(detail, sizeof detail, "%s", st->failure.detail);
    for (char *p = detail; *p != '\0'; p++) {
        if (*p == '\n' || *p == '\r')
            *p = ' ';
    }
    printf("%s %d %s %d %s %d %d %d %.3f %s\n", result_name(st->result), (int)st->failure.code,
           failure_name(st->failure.code), st->retries, loader_used(r), m->restarts, r->chip_resets,
           m->faults, (double)r->duration_us / 1e6, detail);
}

static void run_case(struct one_case *c, const struct kept *k, int dir)
{
    struct moody m = {.tray = make_board(c), .c = c, .random = {sim_random_mix(c->seed, 0x6e6f6973u)}};
    struct memory_recorder recorder;
    const struct transport_binding bindings[] = {{&moody_driver, &m}, {NULL, NULL}};
    const struct engine_slot slot = {.number = 1, .uri = "sim:1", .virtual_time = true};
    struct engine_config config = {
        .job = k->job,
        .stub = k->has_stub ? &k->stub : NULL,
        .stub_note = k->has_stub ? "" : "no stub in this case",
        .recorder = &recorder.recorder,
        .bindings = bindings,
        .slots = &slot,
        .slot_count = 1,
        .once = true,
        .kind = ATTEMPT_TRAINING,
    };
    struct failure f = {0};
    struct slot_status st;

    draw_quiet(&m);
    memory_recorder_init(&recorder);
    dump(dir, "first.bin", m.tray);
    m.engine = engine_new(&config, &f);
    if (m.engine == NULL || engine_start(m.engine, &f) < 0) {
        fprintf(stderr, "soak_board: no engine: %s\n", f.detail);
        exit(2);
    }
    engine_join(m.engine);
    engine_snapshot(m.engine, 0, &st);
    dump(dir, "last.bin", m.tray);
    tell_end(&st, &recorder.last, &m);
    engine_free(m.engine);
    memory_recorder_done(&recorder);
    sim_tray_free(m.tray);
}

/* 0, or -1: the job is not taken, and the caller has been told why. */
static int keep(struct kept *k, const struct one_case *c)
{
    struct complaint why;
    char text[160];

    if (strcmp(k->job_path, c->job) != 0) {
        job_free(k->job);
        complaint_clear(&why);
        k->job_path[0] = '\0';
        k->job = job_load(c->job, NULL, &why);
        if (k->job == NULL) {
            printf("REFUSED %s\n", why.text);
            return -1;
        }
        snprintf(k->job_path, sizeof k->job_path, "%s", c->job);
    }
    if (strcmp(k->stub_path, c->stub) != 0) {
        if (k->has_stub)
            stub_free(&k->stub);
        k->has_stub = strcmp(c->stub, "-") != 0;
        if (k->has_stub && stub_load(c->stub, &k->stub, text) < 0) {
            fprintf(stderr, "soak_board: %s\n", text);
            exit(2);
        }
        snprintf(k->stub_path, sizeof k->stub_path, "%s", c->stub);
    }
    return 0;
}

static enum stage stage_named(const char *name)
{
    for (int s = 0; s < STAGE_COUNT; s++) {
        if (strcmp(stage_name((enum stage)s), name) == 0)
            return (enum stage)s;
    }
    fprintf(stderr, "soak_board: no stage is called '%s'\n", name);
    exit(2);
}

static enum trouble_kind kind_named(const char *name)
{
    static const char *const names[] = {"restart", "flip", "lose"};

    for (int k = 0; k < 3; k++) {
        if (strcmp(names[k], name) == 0)
            return (enum trouble_kind)k;
    }
    fprintf(stderr, "soak_board: no trouble is called '%s'\n", name);
    exit(2);
}

static void parse_troubles(struct one_case *c, char *text)
{
    char *rest = text, *one, kind[24], stage[24];

    c->trouble_count = 0;
    if (strcmp(text, "-") == 0)
        return;
    while ((one = strsep(&rest, ",")) != NULL && c->trouble_count < TROUBLES_MAX) {
        struct trouble *t = &c->troubles[c->trouble_count++];
        unsigned long long bytes;
        *t = (struct trouble){0};
        if (sscanf(one, "%23[a-z]:%23[a-z]:%u:%llu", kind, stage, &t->percent, &bytes) != 4) {
            fprintf(stderr, "soak_board: '%s' is not KIND:STAGE:PERCENT:BYTES\n", one);
            exit(2);
        }
        t->kind = kind_named(kind);
        t->stage = stage_named(stage);
        t->bytes = bytes;
    }
}

static void parse_case(struct one_case *c, const char *line)
{
    char wiring[16], troubles[256];
    unsigned long long seed;

    memset(c, 0, sizeof *c);
    if (sscanf(line, "%511s %511s %d %u %15s %llu %255s %u", c->job, c->stub, &c->revision, &c->flash_mib,
               wiring, &seed, troubles, &c->noise) < 7) {
        fprintf(stderr, "soak_board: not a case: %s", line);
        exit(2);
    }
    c->seed = seed;
    c->wiring = strcmp(wiring, "wired") == 0 ? WIRED : strcmp(wiring, "jumper") == 0 ? JUMPER : PULLED;
    parse_troubles(c, troubles);
}

int main(int argc, char **argv)
{
    struct kept kept = {.stub_path = "-"};
    struct one_case c;
    char line[2048];
    int dir = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (dir < 0) {
        fprintf(stderr, "usage: soak_board DIR <cases\n");
        return 2;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        parse_case(&c, line);
        if (keep(&kept, &c) == 0)
            run_case(&c, &kept, dir);
        fflush(stdout);
    }
    job_free(kept.job);
    if (kept.has_stub)
        stub_free(&kept.stub);
    close(dir);
    return 0;
}
