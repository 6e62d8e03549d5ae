/* SPDX-License-Identifier: Apache-2.0 */
#include "station/work/work_client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "station/print/cmd_fail.h"
#include "station/print/prose.h"
#include "station/work/control.h"
#include "station/work/database_path.h"

#define CTRL_C 0x03

/* False: Ctrl-C, or nobody there to type. */
static bool read_line(int fd, char *out, size_t size)
{
    size_t len = 0;
    char c = CTRL_C;

    while (read(fd, &c, 1) == 1 && c != '\n' && c != '\r' && c != CTRL_C) {
        if (len + 1 < size)
            out[len++] = c;
    }
    out[len] = '\0';
    return c == '\n' || c == '\r';
}

/* $VARIABLE, else asks on the terminal. 0, -ENOTTY: neither is there, -ECANCELED: Ctrl-C. */
static int pin_ask(const char *variable, const char *question, char out[static PIN_TEXT])
{
    const char *given = variable != NULL ? getenv(variable) : NULL;
    struct termios as_it_was, silent;

    if (given != NULL && given[0] != '\0') {
        snprintf(out, PIN_TEXT, "%s", given); /* what is longer than a PIN can be stays so, and is refused */
        return 0;
    }
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || tcgetattr(fd, &as_it_was) != 0) {
        if (fd >= 0)
            close(fd);
        return -ENOTTY;
    }
    silent = as_it_was;
    /* Ctrl-C as a key: a run that asks has its signals blocked already. */
    silent.c_lflag &= (tcflag_t) ~(ECHO | ECHONL | ISIG);
    silent.c_cc[VEOL] = CTRL_C; /* ends the line, so that it arrives at once */
    tcsetattr(fd, TCSAFLUSH, &silent);
    dprintf(fd, "%s: ", question);
    bool typed = read_line(fd, out, PIN_TEXT);
    tcsetattr(fd, TCSAFLUSH, &as_it_was);
    dprintf(fd, "\n");
    close(fd);
    if (!typed)
        OPENSSL_cleanse(out, PIN_TEXT);
    return typed ? 0 : -ECANCELED;
}

int pin_ask_new(const char *question, char out[static PIN_TEXT])
{
    char again[PIN_TEXT] = "";
    int rc = pin_ask("FLASHLINE_NEW_PIN", question, out);
    const char *given = getenv("FLASHLINE_NEW_PIN");

    if (rc != 0 || (given != NULL && given[0] != '\0'))
        return rc;
    if (out[0] == '\0')
        return -ENODATA;
    rc = pin_ask(NULL, "The same once more", again);
    if (rc == 0 && strcmp(again, out) != 0)
        rc = -EINVAL;
    OPENSSL_cleanse(again, sizeof again);
    return rc;
}

static int do_here(const char *path, const struct work_call *call, struct work_receipt *receipt,
                   struct failure *f)
{
    const struct db_options o = {.path = path, .mode = DB_STATION};
    struct db *db = db_open(&o, f);

    if (db != NULL)
        database_tell_updated(NULL, db);
    int rc = db == NULL ? -1 : work_do(db, call, receipt, f);

    db_close(db);
    return rc;
}

int work_do_at(const char *path, const struct work_call *call, struct work_receipt *receipt,
               struct failure *f)
{
    int rc = control_request(path, call, receipt, f);

    return rc == 1 ? do_here(path, call, receipt, f) : rc;
}

static bool lacks_pin(const struct failure *f)
{
    return f->code == FAIL_ROLE && f->sys == EACCES;
}

/* On the terminal alone: $FLASHLINE_NEW_PIN may be meant for somebody else. True: `pin` is the new one. */
static bool change_short_pin(const struct work_asker *a, const char *old, char pin[static PIN_TEXT])
{
    struct work_call change = {.action = WORK_PIN, .pin = old, .new_pin = pin};
    struct failure f = {0};
    char again[PIN_TEXT] = "";

    if (pin_ask(NULL, "This PIN is too short and must change: six digits or more, or a passphrase of eight",
                pin) != 0 ||
        pin_ask(NULL, "The same once more", again) != 0)
        return false;
    bool same = strcmp(again, pin) == 0;
    OPENSSL_cleanse(again, sizeof again);
    if (same && a->try(a->ctx, &change, NULL, &f) == 0)
        return true;
    prose_print(stderr, 2, "flashline %s: the PIN stays as it is: %s\n", a->verb,
                same ? f.detail : "the two are not the same");
    return false;
}

void work_tell_short_pin(const char *verb, const char *who)
{
    prose_print(
        stderr, 2,
        "flashline %s: note: the PIN of %s is too short and was taken for the last time: flashline operator pin %s\n",
        verb, who, who);
}

int work_ask_leave(const struct work_asker *a, struct work_call *call, struct work_receipt *receipt,
                   struct failure *f)
{
    struct work_receipt mine = {0}, *r = receipt != NULL ? receipt : &mine;
    char typed[PIN_TEXT] = "", fresh[PIN_TEXT] = "";
    const char *given = getenv("FLASHLINE_PIN");
    bool no_one = false;

    given = given != NULL && given[0] != '\0' ? given : NULL;
    call->pin = given;
    int rc = a->try(a->ctx, call, r, f);
    if (rc != 0 && lacks_pin(f) && given == NULL) {
        no_one = pin_ask(NULL, a->question, typed) != 0;
        call->pin = no_one ? NULL : typed;
        rc = no_one ? rc : a->try(a->ctx, call, r, f);
    }
    if (rc != 0 && f->code == FAIL_ROLE && f->sys == EKEYEXPIRED && change_short_pin(a, call->pin, fresh)) {
        call->pin = fresh;
        rc = a->try(a->ctx, call, r, f);
    } else if (rc == 0 && r->pin_short && !change_short_pin(a, call->pin, fresh)) {
        work_tell_short_pin(a->verb, r->who);
    }
    if (a->keep != NULL && rc == 0)
        snprintf(a->keep, PIN_TEXT, "%s", call->pin != NULL ? call->pin : "");
    OPENSSL_cleanse(typed, sizeof typed);
    OPENSSL_cleanse(fresh, sizeof fresh);
    call->pin = NULL;
    return rc == 0 ? 0 : no_one ? 1 : -1;
}

static int try_at(void *ctx, const struct work_call *call, struct work_receipt *receipt, struct failure *f)
{
    return work_do_at(ctx, call, receipt, f);
}

int work_request(const char *verb, const struct options_common *common, struct work_call *call, char *who)
{
    char path[PATH_TEXT];
    struct failure f = {0};
    struct work_receipt receipt = {0};
    const struct work_asker asker = {.verb = verb,
                                     .question =
                                         call->action == WORK_PIN ? "The PIN as it is now" : "Engineer's PIN",
                                     .try = try_at,
                                     .ctx = path};
    int code = database_path(verb, common, path);

    if (code != 0)
        return code;
    if (work_ask_leave(&asker, call, &receipt, &f) == 0) {
        if (who != NULL)
            snprintf(who, sizeof receipt.who, "%s", receipt.who);
        return 0;
    }
    enum exit_code how = f.code == FAIL_ROLE || f.code == FAIL_WORK
                             ? (f.sys == EINVAL ? EXIT_USAGE : EXIT_SOME_FAIL)
                             : EXIT_INPUT;
    return cmd_fail(how, verb, "%s%s", f.detail, f.sys == EINVAL ? ": --reason 'why'" : "");
}
