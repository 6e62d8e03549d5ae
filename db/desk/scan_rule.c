/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/scan_rule.h"

#include <locale.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/plain.h"

static const char blanks[] = " \t\r\n\v\f"; /* what `trim` cuts off */

#define TOLD_BYTES 60 /* of a code in a sentence; what is longer ends in "..." */

const char *scan_kind_word(enum scan_kind kind)
{
    static const char *const words[] = {
#define X(id, word, sentence) word,
        SCAN_KINDS(X)
#undef X
    };

    return words[kind];
}

static const char *kind_sentence(enum scan_kind kind)
{
    static const char *const sentences[] = {
#define X(id, word, sentence) sentence,
        SCAN_KINDS(X)
#undef X
    };

    return sentences[kind];
}

/* The whole of a text, whatever alternatives the pattern has. */
static int compile(regex_t *re, const char *pattern)
{
    char whole[SCAN_PATTERN_SIZE + 8];

    snprintf(whole, sizeof whole, "^(%s)$", pattern[0] != '\0' ? pattern : ".+");
    return regcomp(re, whole, REG_EXTENDED | REG_NOSUB);
}

/*
 * Patterns mean the same whoever's language the station speaks: "." and "[a-z]" are read in the C locale, of bytes. To be given
 * back to as_before(); no memory for a locale: that of the programme stays.
 */
static locale_t of_bytes(locale_t *before)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);

    *before = c != (locale_t)0 ? uselocale(c) : (locale_t)0;
    return c;
}

static void as_before(locale_t c, locale_t before)
{
    if (c == (locale_t)0)
        return;
    uselocale(before);
    freelocale(c);
}

static int try_pattern(const char *pattern, char why[static 96])
{
    regex_t re;
    int rc =
        regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB); /* alone: "a)(b" would be whole in our brackets */

    if (rc == 0) {
        regfree(&re);
        rc = compile(&re, pattern);
        if (rc == 0)
            regfree(&re);
    }
    if (rc != 0)
        regerror(rc, &re, why, 96);
    return rc;
}

const char *scan_pattern_trouble(const char *pattern, char why[static 96])
{
    locale_t before, c = of_bytes(&before);
    int rc = try_pattern(pattern, why);

    as_before(c, before);
    return rc != 0 ? why : NULL;
}

static bool matches(const char *pattern, const char *text)
{
    locale_t before, c = of_bytes(&before);
    regex_t re;
    int rc = text[0] == '\0' ? REG_NOMATCH : compile(&re, pattern);

    if (text[0] != '\0' && rc == 0) {
        rc = regexec(&re, text, 0, NULL, 0);
        regfree(&re);
    }
    as_before(c, before);
    return rc == 0;
}

bool scan_refuse(struct scan_code *out, const char *code, const char *why)
{
    char shown[TOLD_BYTES + 4] = "";
    size_t len = 0;
    uint32_t c;

    for (size_t n; (n = plain_next(code, &c)) > 0; code += n) {
        if (len + n > TOLD_BYTES) {
            memcpy(shown + len, "...", 4);
            break;
        }
        if (plain_acts(c) || plain_is_hidden(c) || plain_is_broken(c, n))
            shown[len++] = '?';
        else {
            memcpy(shown + len, code, n);
            len += n;
        }
    }
    out->kind = SCAN_KIND_COUNT;
    snprintf(out->why, sizeof out->why, "scan '%s' %s", shown, why);
    return false;
}

static void change_letters(enum scan_case letters, char *text)
{
    for (; letters != SCAN_CASE_KEEP && *text != '\0'; text++) {
        if (letters == SCAN_CASE_UPPER && *text >= 'a' && *text <= 'z')
            *text = (char)(*text - 'a' + 'A');
        else if (letters == SCAN_CASE_LOWER && *text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
    }
}

/* Whatever was asked, a pattern that takes all of these takes anything: nothing is common to them. */
static bool takes_anything(const char *pattern)
{
    static const char *const unlike[] = {
        "a", "Z", "0", "-", "~", "/ /", "\xc3\xa4", "4711", "the quick brown fox"};

    for (size_t i = 0; i < sizeof unlike / sizeof unlike[0]; i++) {
        if (!matches(pattern, unlike[i]))
            return false;
    }
    return true;
}

/* A code begins with none of these prefixes, whatever is scanned. */
static const char *prefix_trouble(const struct scan_rules *r, const char *prefix)
{
    char turned[SCAN_PREFIX_SIZE];

    snprintf(turned, sizeof turned, "%s", prefix);
    change_letters(r->letters, turned);
    if (strcmp(turned, prefix) != 0)
        return "has letters that `case` turns before it is looked for: write it in those";
    return !r->keep_blanks && prefix[0] != '\0' && strchr(blanks, prefix[0]) != NULL
               ? "begins with a blank, which is cut off before it is looked for: leave it out, or write trim: no"
               : NULL;
}

/* Every code that `other` could be is `kind` too, and then is neither. */
static bool hides(const struct scan_rules *r, enum scan_kind kind, enum scan_kind other)
{
    const char *prefix = r->kinds[kind].prefix, *behind = r->kinds[other].prefix;

    if (!r->kinds[kind].is_given || !r->kinds[other].is_given || kind == other)
        return false;
    if (strcmp(prefix, behind) == 0 && strcmp(r->kinds[kind].pattern, r->kinds[other].pattern) == 0)
        return true;
    return strncmp(prefix, behind, strlen(prefix)) == 0 && takes_anything(r->kinds[kind].pattern);
}

static const char *kind_trouble(const struct scan_rules *r, enum scan_kind kind,
                                char why[static SCAN_TROUBLE_SIZE])
{
    const char *prefix = r->kinds[kind].prefix, *trouble = prefix_trouble(r, prefix);

    if (trouble != NULL) {
        snprintf(why, SCAN_TROUBLE_SIZE, "%s: prefix '%s' %s", scan_kind_word(kind), prefix, trouble);
        return why;
    }
    for (int other = 0; other < SCAN_KIND_COUNT; other++) {
        if (!hides(r, kind, (enum scan_kind)other))
            continue;
        snprintf(
            why, SCAN_TROUBLE_SIZE,
            "%s: takes every code that %s could be, which then is neither: give them other prefixes or patterns",
            scan_kind_word(kind), scan_kind_word((enum scan_kind)other));
        return why;
    }
    return NULL;
}

const char *scan_rules_trouble(const struct scan_rules *r, enum scan_kind *kind,
                               char why[static SCAN_TROUBLE_SIZE])
{
    for (int k = 0; k < SCAN_KIND_COUNT; k++) {
        *kind = (enum scan_kind)k;
        if (kind_trouble(r, *kind, why) != NULL)
            return why;
    }
    return NULL;
}

bool scan_clean(const struct scan_rules *r, const char *code, struct scan_code *out)
{
    const char *from = code;
    size_t len;

    memset(out, 0, sizeof *out);
    out->kind = SCAN_KIND_COUNT;
    if (!r->keep_blanks)
        from += strspn(from, blanks);
    len = strlen(from);
    while (!r->keep_blanks && len > 0 && strchr(blanks, from[len - 1]) != NULL)
        len--;
    if (len == 0)
        return scan_refuse(out, code, "is blank");
    if (len >= sizeof out->text)
        return scan_refuse(out, code, "is longer than any code here");
    memcpy(out->text, from, len);
    out->text[len] = '\0';
    const char *trouble = plain_trouble(out->text);
    if (trouble != NULL)
        return scan_refuse(out, code, trouble);
    change_letters(r->letters, out->text);
    return true;
}

/* What is left of `text` behind the kind's prefix, where the kind fits; NULL: it does not. */
static const char *fit(const struct scan_rules *r, enum scan_kind kind, const char *text)
{
    size_t len = strlen(r->kinds[kind].prefix);

    if (!r->kinds[kind].is_given || strncmp(text, r->kinds[kind].prefix, len) != 0)
        return NULL;
    return matches(r->kinds[kind].pattern, text + len) ? text + len : NULL;
}

/* Names go into the records; a badge is only compared. */
static bool take(struct scan_code *out, enum scan_kind kind, const char *rest)
{
    const char *trouble = kind == SCAN_BADGE || kind == SCAN_COMMAND ? NULL : plain_name_trouble(rest);

    if (trouble != NULL)
        return scan_refuse(out, rest, trouble);
    out->kind = kind;
    memmove(out->text, rest, strlen(rest) + 1);
    return true;
}

/* How many kinds fit; the last two of them. */
static int count_fits(const struct scan_rules *r, const char *text, enum scan_kind *first,
                      enum scan_kind *second)
{
    int fits = 0;

    for (int k = 0; k < SCAN_KIND_COUNT; k++) {
        if (fit(r, (enum scan_kind)k, text) == NULL)
            continue;
        *(fits == 0 ? first : second) = (enum scan_kind)k;
        fits++;
    }
    return fits;
}

static bool refuse_two(struct scan_code *out, enum scan_kind first, enum scan_kind second)
{
    char why[64], code[SCAN_TEXT_SIZE];

    snprintf(code, sizeof code, "%s", out->text);
    snprintf(why, sizeof why, "fits two kinds: %s and %s", kind_sentence(first), kind_sentence(second));
    return scan_refuse(out, code, why);
}

bool scan_decide(const struct scan_rules *r, const char *code, struct scan_code *out)
{
    enum scan_kind first = SCAN_KIND_COUNT, second = SCAN_KIND_COUNT;

    if (!scan_clean(r, code, out))
        return false;
    int fits = count_fits(r, out->text, &first, &second);
    if (fits == 0)
        return scan_refuse(out, code, "fits nothing that station.yaml knows (scan:)");
    return fits == 1 ? take(out, first, fit(r, first, out->text)) : refuse_two(out, first, second);
}

bool scan_decide_field(const struct scan_rules *r, enum scan_kind kind, const char *code,
                       struct scan_code *out)
{
    enum scan_kind first = SCAN_KIND_COUNT, second = SCAN_KIND_COUNT;
    char why[64];

    if (!scan_clean(r, code, out))
        return false;
    int fits = count_fits(r, out->text, &first, &second);
    if (fits > 1)
        return refuse_two(out, first, second);
    if (fits == 1 && first == kind)
        return take(out, kind, fit(r, kind, out->text));
    if (fits == 1) {
        snprintf(why, sizeof why, "is %s, not %s", kind_sentence(first), kind_sentence(kind));
        return scan_refuse(out, code, why);
    }
    if (r->kinds[kind].is_given && !matches(r->kinds[kind].pattern, out->text)) {
        snprintf(why, sizeof why, "is not %s as station.yaml knows it (scan:)", kind_sentence(kind));
        return scan_refuse(out, code, why);
    }
    return take(out, kind, out->text);
}

bool scan_is_web_address(const char *text)
{
    return strstr(text, "://") != NULL || strncasecmp(text, "www.", 4) == 0;
}
