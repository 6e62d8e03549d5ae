/* SPDX-License-Identifier: Apache-2.0 */
#include "station/work_client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "station/cmd.h"
#include "station/control.h"
#include "station/database_path.h"

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

int pin_ask(const char *variable, const char *question, char out[static PIN_TEXT])
{
    const char *given = getenv(variable);
    struct termios as_it_was, silent;

    if (given != NULL && given[0] != '\0') {
        snprintf(out, PIN_TEXT, "%s", given);
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

static int do_here(const char *path, const struct work_call *call, char *who, struct failure *f)
{
    const struct db_options o = {.path = path, .mode = DB_STATION};
    struct db *db = db_open(&o, f);
    int rc = db == NULL ? -1 : work_do(db, call, who, f);

    db_close(db);
    return rc;
}

static int do_once(const char *path, const struct work_call *call, char *who, struct failure *f)
{
    int rc = control_request(path, call, who, f);

    return rc == 1 ? do_here(path, call, who, f) : rc;
}

int work_request(const char *verb, const struct options_common *common, struct work_call *call, char *who)
{
    char path[PATH_TEXT], pin[PIN_TEXT] = "";
    struct failure f = {0};
    int code = database_path(verb, common, path);

    if (code != 0)
        return code;
    const char *given = getenv("FLASHLINE_PIN");
    call->pin = given;
    int rc = do_once(path, call, who, &f);
    if (rc != 0 && f.code == FAIL_ROLE && f.sys == EACCES && given == NULL &&
        pin_ask("FLASHLINE_PIN", "Engineer's PIN", pin) == 0) {
        call->pin = pin;
        rc = do_once(path, call, who, &f);
    }
    OPENSSL_cleanse(pin, sizeof pin);
    call->pin = NULL;
    if (rc == 0)
        return 0;
    enum exit_code how = f.code == FAIL_ROLE || f.code == FAIL_WORK
                             ? (f.sys == EINVAL ? EXIT_USAGE : EXIT_SOME_FAIL)
                             : EXIT_INPUT;
    return cmd_fail(how, verb, "%s%s", f.detail, f.sys == EINVAL ? ": --reason 'why'" : "");
}
