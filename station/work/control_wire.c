/* SPDX-License-Identifier: Apache-2.0 */
#include "station/work/control_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/digest.h"
#include "station/config/paths.h"
#include "station/print/json.h"
#include "station/work/control_client.h"

#define FAILURE_CODE_MAX 999  /* base/failure_codes.h */
#define ERRNO_MAX        4095 /* the kernel's own bound */

static char *pack(json_t *o)
{
    char *text = o == NULL ? NULL : json_dumps(o, JSON_COMPACT);
    char *line = NULL;

    json_decref(o);
    if (text != NULL && asprintf(&line, "%s\n", text) < 0)
        line = NULL;
    free(text);
    return line;
}

/* For people: what is no UTF-8 is shown as such. */
static void put(json_t *o, const char *key, const char *text)
{
    if (text != NULL)
        json_put_text(o, key, text);
}

/*
 * For the records: as it was said or not at all. JSON has no bytes that are no text; repaired, another name, serial number or
 * PIN would arrive. Then *o is NULL and stays it.
 */
static void say(json_t **o, const char *key, const char *text)
{
    if (*o == NULL || text == NULL || json_object_set_new(*o, key, json_string(text)) == 0)
        return;
    json_decref(*o);
    *o = NULL;
}

char *control_pack_call(const struct work_call *c)
{
    json_t *o = json_object();

    json_put_int(o, "v", 1);
    say(&o, "action", work_action_name(c->action));
    say(&o, "actor", c->actor);
    say(&o, "pin", c->pin);
    say(&o, "object", c->object);
    json_put_int(o, "number", c->number);
    say(&o, "text", c->text);
    say(&o, "badge", c->badge);
    say(&o, "new_pin", c->new_pin);
    say(&o, "reason", c->reason);
    say(&o, "old", c->old);
    say(&o, "job", c->job);
    say(&o, "job_sha256", c->job_sha256);
    return pack(o);
}

char *control_pack_answer(int rc, const struct work_receipt *receipt, const struct failure *f)
{
    json_t *o = json_object();

    json_put_int(o, "v", 1);
    json_put_bool(o, "ok", rc == 0);
    if (rc == 0) {
        put(o, "who", receipt->who);
        if (receipt->pin_short)
            json_put_bool(o, "pin_short", true);
    } else {
        json_put_int(o, "code", f->code);
        json_put_int(o, "sys", f->sys);
        put(o, "detail", f->detail);
    }
    return pack(o);
}

static const char *text_of(json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

/* A text or nothing. */
static bool is_text(json_t *o, const char *key)
{
    json_t *value = json_object_get(o, key);

    return value == NULL || json_is_string(value);
}

/* A whole number within [min, max]; absent: 0. jansson's are 64 bits wide, what takes them is not always. */
static bool whole_of(json_t *o, const char *key, json_int_t min, json_int_t max, json_int_t *out)
{
    json_t *value = json_object_get(o, key);

    *out = json_integer_value(value);
    return value == NULL || (json_is_integer(value) && *out >= min && *out <= max);
}

static bool is_call(json_t *o, json_int_t *number)
{
    static const char *const texts[] = {"actor",   "pin",    "object", "text", "badge",
                                        "new_pin", "reason", "old",    "job",  "job_sha256"};
    json_int_t version;

    if (!json_is_object(o) || !whole_of(o, "v", 1, 1, &version) || version != 1 ||
        !whole_of(o, "number", -CONTROL_NUMBER_MAX, CONTROL_NUMBER_MAX, number))
        return false;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!is_text(o, texts[i]))
            return false;
    return true;
}

json_t *control_unpack_call(const char *line, struct work_call *c)
{
    json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    const char *action = text_of(o, "action");
    json_int_t number;

    memset(c, 0, sizeof *c);
    c->action = action == NULL ? WORK_ACTION_COUNT : work_action_parse(action);
    if (!is_call(o, &number) || c->action == WORK_ACTION_COUNT) {
        json_decref(o);
        return NULL;
    }
    c->door = DOOR_SOCKET;
    c->actor = text_of(o, "actor");
    c->pin = text_of(o, "pin");
    c->object = text_of(o, "object");
    c->number = number;
    c->text = text_of(o, "text");
    c->badge = text_of(o, "badge");
    c->new_pin = text_of(o, "new_pin");
    c->reason = text_of(o, "reason");
    c->old = text_of(o, "old");
    c->job = text_of(o, "job");
    c->job_sha256 = text_of(o, "job_sha256");
    return o;
}

#define SERIAL_ACTION "serial"
#define BACK_ACTION   "serial.back"

char *control_pack_serial(const struct control_serial *s)
{
    json_t *o = json_object();

    json_put_int(o, "v", 1);
    say(&o, "action", s->code != NULL ? SERIAL_ACTION : BACK_ACTION);
    json_put_int(o, "number", s->slot);
    say(&o, "text", s->code);
    return pack(o);
}

json_t *control_unpack_serial(const char *line, struct control_serial *s)
{
    json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    const char *action = text_of(o, "action");
    json_int_t number = 0;
    bool scan = action != NULL && strcmp(action, SERIAL_ACTION) == 0;
    bool back = action != NULL && strcmp(action, BACK_ACTION) == 0;

    s->code = text_of(o, "text");
    if ((scan || back) && is_call(o, &number) && number >= 1 && number <= INT_MAX &&
        (s->code != NULL) == scan) {
        s->slot = (int)number;
        return o;
    }
    json_decref(o);
    return NULL;
}

#define DUTY_ACTION "duty"

char *control_pack_duty(const struct control_duty *d)
{
    json_t *o = json_object();

    json_put_int(o, "v", 1);
    put(o, "action", DUTY_ACTION);
    put(o, "operator", d->operator_id);
    put(o, "badge", d->badge);
    put(o, "lot", d->lot);
    put(o, "job", d->job);
    put(o, "pin", d->pin);
    put(o, "reason", d->reason);
    if (d->log_out)
        json_put_bool(o, "log_out", true);
    return pack(o);
}

static bool is_duty(json_t *o, const struct control_duty *d)
{
    static const char *const texts[] = {"operator", "badge", "lot", "job", "pin", "reason"};
    json_t *log_out = json_object_get(o, "log_out");
    json_int_t number;
    bool good = is_call(o, &number) && (log_out == NULL || json_is_boolean(log_out)) &&
                (d->operator_id != NULL) + (d->badge != NULL) + d->log_out <= 1;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        good = good && is_text(o, texts[i]);
    return good;
}

json_t *control_unpack_duty(const char *line, struct control_duty *d)
{
    json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    const char *action = text_of(o, "action");

    *d = (struct control_duty){.operator_id = text_of(o, "operator"),
                               .badge = text_of(o, "badge"),
                               .lot = text_of(o, "lot"),
                               .job = text_of(o, "job"),
                               .pin = text_of(o, "pin"),
                               .reason = text_of(o, "reason"),
                               .log_out = json_is_true(json_object_get(o, "log_out"))};
    if (action != NULL && strcmp(action, DUTY_ACTION) == 0 && is_duty(o, d))
        return o;
    json_decref(o);
    return NULL;
}

char *control_pack_duty_now(const struct control_duty_now *now, const struct work_receipt *receipt)
{
    json_t *o = json_object();

    json_put_int(o, "v", 1);
    json_put_bool(o, "ok", true);
    put(o, "who", receipt->who);
    if (receipt->pin_short)
        json_put_bool(o, "pin_short", true);
    put(o, "operator", now->operator_id);
    put(o, "lot", now->lot);
    put(o, "job", now->job);
    put(o, "job_sha256", now->job_sha256);
    put(o, "next_job", now->next_job);
    put(o, "next_lot", now->next_lot);
    if (now->lot_opened)
        json_put_bool(o, "lot_opened", true);
    return pack(o);
}

bool control_unpack_duty_now(const char *line, struct control_duty_now *now)
{
    const struct {
        const char *key;
        char *into;
        size_t size;
    } texts[] = {{"operator", now->operator_id, sizeof now->operator_id},
                 {"lot", now->lot, sizeof now->lot},
                 {"job", now->job, sizeof now->job},
                 {"job_sha256", now->job_sha256, sizeof now->job_sha256},
                 {"next_job", now->next_job, sizeof now->next_job},
                 {"next_lot", now->next_lot, sizeof now->next_lot}};
    json_t *o = json_loads(line, 0, NULL);
    bool whole = true;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *text = text_of(o, texts[i].key);
        whole =
            whole && text != NULL && snprintf(texts[i].into, texts[i].size, "%s", text) < (int)texts[i].size;
    }
    now->lot_opened = json_is_true(json_object_get(o, "lot_opened"));
    json_decref(o);
    return whole;
}

int control_unpack_answer(const char *line, struct work_receipt *receipt, struct failure *f)
{
    json_t *o = json_loads(line, 0, NULL);
    json_int_t code, sys;
    int rc = -1;

    if (!json_is_boolean(json_object_get(o, "ok")) || !whole_of(o, "code", 0, FAILURE_CODE_MAX, &code) ||
        !whole_of(o, "sys", 0, ERRNO_MAX, &sys)) {
        failure_set(f, FAIL_WORK, STAGE_NONE, EPROTO,
                    "the running station gave no answer that is understood");
    } else if (json_is_true(json_object_get(o, "ok"))) {
        rc = 0;
        if (receipt != NULL) {
            snprintf(receipt->who, sizeof receipt->who, "%s",
                     text_of(o, "who") != NULL ? text_of(o, "who") : "");
            receipt->pin_short = json_is_true(json_object_get(o, "pin_short"));
        }
    } else {
        const char *detail = text_of(o, "detail");
        failure_set(f, (enum failure_code)code, STAGE_NONE, (int)sys, "%s", detail != NULL ? detail : "");
    }
    json_decref(o);
    return rc;
}

int control_address(const char *db_path, struct sockaddr_un *out, char *real)
{
    char folder[PATH_TEXT], name[PATH_TEXT], hash[SHA256_TEXT_SIZE];
    uint8_t sha256[SHA256_SIZE];

    snprintf(folder, sizeof folder, "%s", db_path);
    snprintf(name, sizeof name, "%s", db_path);
    const char *dir = dirname(folder), *base = basename(name);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    memset(out, 0, sizeof *out);
    out->sun_family = AF_UNIX;
    if (strlen(base) <= 64) {
        snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/%.64s.sock", fd, base);
    } else {
        digest_sha256(base, strlen(base), sha256);
        digest_hex(sha256, SHA256_SIZE, hash);
        snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/flashline-%.16s.sock", fd, hash);
    }
    if (real != NULL)
        snprintf(real, PATH_TEXT, "%.3900s/%.100s", dir, strrchr(out->sun_path, '/') + 1);
    return fd;
}

int control_read_line(int fd, char *line, size_t size)
{
    int64_t deadline = control_now_ms() + CONTROL_TALK_MS;
    size_t len = 0;

    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int64_t left = deadline - control_now_ms();
        if (left <= 0 || poll(&p, 1, (int)left) == 0)
            return -ETIMEDOUT;
        ssize_t n = recv(fd, line + len, size - 1 - len, 0);
        if (n == 0)
            return -EPIPE;
        if (n < 0 && errno != EINTR)
            return -errno;
        len += n > 0 ? (size_t)n : 0;
        line[len] = '\0';
        if (strchr(line, '\n') != NULL)
            return 0;
        if (len == size - 1)
            return -EMSGSIZE;
    }
}

int control_write(int fd, const char *line)
{
    size_t len = strlen(line);

    for (size_t at = 0; at < len;) {
        ssize_t n = send(fd, line + at, len - at, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return -errno;
        at += n > 0 ? (size_t)n : 0;
    }
    return 0;
}
