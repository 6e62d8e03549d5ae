/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/dashboard_words.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "station/print/phrase.h"
#include "station/print/text.h"

static bool local_time(int64_t wall_ms, struct tm *out)
{
    time_t seconds = (time_t)(wall_ms / 1000);

    return localtime_r(&seconds, out) != NULL;
}

void words_clock(int64_t wall_ms, char *out, size_t size)
{
    struct tm t;

    if (!local_time(wall_ms, &t) || strftime(out, size, "%H:%M:%S", &t) == 0)
        out[0] = '\0';
}

void words_decimal(double value, char *out, size_t size)
{
    char figures[32];

    snprintf(figures, sizeof figures, "%.1f", value); /* LC_NUMERIC is "C" here */
    char *point = strchr(figures, '.');
    if (point != NULL)
        *point++ = '\0';
    /* TRANSLATORS: the decimal sign of 21.4 */
    snprintf(out, size, "%s%s%s", figures, _("."), point != NULL ? point : "");
}

void words_seconds(int64_t ms, char *out, size_t size)
{
    char figures[48];

    words_decimal((double)ms / 1000, figures, sizeof figures);
    snprintf(out, size, _("%s s"), figures);
}

const char *words_face(const struct canvas *c, const struct slot_status *s, int width)
{
    for (int level = 0;; level++) {
        const char *word = face_word(s, level);

        if (word == NULL)
            return "";
        if (draw_width(c, word) <= width)
            return word;
    }
}

static const char *face_name(const struct log_entry *e)
{
    struct slot_status s = {.state = SLOT_DONE, .retries = e->retries, .failure = e->failure};

    switch (e->face) {
    case FACE_PASS:
    case FACE_PASS_RETRY:
        s.result = RESULT_PASS;
        break;
    case FACE_FAIL:
        s.result = RESULT_FAIL;
        break;
    case FACE_HOLD:
        s.result = RESULT_HOLD;
        break;
    default:
        s.result = RESULT_ERROR;
        break;
    }
    return face_word(&s, 0);
}

static void result_words(const struct log_entry *e, char *out, size_t size)
{
    char mac[MAC_TEXT_SIZE] = "", seconds[WORDS_SIZE];

    if (e->has_mac)
        mac_text(&e->mac, mac);
    words_seconds(e->duration_ms, seconds, sizeof seconds);
    if (face_is_failed(e->face))
        snprintf(out, size, _("slot %d  %s  %d %s  %s"), e->slot, face_name(e), e->failure.code,
                 _(failure_title(e->failure.code)), mac);
    else if (e->retries > 0)
        snprintf(out, size, _("slot %d  %s  %s  %s, retries: %d"), e->slot, face_name(e), mac, seconds,
                 e->retries);
    else
        snprintf(out, size, _("slot %d  %s  %s  %s"), e->slot, face_name(e), mac, seconds);
}

void words_log(const struct log_entry *e, char *out, size_t size)
{
    char note[PHRASE_SIZE];

    if (e->kind == EVENT_RESULT) {
        result_words(e, out, size);
    } else if (e->kind == EVENT_STATE && e->act != ACT_NONE) {
        struct slot_status s = {.state = SLOT_ACT, .act = e->act, .failure = e->failure};
        char text[FACE_TEXT];

        snprintf(s.boot_pin, sizeof s.boot_pin, "%s", e->boot_pin);
        snprintf(out, size, _("slot %d  %s"), e->slot, face_instruction(&s, text));
    } else if (e->kind == EVENT_STATE) {
        snprintf(out, size, _("slot %d  board found, begins"), e->slot);
    } else if (e->slot > 0) {
        snprintf(out, size, _("slot %d  %s"), e->slot, phrase_words(e->note, note));
    } else {
        snprintf(out, size, "%s", phrase_words(e->note, note));
    }
}

void words_log_brief(const struct log_entry *e, char *out, size_t size)
{
    char mac[MAC_TEXT_SIZE] = "";

    if (e->has_mac)
        mac_text(&e->mac, mac);
    if (e->kind == EVENT_RESULT && face_is_failed(e->face)) {
        snprintf(out, size, _("slot %d  %s  %d  %s"), e->slot, face_name(e), e->failure.code, mac);
    } else if (e->kind == EVENT_STATE && e->act != ACT_NONE) {
        struct slot_status s = {.state = SLOT_ACT, .act = e->act, .failure = e->failure};

        snprintf(out, size, _("slot %d  %s"), e->slot, face_word(&s, 0));
    } else {
        words_log(e, out, size);
    }
}

const char *words_blame(enum blame b)
{
    static const char *const names[] = {
        [BLAME_NONE] = "",
        [BLAME_BOARD] = N_("the board"),
        [BLAME_FIXTURE] = N_("the fixture"),
        [BLAME_STATION] = N_("the station"),
        [BLAME_PROFILE] = N_("the job or its firmware"),
        [BLAME_OPERATOR] = N_("handling"),
    };

    return (size_t)b < sizeof names / sizeof names[0] && names[b][0] ? _(names[b]) : "";
}

const char *words_role(const char *role)
{
    if (strcmp(role, "operator") == 0)
        return _("operator");
    if (strcmp(role, "engineer") == 0)
        return _("engineer");
    return role;
}

void words_hex(const uint8_t *bytes, size_t length, size_t max, char *out, size_t size)
{
    size_t from = length > max ? length - max : 0, n = 0;

    out[0] = '\0';
    for (size_t i = from; i < length && n + 4 < size; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%02x", i > from ? " " : "", bytes[i]);
}
