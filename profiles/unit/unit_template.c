/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/unit/unit_template.h"

#include <stdio.h>
#include <string.h>

#define WORD_SIZE 80

/* What stands next in a text: some bytes as they are, or a word in braces. */
struct token {
    bool is_word;
    const char *at; /* of the bytes, or behind the opening brace */
    size_t len;
    const char *next;
};

enum form { FORM_SOURCE, FORM_MAC, FORM_MAC_HEX };

struct word {
    enum form form;
    enum unit_source source;
    char pool[UNIT_POOL_SIZE];
};

/* False: the end. A brace that is not closed is a word to the end, which no word is. */
static bool next_token(const char *text, struct token *t)
{
    size_t plain = strcspn(text, "{}");

    if (text[0] == '\0')
        return false;
    *t = (struct token){.at = text, .len = plain, .next = text + plain};
    if (plain > 0)
        return true;
    if (text[0] == text[1]) {
        *t = (struct token){.at = text, .len = 1, .next = text + 2};
        return true;
    }
    t->is_word = true;
    t->at = text + 1;
    t->len = strcspn(text + 1, "}");
    t->next = t->at + t->len + (t->at[t->len] == '}');
    return true;
}

static bool is_closed(const struct token *t)
{
    return t->at[-1] == '{' && t->at[t->len] == '}';
}

static bool read_word(const struct token *t, struct word *out)
{
    static const struct {
        const char *name;
        struct word word;
    } words[] = {
        {"mac", {.form = FORM_MAC}},
        {"mac:hex", {.form = FORM_MAC_HEX}},
        {"serial", {.source = UNIT_SERIAL}},
        {"lot", {.source = UNIT_LOT}},
    };

    if (!is_closed(t))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i].name) == t->len && strncmp(words[i].name, t->at, t->len) == 0) {
            *out = words[i].word;
            return true;
        }
    }
    *out = (struct word){.source = UNIT_POOL};
    if (t->len <= 5 || t->len - 5 >= sizeof out->pool || strncmp(t->at, "pool:", 5) != 0)
        return false;
    memcpy(out->pool, t->at + 5, t->len - 5);
    return true;
}

const char *unit_template_trouble(const char *text, char *why, size_t size)
{
    struct token t = {.next = text};
    struct word w;

    while (next_token(t.next, &t)) {
        if (!t.is_word || read_word(&t, &w))
            continue;
        if (!is_closed(&t))
            snprintf(why, size, "has a brace without its other; a brace itself is written {{ or }}");
        else
            snprintf(why, size, "'{%.*s}' is no word; there are " UNIT_WORDS,
                     (int)(t.len < WORD_SIZE ? t.len : WORD_SIZE), t.at);
        return why;
    }
    return NULL;
}

bool unit_template_has_words(const char *text)
{
    struct token t = {.next = text};

    while (next_token(t.next, &t))
        if (t.is_word)
            return true;
    return false;
}

bool unit_template_uses(const char *text, enum unit_source source)
{
    struct token t = {.next = text};
    struct word w;

    while (next_token(t.next, &t))
        if (t.is_word && read_word(&t, &w) && w.form == FORM_SOURCE && w.source == source)
            return true;
    return false;
}

bool unit_template_pool(const char *text, size_t n, char out[static UNIT_POOL_SIZE])
{
    struct token t = {.next = text};
    struct word w;

    while (next_token(t.next, &t)) {
        if (!t.is_word || !read_word(&t, &w) || w.form != FORM_SOURCE || w.source != UNIT_POOL || n-- > 0)
            continue;
        memcpy(out, w.pool, UNIT_POOL_SIZE);
        return true;
    }
    return false;
}

static void mac_hex(const struct mac *m, char *out)
{
    for (int i = 0; i < 6; i++)
        snprintf(out + 2 * i, 3, "%02x", m->bytes[i]);
}

static int fill_word(const struct word *w, const struct unit_filler *filler, char *out, size_t size,
                     struct failure *f)
{
    char mac[MAC_TEXT_SIZE];

    if (w->form == FORM_SOURCE)
        return filler->value(filler->ctx, w->source, w->pool, out, size, f);
    mac_text(filler->mac, mac);
    if (w->form == FORM_MAC_HEX)
        mac_hex(filler->mac, mac);
    if (strlen(mac) >= size)
        return failure_set(f, FAIL_JOB, STAGE_GATE, 0, "longer than %d bytes", UNIT_VALUE_SIZE - 1);
    memcpy(out, mac, strlen(mac) + 1);
    return 0;
}

int unit_template_fill(const char *text, const struct unit_filler *filler, char out[static UNIT_VALUE_SIZE],
                       struct failure *f)
{
    struct token t = {.next = text};
    size_t used = 0;
    struct word w;

    out[0] = '\0';
    while (next_token(t.next, &t)) {
        if (!t.is_word && t.len >= UNIT_VALUE_SIZE - used)
            return failure_set(f, FAIL_JOB, STAGE_GATE, 0, "longer than %d bytes", UNIT_VALUE_SIZE - 1);
        if (!t.is_word) {
            memcpy(out + used, t.at, t.len);
            out[used + t.len] = '\0';
        } else if (!read_word(&t, &w) || filler == NULL) {
            return failure_set(f, FAIL_JOB, STAGE_GATE, 0, "a word in braces that nobody can fill");
        } else if (fill_word(&w, filler, out + used, UNIT_VALUE_SIZE - used, f) < 0) {
            return -1;
        }
        used += strlen(out + used);
    }
    return 0;
}
