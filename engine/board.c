/* SPDX-License-Identifier: Apache-2.0 */
/* What all stages share of one board on one port: what is told of it, how it is reached, and reached again. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/attempt_private.h"
#include "engine/esp_flash.h"

#define RECONNECT_ROUNDS 3
#define LATE_UDEV_US     2000000
#define UDEV_LOOK_US     200000
#define BAUD_SYNCS       3
#define BAUD_SYNC_US     100000
#define RESTARTS_A_TRY   8
/* The ROM's watchdog starts a chip without a bootloader anew every 300 ms or so. */
#define RESTART_LISTEN_US 400000

void attempt_publish(struct attempt *a, const char *note, bool saving)
{
    int64_t now = clock_now_us(a->clock);
    struct attempt_view v = {
        .stage = a->stage,
        .done = a->done,
        .total = a->total,
        .left_us = -1,
        .retries = a->result->retries,
        .has_unit = a->identified,
        .unit = &a->chip.unit,
        .note = note,
        .saving = saving,
    };

    if (a->config->publish == NULL)
        return;
    if (a->stage == STAGE_WRITE && a->done > 0 && a->total > 0)
        v.left_us =
            (int64_t)((double)(now - a->stage_began_us) * (double)(a->total - a->done) / (double)a->done);
    a->config->publish(a->config->publish_ctx, &v);
}

/* Far above what a slow but living board needs, starts over included; each command has its own, much shorter limit. */
static int64_t stage_limit(const struct attempt *a, enum stage stage)
{
    const int64_t second = 1000000, us_per_byte = 120; /* three times the slowest erase of a data sheet */
    uint32_t bytes = a->identified ? a->chip.unit.flash_size : 0;

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

void attempt_stage(struct attempt *a, enum stage stage)
{
    int64_t now = clock_now_us(a->clock);

    if (a->session->loader != NULL)
        esp_loader_set_limit(a->session->loader, clock_after(a->clock, stage_limit(a, stage)));

    a->result->stage_us[a->stage] += now - a->stage_began_us;
    a->stage_began_us = now;
    a->stage = stage;
    a->done = a->total = 0;
    attempt_publish(a, "", false);
}

void attempt_progress(struct attempt *a, uint64_t done, uint64_t total)
{
    a->done = done;
    a->total = total;
    attempt_publish(a, "", false);
}

void attempt_note(struct attempt *a, const char *text, ...)
{
    char line[128];
    va_list args;

    va_start(args, text);
    vsnprintf(line, sizeof line, text, args);
    va_end(args);
    attempt_publish(a, line, false);
}

/* Counts and tells a start over, so that a PASS after it shows as one. */
static void attempt_count_retry(struct attempt *a, const char *what)
{
    a->restarts++;
    a->result->retries++;
    attempt_note(a, "%.40s starts over: %.70s", what, a->failure.detail);
}

int attempt_lost(struct attempt *a, int rc, enum failure_code lost, enum failure_code refused)
{
    return esp_loader_failure(a->session->loader, &a->failure, a->stage, rc, lost, refused);
}

/* A device file that has just appeared gets its permissions from udev a moment later. */
int attempt_open(struct attempt *a)
{
    int64_t until = clock_after(a->clock, LATE_UDEV_US);

    attempt_stage(a, STAGE_OPEN);
    while (session_open(a->session, &a->failure) < 0) {
        if (a->failure.code != FAIL_PORT_PERMISSION || clock_now_us(a->clock) >= until)
            return -1;
        if (clock_wait_until(a->clock, clock_after(a->clock, UDEV_LOOK_US), a->session->env.cancel) < 0)
            return transport_failure(&a->failure, STAGE_OPEN, -ECANCELED, "");
    }
    return 0;
}

int attempt_connect(struct attempt *a)
{
    attempt_stage(a, STAGE_CONNECT);
    /* Whoever waited for the board may have its answer already: with no reset wired there is no second one. */
    if (a->session->answers)
        return 0;
    return session_connect(a->session, CONNECT_ROUNDS, &a->failure);
}

static int read_flash_id(struct attempt *a)
{
    struct esp_loader *l = a->session->loader;
    struct unit_identity *u = &a->chip.unit;
    int rc = esp_loader_is_stub(l) ? 0 : esp_loader_spi_attach(l, a->chip.spi_pads);

    uint32_t again = 0;
    if (rc == 0)
        rc = esp_flash_read_id(l, &u->flash_id);
    if (rc == 0)
        rc = esp_flash_read_id(l, &again);
    if (rc == 0 && again != u->flash_id)
        rc = -EBADMSG;
    if (rc < 0)
        return attempt_lost(a, rc, FAIL_IDENTIFY, FAIL_CHIP_REFUSED);
    u->flash_size = esp_flash_size(u->flash_id);
    if (u->flash_size == 0)
        return failure_set(&a->failure, FAIL_FLASH_ID, STAGE_IDENTIFY, 0, "flash id %02x %02x %02x",
                           u->flash_id & 0xFF, u->flash_id >> 8 & 0xFF, u->flash_id >> 16 & 0xFF);
    /* The ROM takes every flash for 2 MB and would refuse what lies above. */
    rc = esp_loader_spi_set_size(l, u->flash_size);
    return rc < 0 ? attempt_lost(a, rc, FAIL_IDENTIFY, FAIL_CHIP_REFUSED) : 0;
}

int attempt_identify(struct attempt *a)
{
    attempt_stage(a, STAGE_IDENTIFY);
    if (a->has_unit)
        return attempt_same_board(a);
    int rc = esp_chip_identify(a->session->loader, &a->chip);
    if (rc < 0)
        return attempt_lost(a, rc, FAIL_IDENTIFY, FAIL_CHIP_REFUSED);
    if (a->chip.magic != ESP32_MAGIC)
        return failure_set(&a->failure, FAIL_WRONG_CHIP, STAGE_GATE, 0, "%s (magic word %08x)",
                           a->chip.id[0] != '\0' ? a->chip.id : "a chip not in the table", a->chip.magic);
    a->identified = read_flash_id(a) == 0;
    return a->identified ? 0 : -1;
}

int attempt_same_board(struct attempt *a)
{
    struct esp_loader *l = a->session->loader;
    struct mac mac;
    char now[MAC_TEXT_SIZE], before[MAC_TEXT_SIZE];
    int rc = esp_chip_read_mac(l, &mac);

    if (rc == 0 && !mac_equal(&mac, &a->chip.unit.mac)) {
        mac_text(&mac, now);
        mac_text(&a->chip.unit.mac, before);
        return failure_set(&a->failure, FAIL_IDENTITY_CHANGED, a->stage, 0, "it was %s and is %s", before,
                           now);
    }
    if (rc == 0 && !esp_loader_is_stub(l))
        rc = esp_loader_spi_attach(l, a->chip.spi_pads);
    if (rc == 0)
        rc = esp_loader_spi_set_size(l, a->chip.unit.flash_size);
    return rc < 0 ? attempt_lost(a, rc, FAIL_IDENTIFY, FAIL_CHIP_REFUSED) : 0;
}

bool attempt_lower_baud(struct attempt *a)
{
    static const uint32_t rates[] = {921600, 460800, 230400, 115200};

    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        if (rates[i] < a->baud) {
            a->baud = rates[i];
            return true;
        }
    }
    return false;
}

static int confirm_baud(struct attempt *a)
{
    struct esp_loader *l = a->session->loader;
    int rc = -ETIMEDOUT;

    for (int i = 0; i < BAUD_SYNCS && rc == -ETIMEDOUT; i++)
        rc = esp_loader_sync(l, BAUD_SYNC_US);
    return rc;
}

/* Before the stub is loaded: its 7 KB would take longer than all of this at 115200. */
int attempt_raise_baud(struct attempt *a)
{
    struct esp_loader *l = a->session->loader;
    uint32_t told = a->baud;
    int rc = 0;

    if (a->baud <= ESP_SYNC_BAUD || transport_is_at_baud(a->session->port, a->baud))
        return 0;
    if (transport_check_baud(a->session->port, a->baud, STAGE_CONNECT, &a->failure) < 0)
        return -1;
    if (!esp_loader_is_stub(l))
        rc = esp_chip_rom_baud(l, &a->chip, a->baud, &told);
    if (rc == 0)
        rc = esp_loader_change_baud(l, told, a->baud);
    if (rc == 0)
        rc = confirm_baud(a);
    if (rc == 0)
        return 0;
    esp_loader_failure(l, &a->failure, STAGE_CONNECT, rc, FAIL_BAUD_CHANGE, FAIL_BAUD_CHANGE);
    if (a->failure.code == FAIL_BAUD_CHANGE)
        snprintf(a->failure.detail, sizeof a->failure.detail, "no answer at %u baud", a->baud);
    return -1;
}

/* The chip after a reset: in the ROM again, at the work's rate. */
static int back_to_rom(struct attempt *a)
{
    if (session_connect(a->session, RECONNECT_ROUNDS, &a->failure) < 0 || attempt_same_board(a) < 0)
        return -1;
    return attempt_raise_baud(a);
}

static void use_rom(struct attempt *a, const char *why)
{
    a->rom_only = true;
    snprintf(a->result->stub_note, sizeof a->result->stub_note, "%s", why);
    attempt_note(a, "writing with the ROM loader: %s", why);
}

/* Loads our stub into a chip that is in its ROM loader, at the work's rate. 0 or a loader's errno. */
static int run_own_stub(struct attempt *a)
{
    struct esp_loader *l = a->session->loader;
    int rc = stub_run(a->config->stub, l);

    if (rc == 0)
        rc = esp_loader_spi_set_size(l, a->chip.unit.flash_size);
    a->own_stub = rc == 0;
    a->stale_stream &= rc != 0;
    if (rc < 0)
        return rc;
    a->result->has_stub_sha256 = true;
    memcpy(a->result->stub_sha256, a->config->stub->sha256, SHA256_SIZE);
    return 0;
}

/* The ROM again after a stub did not start: the chip is reset, or where that is not wired asked where it stands. */
static int rom_after_stub(struct attempt *a, const char *what)
{
    struct session *s = a->session;
    char why[96];

    snprintf(why, sizeof why, "%s: %.50s", what, a->failure.detail);
    if (session_can_reset(s)) {
        use_rom(a, why);
        return back_to_rom(a);
    }
    int rc = esp_loader_resync(s->loader);
    s->answers = rc == 0;
    if (rc < 0)
        return -1; /* what the stub failed with says more */
    if (!esp_loader_is_stub(s->loader))
        use_rom(a, why);
    return attempt_same_board(a);
}

int attempt_start_stub(struct attempt *a)
{
    struct esp_loader *l = a->session->loader;

    attempt_stage(a, STAGE_STUB);
    if (esp_loader_is_stub(l)) /* left running by an earlier session on a board without reset wiring */
        return 0;
    if (a->rom_only)
        return 0;
    if (a->job->stub == STUB_NO || a->config->stub == NULL) {
        const char *note =
            a->config->stub_note != NULL && *a->config->stub_note != '\0' ? a->config->stub_note : "no stub";
        use_rom(a, a->job->stub == STUB_NO ? "the job says so" : note);
        return 0;
    }
    int rc = run_own_stub(a);
    if (rc == 0)
        return 0;
    attempt_lost(a, rc, FAIL_STUB, FAIL_STUB);
    return a->failure.code == FAIL_STUB ? rom_after_stub(a, "the stub did not start on this board") : -1;
}

static void count_restart(struct attempt *a)
{
    a->result->chip_resets++;
    attempt_note(a, "the chip restarted by itself");
}

/*
 * After an answer was lost: did the chip start anew? Its boot sector is blank by now, so that it prints its boot text
 * again and again, at its own rate; our own reset comes only after this.
 */
static void listen_for_restart(struct attempt *a)
{
    struct session *s = a->session;
    struct boot_log *log = esp_loader_log(s->loader);

    boot_log_clear(log);
    if (transport_set_baud(s->port, ESP_SYNC_BAUD) == 0 &&
        esp_loader_listen(s->loader, clock_after(a->clock, RESTART_LISTEN_US)) == 0 &&
        boot_log_has_banner(log))
        count_restart(a);
}

/*
 * Where only the operator can reset, a chip that restarted is in its ROM loader if its jumper is still in place: it takes
 * the stub again, and only if it does not, the ROM writes the rest.
 */
static int reconnect_by_hand(struct attempt *a, bool was_stub)
{
    struct session *s = a->session;
    int rc = esp_loader_resync(s->loader);

    s->answers = rc == 0;
    if (rc < 0)
        return attempt_lost(a, rc, FAIL_WRITE_LOST, FAIL_WRITE_LOST);
    bool restarted = was_stub && !esp_loader_is_stub(s->loader);
    if (restarted)
        count_restart(a);
    if (attempt_same_board(a) < 0)
        return -1;
    if (restarted && (a->config->stub == NULL || a->job->stub == STUB_NO))
        use_rom(a, "the chip restarted and lost the stub that was found on it");
    if (!restarted || a->rom_only)
        return 0;
    rc = run_own_stub(a);
    if (rc == 0)
        return 0;
    attempt_lost(a, rc, FAIL_STUB, FAIL_STUB);
    return a->failure.code == FAIL_STUB ? rom_after_stub(a, "the chip restarted and took no stub again") : -1;
}

/* All of it again, after the loader was lost in mid-work. */
static int attempt_reconnect(struct attempt *a)
{
    struct session *s = a->session;
    bool was_stub = esp_loader_is_stub(s->loader);

    if (!session_can_reset(s))
        return reconnect_by_hand(a, was_stub);
    listen_for_restart(a);
    if (back_to_rom(a) < 0)
        return -1;
    if (!was_stub || a->rom_only)
        return 0;
    int rc = run_own_stub(a);
    return rc < 0 ? attempt_lost(a, rc, FAIL_STUB, FAIL_STUB) : 0;
}

bool attempt_flash_refused(const struct attempt *a, int rc)
{
    uint8_t status = esp_loader_status(a->session->loader), error = esp_loader_error(a->session->loader);

    if (rc != -EREMOTEIO)
        return false;
    if (status == 0xC4 || status == 0xC5) /* stub: SPI operation, SPI unlock */
        return true;
    return status == 0x01 &&
           (error == 0x06 || error == 0x08 || error == 0x09); /* ROM: command, write verify, read */
}

/*
 * A BEGIN or an erase carries no checksum, so a bit turned on the way can make the flash's refusal of it, or of the data
 * that go to the place it then named: what is refused once may be the line's fault, what is refused again, sent anew, is
 * not.
 */
static bool may_be_misheard(struct attempt *a)
{
    bool first = !a->refused_before;

    a->refused_before = true;
    return first;
}

static bool line_failed(struct attempt *a, int rc)
{
    if (rc == -ETIMEDOUT || rc == -EBADMSG)
        return true;
    return rc == -EREMOTEIO && (!attempt_flash_refused(a, rc) || may_be_misheard(a));
}

/* A board that cannot be reached again after it was lost: what it was lost at says more than the silence after it. */
static int give_up(struct attempt *a, const struct failure *first)
{
    switch (a->failure.code) {
    case FAIL_ABORTED:
    case FAIL_IDENTITY_CHANGED:
    case FAIL_PORT_LOST:
    case FAIL_PORT_STALLED:
    case FAIL_PORT_SILENT:
    case FAIL_BROWNOUT:
        return -1;
    default:
        a->failure = *first;
        return -1;
    }
}

int attempt_recover(struct attempt *a, const char *name, int rc)
{
    if (!line_failed(a, rc) || a->restarts >= RESTARTS_A_TRY)
        return -1;
    struct failure first = a->failure;
    attempt_count_retry(a, name);
    return attempt_reconnect(a) < 0 ? give_up(a, &first) : 0;
}

int attempt_let_go(struct attempt *a)
{
    struct session *s = a->session;

    attempt_stage(a, STAGE_RESET);
    s->answers = false;
    if (!session_can_reset(s))
        return 0;
    int rc = reset_to_program(s->port, a->clock, s->env.cancel);
    if (rc == 0)
        return 0;
    if (rc == -ECANCELED || rc == -ENODEV)
        return transport_failure(&a->failure, STAGE_RESET, rc, "reset");
    return failure_set(&a->failure, FAIL_RESET, STAGE_RESET, -rc, "%s", strerror(-rc));
}

void attempt_leave(struct attempt *a)
{
    struct session *s = a->session;

    if (a->failure.code == FAILURE_NONE || s->port == NULL || !session_can_reset(s) || session_is_empty(s))
        return;
    s->answers = false;
    /* Untouched boards run what they had. The others, and every aborted one, are held: nothing runs half written. */
    if (a->failure.code == FAIL_ABORTED || a->touched)
        reset_hold(s->port);
    else
        reset_to_program(s->port, a->clock, s->env.cancel);
}
