/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/phrase.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "station/print/text.h"

#define ARGS_MAX  8
#define DEPTH_MAX 6 /* a sentence in a sentence: no real one goes beyond four */

static const char *const forms[] = {
#include "station/print/said.inc"
    /* One word, or none of its own: what the collection cannot tell from a code. */
    N_("while %s"), N_("a serial number"), N_("a lot"), N_("a job"), N_("a command"), N_("identity"),
    N_("protected"), N_("erasing"), N_("text"), N_("active"), N_("disabled"),
    /* Of a run itself. */
    N_("no stub file ('flashline stub' tells where it belongs)"), N_("--stub says no stub"),
    /* Composed of parts in the source. */
    N_("the operator's name %s"), N_("the operator %s"), N_("the lot's name %s"), N_("the lot %s"),
    N_("the name %s"), N_("the name of who asks %s"), N_("the text %s"), N_("the value before %s"),
    N_("the badge %s"), N_("the work order %s"), N_("the job's name %s"),
    N_("not a byte came; no reset is wired here: connect %s to GND and press reset"),
    /* errno_text(), in the words of the C library. */
    N_("Operation not permitted"), N_("No such file or directory"), N_("Interrupted system call"),
    N_("Input/output error"), N_("No such device or address"), N_("Bad file descriptor"),
    N_("Resource temporarily unavailable"), N_("Cannot allocate memory"), N_("Permission denied"),
    N_("Bad address"), N_("Device or resource busy"), N_("File exists"), N_("Invalid cross-device link"),
    N_("No such device"), N_("Not a directory"), N_("Is a directory"), N_("Invalid argument"),
    N_("Too many open files in system"), N_("Too many open files"), N_("Inappropriate ioctl for device"),
    N_("Text file busy"), N_("File too large"), N_("No space left on device"), N_("Illegal seek"),
    N_("Read-only file system"), N_("Too many links"), N_("Broken pipe"), N_("Numerical result out of range"),
    N_("Numerical argument out of domain"), N_("Resource deadlock avoided"), N_("File name too long"),
    N_("No locks available"), N_("Function not implemented"), N_("Too many levels of symbolic links"),
    N_("No data available"), N_("Timer expired"), N_("Protocol error"), N_("Bad message"),
    N_("Value too large for defined data type"), N_("Message too long"), N_("Operation not supported"),
    N_("Address already in use"), N_("Connection refused"), N_("Connection reset by peer"),
    N_("Connection timed out"), N_("Host is down"), N_("No route to host"), N_("Network is unreachable"),
    N_("Disk quota exceeded"), N_("Operation canceled"), N_("Success")};

struct span {
    const char *at;
    size_t length;
};

struct found {
    const char *form;
    struct span args[ARGS_MAX];
    int count;
    size_t letters; /* of the form's own, without blanks: the more, the surer */
};

/* A conversion at `form`, with the kind of what it takes; its length, 0: there is none here. */
static size_t conversion(const char *form, char *kind)
{
    size_t n = 1 + strspn(form + 1, "-+ #0123456789.*$");

    if (form[0] != '%' || form[1] == '%')
        return 0;
    n += strspn(form + n, "hlzj");
    *kind = form[n];
    return n + 1;
}

/* The bytes of `text` that the conversion at `form` may have made, at most: all digits of a figure, "%.8s" of a name. */
static size_t reach(const char *form, char kind, const char *text)
{
    const char *point = strpbrk(form, ".csdux");
    size_t all = strlen(text);

    if (kind == 'd' || kind == 'u')
        return strspn(text, "-0123456789");
    if (kind == 'x')
        return strspn(text, "0123456789abcdef");
    if (kind == 'c')
        return all < 1 ? all : 1;
    if (point == NULL || *point != '.')
        return all;
    size_t most = strtoul(point + 1, NULL, 10);
    return all < most ? all : most;
}

/* `text` is what printf() makes of `form`: figures whole, names as short as may be. */
static bool matches(const char *form, const char *text, struct found *f, size_t depth)
{
    size_t n = 0;
    char kind = '\0';

    for (; *form != '\0' && (n = conversion(form, &kind)) == 0; form++, text++) {
        form += form[0] == '%';
        if (*form != *text)
            return false;
        f->letters += *form != ' ';
    }
    if (*form == '\0')
        return *text == '\0';
    if (depth == ARGS_MAX)
        return false;
    f->args[depth] = (struct span){text, 0};
    f->count = (int)depth + 1;
    size_t letters = f->letters;
    size_t most = reach(form, kind, text);
    for (size_t length = kind == 's' ? 0 : most; length <= most && (kind == 's' || length > 0); length++) {
        f->args[depth].length = length;
        f->letters = letters;
        if (matches(form + n, text + length, f, depth + 1))
            return true;
    }
    return false;
}

/* The form that has most letters of its own of those that fit. */
static bool find(const char *text, struct found *best)
{
    best->form = NULL;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct found f = {.form = forms[i]};
        char kind = '\0';

        if (conversion(f.form, &kind) == 0 && f.form[0] != text[0])
            continue; /* the common case, told by one letter */
        if (matches(f.form, text, &f, 0) && (best->form == NULL || f.letters > best->letters))
            *best = f;
    }
    return best->form != NULL;
}

struct text {
    char *out;
    size_t size, length;
    bool full;
};

static void put(struct text *t, const char *text, size_t length)
{
    static const char dots[] = "...";
    size_t room = t->size - 1 - t->length;

    if (t->full)
        return;
    memcpy(t->out + t->length, text, length < room ? length : room);
    if (length <= room) {
        t->length += length;
        t->out[t->length] = '\0';
        return;
    }
    t->full = true;
    t->length = t->size - sizeof dots;
    while (t->length > 0 && plain_continues(t->out[t->length]))
        t->length--;
    memcpy(t->out + t->length, dots, sizeof dots);
}

static bool turn(const char *english, char *out, size_t size, int depth);

static void put_turned(struct text *t, struct span s, int depth)
{
    char part[PHRASE_SIZE], own[PHRASE_SIZE];

    snprintf(part, sizeof part, "%.*s", (int)s.length, s.at);
    turn(part, own, sizeof own, depth + 1);
    put(t, own, strlen(own));
}

/* The catalogue's form with the arguments in their places: "%2$s" names one, "%.0s" leaves one out. */
static void fill(struct text *t, const char *form, const struct found *f, int depth)
{
    int next = 0;
    size_t n;
    char kind = '\0';

    for (; *form != '\0'; form += n) {
        n = conversion(form, &kind);
        if (n == 0) {
            form += form[0] == '%';
            n = 1;
            put(t, form, 1);
            continue;
        }
        size_t digits = strspn(form + 1, "0123456789");
        int i = form[1 + digits] == '$' ? form[1] - '1' : next++;
        if (i < 0 || i >= f->count || memmem(form, n, ".0s", 3) != NULL)
            continue;
        if (kind == 's')
            put_turned(t, f->args[i], depth);
        else
            put(t, f->args[i].at, f->args[i].length);
    }
}

/* "A, while B", "A: B", "A; B": whatever of them is known. */
static bool turn_parts(const char *english, struct text *t, int depth)
{
    static const char *const joints[] = {N_(", while "), N_(": "), N_("; ")};
    char left[PHRASE_SIZE], right[PHRASE_SIZE], own[PHRASE_SIZE];

    for (size_t j = 0; j < sizeof joints / sizeof joints[0]; j++) {
        const char *joint = joints[j];

        for (const char *at = strstr(english, joint); at != NULL; at = strstr(at + 1, joint)) {
            const char *behind = at + strlen(joint);
            bool with_joint = turn(at, own, sizeof own, DEPTH_MAX);

            snprintf(left, sizeof left, "%.*s", (int)(at - english), english);
            snprintf(right, sizeof right, "%s", behind);
            bool known = with_joint || turn(right, own, sizeof own, depth + 1);
            char first[PHRASE_SIZE];
            if (!turn(left, first, sizeof first, depth + 1) && !known)
                continue;
            put(t, first, strlen(first));
            if (!with_joint)
                put(t, _(joint), strlen(_(joint)));
            put(t, own, strlen(own));
            return true;
        }
    }
    return false;
}

static bool turn(const char *english, char *out, size_t size, int depth)
{
    struct text t = {.out = out, .size = size};
    struct found f = {0};

    out[0] = '\0';
    if (english[0] != '\0' && find(english, &f)) {
        fill(&t, _(f.form), &f, depth);
        return true;
    }
    if (depth < DEPTH_MAX && turn_parts(english, &t, depth))
        return true;
    put(&t, english, strlen(english));
    return false;
}

/* A catalogue of the reader's language is there, and has what the engine says most. */
static bool is_foreign(void)
{
    static const char probe[] = "no answer to %s";

    return strcmp(_(probe), probe) != 0;
}

const char *phrase_words(const char *english, char out[static PHRASE_SIZE])
{
    if (is_foreign())
        turn(english, out, PHRASE_SIZE, 0);
    else
        snprintf(out, PHRASE_SIZE, "%s", english);
    return out;
}
