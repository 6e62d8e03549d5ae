/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_setup - a station's first hour: name, database, slots, engineer, backups; asked for, or given for images of many PCs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/errno_text.h"
#include "base/own_file.h"
#include "profiles/text/complaint.h"
#include "station/cli/backup_place.h"
#include "station/cli/cmd.h"
#include "station/cli/options.h"
#include "station/cli/setup_answers.h"
#include "station/cli/setup_ask.h"
#include "station/cli/setup_file.h"
#include "station/cli/setup_place.h"
#include "station/cli/setup_training.h"
#include "station/config/config_edit.h"
#include "station/print/json.h"
#include "station/print/prose.h"
#include "station/work/work_client.h"

#define VERB "setup"

static const char summary[] =
    "Makes a station of this PC: asks for its name, its database, its slots, an engineer with a PIN and a folder for backups, writes\n"
    "station.yaml with a comment at each key, and offers a tray of virtual boards to practise on. Each answer can be given by an\n"
    "option; --yes takes what is proposed for all others, and asks nothing. Where a station is set up already it shows what there is\n"
    "and changes only what is answered. The engineer's PIN is the first line of --pin-file, else $FLASHLINE_NEW_PIN, else asked for.\n"
    "The file is --config, else the one there is, else /etc/flashline/station.yaml where that folder may be written, else the user's own.\n"
    "Exit: 0 set up, 1 an engineer's PIN is needed, 2 an answer is missing where nobody can be asked, or is wrong, 4 a file that is not as it\n"
    "should be, 5 the person left: nothing was written.";

/* The engineer's, where there are records: those of the station as it is, or that a new file is to point at. */
static int may_change(const struct setup *s, const char *database)
{
    struct options_common common = s->common;
    char keys[64];
    struct work_call call = {.action = WORK_SETUP, .object = "station.yaml", .text = keys};

    common.db = database;
    if (access(database, F_OK) != 0)
        return EXIT_ALL_PASS;
    int len = snprintf(keys, sizeof keys, "%s%s%s%s", s->name[0] != '\0' ? "station " : "",
                       s->database_changed ? "database " : "", s->slot_count > 0 ? "slots " : "",
                       s->backup[0] != '\0' ? "backup_dir " : "");
    keys[len > 0 ? len - 1 : 0] = '\0';
    return work_request(VERB, &common, &call, NULL);
}

static int make_backup_folder(const struct setup *s)
{
    if (s->backup[0] == '\0')
        return EXIT_ALL_PASS;
    int error = backup_place_make(s->backup, s->database);
    return error == 0 ? EXIT_ALL_PASS
                      : cmd_fail(EXIT_INPUT, VERB, "%s: cannot be made: %s", s->backup, errno_text(-error));
}

static bool stat_folder(const char *path, struct stat *st)
{
    char folder[PATH_TEXT];

    setup_place_parent(path, folder);
    return strcmp(folder, path) != 0 && strcmp(folder, "/") != 0 && stat(folder, st) == 0;
}

/*
 * Written by root it is for everybody here to read, and nobody's but root's to change. Of a member's, who may look into the
 * folder may read: names and rules are no secret, and without them a stranger could not even practise.
 */
static mode_t mode_of_config(const char *path)
{
    struct stat st;

    if (geteuid() == 0)
        return 0644;
    return stat_folder(path, &st) && (st.st_mode & S_ISGID) != 0 && (st.st_mode & S_IROTH) != 0 ? 0664 : 0;
}

static int save(const struct setup *s, struct config_edit *edit)
{
    mode_t mode = s->config->found ? 0 : mode_of_config(s->config->path);
    struct complaint c = {0};

    if (config_edit_save(edit, &c) != 0)
        return cmd_fail(EXIT_INPUT, VERB, "%s", c.text);
    if (mode != 0 && chmod(s->config->path, mode) != 0)
        return cmd_fail(EXIT_STATION, VERB, "%s: its mode cannot be set: %s", s->config->path,
                        errno_text(errno));
    return EXIT_ALL_PASS;
}

static int enrol(const struct setup *s)
{
    struct work_call call = {
        .action = WORK_OPERATOR_ADD, .object = s->engineer, .text = "engineer", .new_pin = s->pin};

    if (s->engineer[0] == '\0')
        return EXIT_ALL_PASS;
    return work_request(VERB, &s->common, &call, NULL);
}

static void tell_json(const struct setup *s, bool written)
{
    json_t *o = json_line_new("setup");

    json_put_text(o, "file", s->config->path);
    json_put_bool(o, "written", written);
    json_put_bool(o, "new", !s->config->found);
    json_put_text(o, "station", s->name[0] != '\0' ? s->name : s->config->station_id);
    json_put_text(o, "database", s->database);
    json_put_text(o, "backup_dir",
                  s->backup[0] != '\0'                      ? s->backup
                  : s->config->policy.backup_dir[0] != '\0' ? s->config->policy.backup_dir
                                                            : NULL);
    json_put_int(o, "slots", s->config->slot_count + s->slot_count);
    json_put_text(o, "engineer", s->engineer[0] != '\0' ? s->engineer : NULL);
    json_line_write(stdout, o);
}

/* A database that only root can open is no help to those who work here. */
static bool is_roots_alone(const char *path)
{
    struct stat st;

    return geteuid() == 0 && stat_folder(path, &st) && st.st_uid == 0 && (st.st_mode & S_ISGID) == 0;
}

/* What was not given whole is told whole; a person has seen it. */
static void tell_path(const struct setup *s, const char *what, const char *given, const char *path)
{
    if (!s->asks && given != NULL && path[0] != '\0' && strcmp(given, path) != 0)
        prose_print(stdout, 2, "%s is %s\n", what, path);
}

static void tell(const struct setup *s, bool written)
{
    struct backup_trouble trouble;

    if (s->common.json) {
        tell_json(s, written);
        return;
    }
    if (written)
        prose_print(stdout, 2, "%s is written.\n", s->config->path);
    else
        prose_print(stdout, 2, "%s says all of that already.\n", s->config->path);
    tell_path(s, "database", s->given.database, s->database);
    tell_path(s, "backup", s->given.backup, s->backup);
    if (s->engineer[0] != '\0')
        prose_print(stdout, 2, "%s is an engineer: rules, jobs and stops are the engineer's from now on.\n",
                    s->engineer);
    if (s->engineer[0] != '\0' && is_roots_alone(s->database))
        prose_print(stdout, 2,
                    "note: %s is root's alone; share its folder with those who work here (accounts.md)\n",
                    s->database);
    if (s->backup[0] != '\0' && backup_place_trouble(s->backup, s->database, &trouble))
        prose_print(stdout, 2, "note: %s. %s\n", trouble.words, trouble.remedy);
    setup_training_tell(s);
}

/* The engineer before the file where there are records, whose engineers may refuse; else the file, whose folder may. */
static int change(struct setup *s, struct config_edit *edit, bool same)
{
    bool has_records = access(s->database, F_OK) == 0;
    int code = same ? EXIT_ALL_PASS : may_change(s, s->config->found ? s->database_now : s->database);

    if (code == EXIT_ALL_PASS)
        code = make_backup_folder(s);
    if (code == EXIT_ALL_PASS && has_records)
        code = enrol(s);
    if (code == EXIT_ALL_PASS && !same)
        code = save(s, edit);
    if (code == EXIT_ALL_PASS && !has_records && (code = enrol(s)) != EXIT_ALL_PASS)
        prose_print(stderr, 2, "flashline setup: note: %s is written; call setup again to enrol %s\n",
                    s->config->path, s->engineer);
    if (code == EXIT_ALL_PASS)
        tell(s, !same);
    return code;
}

static int carry_out(struct setup *s)
{
    const struct setup_file file = {.path = s->config->path,
                                    .station = s->name,
                                    .database = s->database_changed ? s->database : "",
                                    .backup = s->backup,
                                    .slots = s->slots,
                                    .slot_count = s->slot_count};
    struct complaint c = {0};
    bool same = false;
    struct config_edit *edit = setup_file_prepare(&file, &same, &c);
    int code = edit != NULL ? change(s, edit, same) : cmd_fail(EXIT_INPUT, VERB, "%s", c.text);

    config_edit_free(edit);
    return code;
}

static int nothing_done(void)
{
    return cmd_fail(EXIT_INTERRUPTED, VERB, "nothing was done");
}

/* What will be done, and a last question. 1: go on, 0: not, -1: the person left, SETUP_ASK_BACK. */
static int confirm(const struct setup *s)
{
    if (!s->asks)
        return 1;
    printf("\nfile      %s%s\nstation   %s\ndatabase  %s\nslots     %d", s->config->path,
           s->config->found ? "" : " (new)", s->name[0] != '\0' ? s->name : s->config->station_id,
           s->database, s->config->slot_count + s->slot_count);
    if (s->slot_count > 0 && s->config->slot_count > 0)
        printf(" (%d new)", s->slot_count);
    printf("\nengineer  %s\nbackups   %s\n\n", s->engineer[0] != '\0' ? s->engineer : s->engineers,
           s->backup[0] != '\0'                      ? s->backup
           : s->config->policy.backup_dir[0] != '\0' ? s->config->policy.backup_dir
                                                     : "none");
    return setup_ask_confirm(s->config->found ? "Change it so? (b: back to the questions)"
                                              : "Write it so? (b: back to the questions)");
}

/* The answers, until they are as they shall be. */
static int ask(struct setup *s)
{
    int choice = 1, code;

    do {
        code = setup_answers(s, choice == SETUP_ASK_BACK);
        if (code == EXIT_ALL_PASS)
            choice = confirm(s);
    } while (code == EXIT_ALL_PASS && choice == SETUP_ASK_BACK);
    return code < 0 || (code == EXIT_ALL_PASS && choice != 1) ? nothing_done() : code;
}

/* Nobody is asked five things for a file that this account cannot change. */
static int check_file(const struct setup *s)
{
    char why[OWN_DENIED_SIZE];

    if (!s->asks || !s->config->found || access(s->config->path, W_OK) == 0)
        return EXIT_ALL_PASS;
    own_file_denied(s->config->path, "--config", errno, why);
    return cmd_fail(EXIT_INPUT, VERB, "%s cannot be changed: %s", s->config->path, why);
}

static int setup(struct setup *s)
{
    int code = check_file(s);

    if (code == EXIT_ALL_PASS)
        code = ask(s);
    if (code != EXIT_ALL_PASS)
        return code;
    code = carry_out(s);
    if (code == EXIT_ALL_PASS && s->asks &&
        setup_ask_yes("\nPractise on eight virtual boards now?", true) == 1)
        code = setup_training_run(s);
    return code;
}

int cmd_setup(int argc, char **argv)
{
    struct setup s = {0};
    const struct options_row rows[] = {
        OPTIONS_STRING("name", &s.given.name, "NAME", "the station's name, on the screen and in the records"),
        OPTIONS_STRING("database", &s.given.database, "FILE", "where the records are kept; also --db"),
        OPTIONS_STRING("slots", &s.given.slots, "N=PORT,...",
                       "slots and their places: 1=1-2.3,2=1-2.4:B,3=tty:/dev/ttyUSB0"),
        OPTIONS_STRING("engineer", &s.given.engineer, "NAME", "enrols an engineer, who needs a PIN"),
        OPTIONS_STRING("pin-file", &s.given.pin_file, "FILE", "the engineer's PIN is its first line"),
        OPTIONS_STRING("backup", &s.given.backup, "DIR",
                       "a verified copy of the database goes there every night"),
        OPTIONS_SWITCH("yes", &s.yes, "ask nothing: what is not given is as it is proposed"),
        OPTIONS_END,
    };
    const struct options_spec spec = {VERB, "[OPTION...]", summary, rows, 0};
    int code;

    if (options_parse(&spec, argc, argv, &s.common, &code) < 0)
        return code;
    if (s.given.database != NULL && s.common.db != NULL)
        return cmd_fail(EXIT_USAGE, VERB, "--database and --db are the same: say one");
    if (s.given.database == NULL)
        s.given.database = s.common.db;
    s.config = setup_place_config(s.common.config, &code);
    if (s.config == NULL)
        return code;
    s.asks = !s.yes && !s.common.json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    code = setup(&s);
    OPENSSL_cleanse(s.pin, sizeof s.pin);
    config_free(s.config);
    return code;
}
