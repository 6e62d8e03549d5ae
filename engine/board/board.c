/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/board.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/errno_text.h"
#include "engine/board/baud_ladder.h"
#include "engine/chip/esp_loader.h"
#include "engine/chip/esp_reset.h"

#define RECONNECT_ROUNDS 3
#define LATE_UDEV_US     2000000
#define UDEV_LOOK_US     200000
#define BAUD_SYNCS       3
#define BAUD_SYNC_US     100000
#define RESTARTS_A_TRY   8
/* A line that spoils one and a half blocks of three in a row is worth a lower rate; chance seldom does that. */
#define LOST_SOON_BYTES  0x6000u
#define LOST_SOON_ENOUGH 2
/* The ROM's watchdog starts a chip without a bootloader anew every 300 ms or so. */
#define RESTART_LISTEN_US 400000

void board_publish(struct board *b, const char *note, bool saving)
{
    int64_t now = clock_now_us(b->clock);
    struct attempt_view v = {
        .stage = b->stage,
        .done = b->done,
        .total = b->total,
        .left_us = -1,
        .retries = b->result->retries,
        .baud = b->baud,
        .has_unit = b->identified,
        .unit = &b->chip.unit,
        .note = note,
        .saving = saving,
        .waiting = b->waiting,
    };

    if (b->publish == NULL)
        return;
    if (b->stage == STAGE_WRITE && b->done > 0 && b->total > 0)
        v.left_us =
            (int64_t)((double)(now - b->stage_began_us) * (double)(b->total - b->done) / (double)b->done);
    b->publish(b->publish_ctx, &v);
}

/* Far above what a slow but living board needs, starts over included; each command has its own, much shorter limit. */
static int64_t stage_limit(const struct board *b, enum stage stage)
{
    const int64_t second = 1000000, us_per_byte = 120; /* three times the slowest erase of a data sheet */
    uint32_t bytes = b->identified ? b->chip.unit.flash_size : 0;

    switch (stage) {
    case STAGE_IDENTIFY:
    case STAGE_STUB:
        return 60 * second;
    case STAGE_BACKUP:
        return 120 * second;
    case STAGE_ERASE:
    case STAGE_WRITE:
    case STAGE_VERIFY:
    case STAGE_FINALISE:
    case STAGE_CONFIRM:
        return 120 * second + us_per_byte * bytes;
    default: /* bounded by their rounds */
        return CLOCK_NEVER;
    }
}

void board_stage(struct board *b, enum stage stage)
{
    int64_t now = clock_now_us(b->clock);

    if (b->session->loader != NULL)
        esp_loader_set_limit(b->session->loader, clock_after(b->clock, stage_limit(b, stage)));

    b->result->stage_us[b->stage] += now - b->stage_began_us;
    b->stage_began_us = now;
    b->stage = stage;
    b->done = b->total = 0;
    board_publish(b, "", false);
}

void board_progress(struct board *b, uint64_t done, uint64_t total)
{
    b->done = done;
    b->total = total;
    board_publish(b, "", false);
}

void board_note(struct board *b, const char *text, ...)
{
    char line[FAILURE_DETAIL_SIZE + 128]; /* a failure and what is done about it */
    va_list args;

    va_start(args, text);
    vsnprintf(line, sizeof line, text, args);
    va_end(args);
    board_publish(b, line, false);
}

/* Counts and tells a start over, so that a PASS after it shows as one. */
static void count_retry(struct board *b, const char *what)
{
    b->restarts++;
    b->result->retries++;
    b->session->line.lost++;
    board_note(b, "%s starts over: %s", what, b->failure.detail);
}

int board_lost(struct board *b, int rc, enum failure_code lost, enum failure_code refused)
{
    return esp_loader_failure(b->session->loader, &b->failure, b->stage, rc, lost, refused);
}

int board_lost_while(struct board *b, int rc, enum failure_code lost, enum failure_code refused,
                     const char *doing, ...)
{
    char text[96];
    va_list args;

    va_start(args, doing);
    vsnprintf(text, sizeof text, doing, args);
    va_end(args);
    board_lost(b, rc, lost, refused);
    return failure_while(&b->failure, "%s", text);
}

/* A device file that has just appeared gets its permissions from udev a moment later. */
int board_open(struct board *b)
{
    int64_t until = clock_after(b->clock, LATE_UDEV_US);

    board_stage(b, STAGE_OPEN);
    while (session_open(b->session, &b->failure) < 0) {
        if (b->failure.code != FAIL_PORT_PERMISSION || clock_now_us(b->clock) >= until)
            return -1;
        if (clock_wait_until(b->clock, clock_after(b->clock, UDEV_LOOK_US), b->session->env.cancel) < 0)
            return transport_failure(&b->failure, STAGE_OPEN, -ECANCELED, "waiting for leave to use it");
    }
    return 0;
}

int board_connect(struct board *b)
{
    board_stage(b, STAGE_CONNECT);
    /* Whoever waited for the board may have its answer already: with no reset wired there is no second one. */
    if (b->session->answers)
        return 0;
    return session_connect(b->session, CONNECT_ROUNDS, &b->failure);
}

/* Through the ROM; a stub that runs has done it. */
static int attach_flash(struct board *b)
{
    struct esp_loader *l = b->session->loader;

    if (esp_loader_is_stub(l))
        return 0;
    int rc = esp_chip_power_flash(l, &b->chip);
    return rc == 0 ? esp_loader_spi_attach(l, b->chip.spi_pads) : rc;
}

static int read_flash_id(struct board *b)
{
    struct esp_loader *l = b->session->loader;
    struct unit_identity *u = &b->chip.unit;
    int rc = attach_flash(b);

    if (rc == 0)
        rc = esp_flash_read_id(l, &u->flash_id);
    if (rc < 0)
        return board_lost_while(b, rc, FAIL_IDENTIFY, FAIL_CHIP_REFUSED, "reading the flash's id");
    u->flash_size = esp_flash_size(u->flash_id);
    if (u->flash_size == 0)
        return failure_set(&b->failure, FAIL_FLASH_ID, STAGE_IDENTIFY, 0, "flash id %02x %02x %02x",
                           u->flash_id & 0xFF, u->flash_id >> 8 & 0xFF, u->flash_id >> 16 & 0xFF);
    /* The ROM takes every flash for 2 MB and would refuse what lies above. */
    rc = esp_loader_spi_set_size(l, u->flash_size);
    if (rc < 0)
        board_lost_while(b, rc, FAIL_IDENTIFY, FAIL_CHIP_REFUSED, "telling it the size of its flash");
    return rc < 0 ? -1 : 0;
}

int board_is_same(struct board *b)
{
    struct esp_loader *l = b->session->loader;
    struct mac mac;
    char now[MAC_TEXT_SIZE], before[MAC_TEXT_SIZE];
    int rc = esp_chip_read_mac(l, &mac);

    if (rc == 0 && !mac_equal(&mac, &b->chip.unit.mac)) {
        mac_text(&mac, now);
        mac_text(&b->chip.unit.mac, before);
        return failure_set(&b->failure, FAIL_IDENTITY_CHANGED, b->stage, 0, "it was %s and is %s", before,
                           now);
    }
    if (rc == -ENOTSUP)
        return failure_set(&b->failure, FAIL_IDENTITY_CHANGED, b->stage, 0,
                           "it was %s and is another chip, which tells no MAC", b->chip.id);
    if (rc == 0)
        rc = attach_flash(b);
    if (rc == 0)
        rc = esp_loader_spi_set_size(l, b->chip.unit.flash_size);
    if (rc < 0)
        board_lost_while(b, rc, FAIL_IDENTIFY, FAIL_CHIP_REFUSED, "asking whether it is the same board");
    return rc < 0 ? -1 : 0;
}

/* The next rate below. False: it is the lowest already. */
static bool lower(struct board *b)
{
    uint32_t below = baud_below(b->baud);

    b->baud = below != 0 ? below : b->baud;
    return below != 0;
}

bool board_lower_baud(struct board *b)
{
    b->session->line.lost++;
    return lower(b);
}

static int confirm_baud(struct board *b)
{
    struct esp_loader *l = b->session->loader;
    int rc = -ETIMEDOUT;

    for (int i = 0; i < BAUD_SYNCS && rc == -ETIMEDOUT; i++)
        rc = esp_loader_sync(l, BAUD_SYNC_US);
    return rc;
}

/* Of what the job allows, what this adapter makes, and what a board can be found again at. */
static int choose_rate(struct board *b)
{
    struct transport *t = b->session->port;

    if (!session_can_reset(b->session) && b->baud > BAUD_BY_HAND)
        b->baud = BAUD_BY_HAND;
    while (b->baud > BAUD_LEAST && !transport_is_at_baud(t, b->baud) &&
           transport_check_baud(t, b->baud, STAGE_CONNECT, &b->failure) < 0) {
        if (b->failure.code != FAIL_PORT_BAUD || !lower(b))
            return -1;
    }
    return 0;
}

static int change_rate(struct board *b)
{
    struct esp_loader *l = b->session->loader;
    struct session_line *line = &b->session->line;
    uint32_t told = b->baud;
    int rc = 0;

    if (b->baud <= BAUD_LEAST || transport_is_at_baud(b->session->port, b->baud))
        return 0;
    line->tried = line->tried > b->baud ? line->tried : b->baud;
    line->used = b->baud;
    if (!esp_loader_is_stub(l) && !b->identified)
        rc = esp_chip_ask_rate(l, &b->chip);
    if (rc == 0 && !esp_loader_is_stub(l))
        rc = esp_chip_rom_baud(l, &b->chip, b->baud, &told);
    if (rc == 0)
        rc = esp_loader_change_baud(l, told, b->baud);
    if (rc == 0)
        rc = confirm_baud(b);
    if (rc == 0) { /* in mid-work too: what the last of it was written at counts */
        b->result->baud = transport_baud(b->session->port);
        return 0;
    }
    esp_loader_failure(l, &b->failure, STAGE_CONNECT, rc, FAIL_BAUD_CHANGE, FAIL_BAUD_CHANGE);
    if (b->failure.code == FAIL_BAUD_CHANGE)
        snprintf(b->failure.detail, sizeof b->failure.detail, "no answer at %u baud", b->baud);
    return -1;
}

/* A board that cannot be reached again after it was lost: what it was lost at says more than the silence after it. */
static int give_up(struct board *b, const struct failure *first)
{
    switch (b->failure.code) {
    case FAIL_ABORTED:
    case FAIL_IDENTITY_CHANGED:
    case FAIL_PORT_LOST:
    case FAIL_PORT_STALLED:
    case FAIL_PORT_SILENT:
    case FAIL_BROWNOUT:
        return -1;
    default:
        b->failure = *first;
        return -1;
    }
}

/* Who it is: one that is known and can be read. */
static int ask_chip(struct board *b)
{
    char who[64];
    int rc = esp_chip_ask(b->session->loader, &b->chip);

    b->identified = false;
    if (rc < 0)
        return board_lost_while(b, rc, FAIL_IDENTIFY, FAIL_CHIP_REFUSED, "asking which chip it is");
    if (!esp_chip_is_known(&b->chip))
        return failure_set(&b->failure, FAIL_WRONG_CHIP, STAGE_GATE, 0, "%s", esp_chip_words(&b->chip, who));
    if (b->chip.secure_download)
        return failure_set(&b->failure, FAIL_SECURE_DOWNLOAD, STAGE_GATE, 0,
                           "%s tells neither its MAC nor a digest of its flash (security flags 0x%x)",
                           b->chip.id, b->chip.security.flags);
    return 0;
}

/* The chip after a reset: in the ROM again, at its first rate. */
static int reach_rom(struct board *b)
{
    if (session_connect(b->session, RECONNECT_ROUNDS, &b->failure) < 0)
        return -1;
    return b->has_unit ? board_is_same(b) : ask_chip(b);
}

/* Before the stub is loaded: its 7 KB would take longer than all of this at 115200. */
int board_raise_baud(struct board *b)
{
    struct failure first;

    if (choose_rate(b) < 0)
        return -1;
    while (change_rate(b) < 0) {
        if (b->failure.code != FAIL_BAUD_CHANGE || !session_can_reset(b->session) || !board_lower_baud(b))
            return -1;
        first = b->failure;
        b->result->retries++;
        board_note(b, "again at %u baud: %s", b->baud, b->failure.detail);
        if (reach_rom(b) < 0)
            return give_up(b, &first);
    }
    return 0;
}

/* Its name first, at the rate that every ROM is asked at; the rest at the work's, which is a quarter of the time. */
int board_identify(struct board *b)
{
    board_stage(b, STAGE_IDENTIFY);
    if (b->has_unit)
        return board_is_same(b);
    if (ask_chip(b) < 0)
        return -1;
    /* A board that cannot be reset has no second go: whoever it is shall be known before its rate is changed. */
    if (session_can_reset(b->session) && board_raise_baud(b) < 0)
        return -1;
    int rc = esp_chip_read(b->session->loader, &b->chip);
    if (rc < 0)
        return board_lost_while(b, rc, FAIL_IDENTIFY, FAIL_CHIP_REFUSED, "reading which chip it is");
    b->identified = read_flash_id(b) == 0;
    return b->identified ? 0 : -1;
}

/* The chip after a reset: in the ROM again, at the work's rate. */
static int back_to_rom(struct board *b)
{
    return reach_rom(b) < 0 ? -1 : board_raise_baud(b);
}

/* The one for this chip and revision among those there are; one that does not say for which is for all. NULL: none. */
static const struct stub *own_stub(const struct board *b)
{
    const char *name = esp_target_stub(b->chip.target, b->chip.unit.revision);

    for (const struct stub *s = b->stub; s != NULL && name != NULL; s = s->next)
        if (s->chip[0] == '\0' || strcmp(s->chip, name) == 0)
            return s;
    return NULL;
}

/* Why this board is written without. */
static const char *no_stub_note(const struct board *b)
{
    if (b->job->stub == STUB_NO)
        return "the job says so";
    if (b->chip.target->stubs[0].name == NULL)
        return "there is no stub for this chip";
    if (esp_target_stub(b->chip.target, b->chip.unit.revision) == NULL)
        return "there is no stub for this revision of the chip";
    return b->stub_note != NULL && *b->stub_note != '\0' ? b->stub_note : "no stub";
}

static void use_rom(struct board *b, const char *why)
{
    b->rom_only = true;
    snprintf(b->result->stub_note, sizeof b->result->stub_note, "%s", why);
    board_note(b, "writing with the ROM loader: %s", why);
}

/* Loads our stub into a chip that is in its ROM loader, at the work's rate. 0 or a loader's errno. */
static int run_own_stub(struct board *b)
{
    struct esp_loader *l = b->session->loader;
    const struct stub *stub = own_stub(b);
    int rc = stub == NULL ? -ENOENT : stub_run(stub, l);

    if (rc == 0)
        rc = esp_loader_spi_set_size(l, b->chip.unit.flash_size);
    b->own_stub = rc == 0;
    b->stale_stream &= rc != 0;
    if (rc < 0)
        return rc;
    b->result->has_stub_sha256 = true;
    memcpy(b->result->stub_sha256, stub->sha256, SHA256_SIZE);
    b->resends_on_checksum = stub_resends_on_checksum(stub);
    return 0;
}

/* The ROM again after a stub did not start: the chip is reset, or where that is not wired asked where it stands. */
static int rom_after_stub(struct board *b, const char *what)
{
    struct session *s = b->session;
    char why[96];

    snprintf(why, sizeof why, "%s: %.50s", what, b->failure.detail);
    if (session_can_reset(s)) {
        use_rom(b, why);
        return back_to_rom(b);
    }
    int rc = esp_loader_resync(s->loader);
    s->answers = rc == 0;
    if (rc < 0)
        return failure_while(&b->failure, "starting the stub"); /* what it failed with says more */
    if (!esp_loader_is_stub(s->loader))
        use_rom(b, why);
    return board_is_same(b);
}

/* The ROM says that what it was sent of the stub was damaged: a slower line, not the chip's own loader, is the cure. */
static bool line_spoils_stub(const struct board *b, int rc)
{
    return rc == -EREMOTEIO && esp_loader_checksum_refused(b->session->loader) &&
           session_can_reset(b->session);
}

/* Loads it, at a lower rate if need be. 0, or a loader's errno; *lost: b->failure says how the board was lost over it. */
static int load_stub(struct board *b, bool *lost)
{
    int rc = run_own_stub(b);

    *lost = false;
    while (rc < 0 && !*lost && line_spoils_stub(b, rc) && board_lower_baud(b)) {
        b->result->retries++;
        board_note(b, "again at %u baud: the helper program was damaged on its way", b->baud);
        *lost = back_to_rom(b) < 0;
        rc = *lost ? rc : run_own_stub(b);
    }
    return rc;
}

int board_start_stub(struct board *b)
{
    struct esp_loader *l = b->session->loader;

    board_stage(b, STAGE_STUB);
    if (esp_loader_is_stub(l)) /* left running by an earlier session on a board without reset wiring */
        return 0;
    if (b->rom_only)
        return 0;
    if (b->job->stub == STUB_NO || own_stub(b) == NULL) {
        use_rom(b, no_stub_note(b));
        return 0;
    }
    bool lost;
    int rc = load_stub(b, &lost);
    if (rc == 0)
        return 0;
    if (lost)
        return failure_while(&b->failure, "starting the stub");
    board_lost(b, rc, FAIL_STUB, FAIL_STUB);
    return b->failure.code == FAIL_STUB ? rom_after_stub(b, "the stub did not start on this board")
                                        : failure_while(&b->failure, "starting the stub");
}

static void count_restart(struct board *b)
{
    b->result->chip_resets++;
    board_note(b, "the chip restarted by itself");
}

/*
 * After an answer was lost: did the chip start anew? Its boot sector is blank by now, so that it prints its boot text
 * again and again, at its own rate; our own reset comes only after this.
 */
static void listen_for_restart(struct board *b)
{
    struct session *s = b->session;
    struct boot_log *log = esp_loader_log(s->loader);

    boot_log_clear(log);
    if (transport_set_baud(s->port, ESP_SYNC_BAUD) == 0 &&
        esp_loader_listen(s->loader, clock_after(b->clock, RESTART_LISTEN_US)) == 0 &&
        boot_log_has_banner(log))
        count_restart(b);
}

/*
 * Where only the operator can reset, a chip that restarted is in its ROM loader if its jumper is still in place: it takes
 * the stub again, and only if it does not, the ROM writes the rest.
 */
static int reconnect_by_hand(struct board *b, bool was_stub)
{
    struct session *s = b->session;
    int rc = esp_loader_resync(s->loader);

    s->answers = rc == 0;
    if (rc < 0)
        return board_lost_while(b, rc, FAIL_WRITE_LOST, FAIL_WRITE_LOST, "looking where its loader stands");
    bool restarted = was_stub && !esp_loader_is_stub(s->loader);
    if (restarted)
        count_restart(b);
    if (board_is_same(b) < 0)
        return -1;
    if (restarted && (own_stub(b) == NULL || b->job->stub == STUB_NO))
        use_rom(b, "the chip restarted and lost the stub that was found on it");
    if (!restarted || b->rom_only)
        return 0;
    rc = run_own_stub(b);
    if (rc == 0)
        return 0;
    board_lost(b, rc, FAIL_STUB, FAIL_STUB);
    return b->failure.code == FAIL_STUB ? rom_after_stub(b, "the chip restarted and took no stub again")
                                        : failure_while(&b->failure, "starting the stub again");
}

/* All of it again, after the loader was lost in mid-work. */
static int reconnect(struct board *b)
{
    struct session *s = b->session;
    bool was_stub = esp_loader_is_stub(s->loader);

    if (!session_can_reset(s))
        return reconnect_by_hand(b, was_stub);
    listen_for_restart(b);
    if (back_to_rom(b) < 0)
        return -1;
    if (!was_stub || b->rom_only)
        return 0;
    int rc = run_own_stub(b);
    return rc < 0 ? board_lost_while(b, rc, FAIL_STUB, FAIL_STUB, "loading the stub once more") : 0;
}

bool board_flash_refused(const struct board *b, int rc)
{
    return rc == -EREMOTEIO && esp_loader_flash_refused(b->session->loader);
}

/*
 * A BEGIN or an erase carries no checksum, so a bit turned on the way can make the flash's refusal of it, or of the data
 * that go to the place it then named: what is refused once may be the line's fault, what is refused again, sent anew, is
 * not.
 */
static bool may_be_misheard(struct board *b)
{
    bool first = !b->refused_before;

    b->refused_before = true;
    return first;
}

static bool line_failed(struct board *b, int rc)
{
    if (rc == -ETIMEDOUT || rc == -EBADMSG)
        return true;
    return rc == -EREMOTEIO && (!board_flash_refused(b, rc) || may_be_misheard(b));
}

/* Once a few things in a row were lost with hardly anything between them, the next connection is slower. */
static void ease_line(struct board *b)
{
    uint64_t sent = transport_sent(b->session->port);
    bool soon = b->lost_at != 0 && sent - b->lost_at < LOST_SOON_BYTES;

    b->lost_at = sent;
    b->lost_soon = soon ? b->lost_soon + 1 : 0;
    if (b->lost_soon < LOST_SOON_ENOUGH || !session_can_reset(b->session))
        return;
    b->lost_soon = 0;
    lower(b);
}

int board_recover(struct board *b, const char *name, int rc)
{
    if (!line_failed(b, rc) || b->restarts >= RESTARTS_A_TRY)
        return -1;
    struct failure first = b->failure;
    count_retry(b, name);
    ease_line(b);
    return reconnect(b) < 0 ? give_up(b, &first) : 0;
}

/* EN is held low as long as it took to bring this board into its loader. */
static int run_program(const struct session *s)
{
    const struct connect_config *c = &s->connect;

    return reset_to_program(s->port, s->env.clock, s->env.cancel, reset_en_low_us(c->reset, c->round));
}

int board_let_go(struct board *b)
{
    struct session *s = b->session;

    board_stage(b, STAGE_RESET);
    s->answers = false;
    if (!session_can_reset(s))
        return 0;
    int rc = run_program(s);
    if (rc == 0)
        return 0;
    if (rc == -ECANCELED || rc == -ENODEV)
        transport_failure(&b->failure, STAGE_RESET, rc, "reset");
    else
        failure_set(&b->failure, FAIL_RESET, STAGE_RESET, -rc, "%s", errno_text(-rc));
    return failure_while(&b->failure, "letting the board run its program");
}

void board_leave(struct board *b)
{
    struct session *s = b->session;

    if (b->failure.code == FAILURE_NONE || s->port == NULL || !session_can_reset(s) || session_is_empty(s))
        return;
    s->answers = false;
    /* Untouched boards run what they had. The others, and every aborted one, are held: nothing runs half written. */
    if (b->failure.code == FAIL_ABORTED || b->touched)
        reset_hold(s->port);
    else
        run_program(s);
}

int board_finish(struct board *b, int rc, struct failure *f)
{
    if (rc == 0)
        rc = board_let_go(b);
    else
        board_leave(b);
    if (rc < 0)
        *f = b->failure;
    return rc;
}
