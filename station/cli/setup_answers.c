/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/setup_answers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/errno_text.h"
#include "base/plain.h"
#include "db/desk/operator.h"
#include "profiles/text/complaint.h"
#include "station/cli/cmd.h"
#include "station/cli/setup_ask.h"
#include "station/cli/setup_file.h"
#include "station/cli/setup_place.h"
#include "station/cli/slots_learn.h"
#include "station/print/prose.h"

#define VERB       "setup"
#define PEOPLE_MAX 512
#define LEFT       (-1) /* the person did */
#define NO_PIN     (-2) /* the engineer was a mistake */
#define NONE       "-"

/* One answer that is a text. */
struct question {
    const char *option, *given, *text;
    const char *proposed; /* taken without an answer; "": none */
    bool is_path;         /* said whole where it was not written so */
    bool *none;           /* set by NONE, which takes back what was proposed; NULL: it must have an answer */
    /* True, with the answer in `out`; else what is wrong with it, in words. */
    bool (*take)(struct setup *s, const char *answer, char *out, char fault[static SETUP_FAULT]);
    char *out;
    size_t size;
};

static bool is_none(const struct question *q, const char *typed)
{
    if (q->none == NULL || strcmp(typed, NONE) != 0)
        return false;
    *q->none = true;
    if (q->out != NULL)
        q->out[0] = '\0';
    return true;
}

/* A path that was not written whole is said whole: what it begins at is nobody's to guess. */
static void tell_path(const struct setup *s, const struct question *q, const char *text)
{
    if (q->is_path && s->asks && strcmp(q->out, text) != 0)
        prose_print(stdout, 2, "  That is %s\n", q->out);
}

/* The option's, else what is typed, until it is good; else what is proposed. "" is never asked about. */
static int answer(struct setup *s, const struct question *q)
{
    char typed[PATH_TEXT], fault[SETUP_FAULT];

    if (q->given != NULL || !s->asks) {
        const char *value = q->given != NULL ? q->given : q->proposed;
        if (value[0] == '\0')
            return EXIT_ALL_PASS;
        if (!q->take(s, value, q->out, fault))
            return cmd_fail(EXIT_USAGE, VERB, "--%s: %s", q->option, fault);
        tell_path(s, q, value);
        return EXIT_ALL_PASS;
    }
    for (;;) {
        if (setup_ask(q->text, q->proposed, typed, q->size < sizeof typed ? q->size : sizeof typed) != 0)
            return LEFT;
        if (typed[0] == '\0' || is_none(q, typed))
            return EXIT_ALL_PASS;
        if (q->take(s, typed, q->out, fault)) {
            tell_path(s, q, typed);
            return EXIT_ALL_PASS;
        }
        if (q->out != NULL)
            q->out[0] = '\0'; /* what was refused is nothing that Enter could mean */
        prose_print(stdout, 0, "  %s\n", fault);
    }
}

/*
 * Of a station or a person. A slash would make a path of it where files are called by it, a dash first an option; other letters
 * than ours are names as well.
 */
static const char *name_trouble(const char *text)
{
    const char *trouble = plain_name_trouble(text);

    if (trouble != NULL)
        return trouble;
    if (strpbrk(text, "/\\") != NULL)
        return "has a slash, and is to stand in names of files: letters, digits, blanks, - _ .";
    if (text[0] == '-')
        return "begins with '-', as options do";
    if (text[0] == ' ' || text[strlen(text) - 1] == ' ')
        return "begins or ends with a blank, which nobody sees";
    return NULL;
}

static bool take_name(struct setup *s, const char *text, char *out, char fault[static SETUP_FAULT])
{
    const char *trouble = name_trouble(text);

    if (trouble != NULL)
        snprintf(fault, SETUP_FAULT, "the name %s", trouble);
    else
        snprintf(out, sizeof s->name, "%s", text); /* a name has 63 bytes at most */
    return trouble == NULL;
}

static int ask_name(struct setup *s)
{
    char name[sizeof s->name] = "", before[sizeof s->name];
    const struct question q = {.option = "name",
                               .given = s->given.name,
                               .text = "Name of the station",
                               .proposed = s->name[0] != '\0' ? before : s->config->station_id,
                               .take = take_name,
                               .out = name,
                               .size = sizeof name};

    snprintf(before, sizeof before, "%s", s->name);
    int code = answer(s, &q);
    if (code == EXIT_ALL_PASS)
        snprintf(s->name, sizeof s->name, "%s",
                 !s->config->found || strcmp(name, s->config->station_id) != 0 ? name : "");
    return code;
}

static bool take_database(struct setup *s, const char *text, char *out, char fault[static SETUP_FAULT])
{
    (void)s;
    return setup_place_database(text, out, fault);
}

static int ask_database(struct setup *s)
{
    char before[sizeof s->database];
    int error = setup_place_proposed(s->config, s->database_now);
    const struct question q = {.option = "database",
                               .given = s->given.database,
                               .text = "Database of the records",
                               .proposed = s->database[0] != '\0' ? before : s->database_now,
                               .is_path = true,
                               .take = take_database,
                               .out = s->database,
                               .size = sizeof s->database};

    snprintf(before, sizeof before, "%s", s->database);
    int code = answer(s, &q);
    if (code == EXIT_ALL_PASS && s->database[0] == '\0')
        code = cmd_fail(EXIT_USAGE, VERB, "--database: say where, for there is no place to propose: %s",
                        errno_text(error != 0 ? -error : ENOENT));
    s->database_changed = !s->config->found || strcmp(s->database, s->database_now) != 0;
    s->common.db = s->database;
    return code;
}

/* Another slot of that number or on that port is in the way; the same one is no news. */
static bool keep_new(struct setup *s, struct config_slot *slots, int count, char fault[static SETUP_FAULT])
{
    int kept = 0;

    for (int i = 0; i < count; i++) {
        const struct config_slot *other = NULL;
        for (int k = 0; k < s->config->slot_count; k++)
            if (s->config->slots[k].number == slots[i].number ||
                strcmp(s->config->slots[k].port, slots[i].port) == 0)
                other = &s->config->slots[k];
        if (other != NULL && other->number == slots[i].number && strcmp(other->port, slots[i].port) == 0)
            continue;
        if (other != NULL) {
            snprintf(fault, SETUP_FAULT, "slot %d is %s already: flashline slots forget %d comes first",
                     other->number, other->port, other->number);
            return false;
        }
        s->slots[kept++] = slots[i];
    }
    s->slot_count = kept;
    return true;
}

/* Learned on a copy of the configuration: what is written is written once, with all other answers. */
static bool learn(struct setup *s, bool present, char fault[static SETUP_FAULT])
{
    const struct slots_learn wishes = {.present = present, .unsaved = true};
    struct config copy = *s->config;
    struct config_slot slots[CONFIG_SLOTS_MAX];
    int count = 0;

    if (slots_learn_run(&copy, &wishes) != 0) {
        snprintf(fault, SETUP_FAULT,
                 "slots can be written (1=1-2.3), or taught later: flashline slots learn");
        return false;
    }
    if (!present) /* the Enter that ended it */
        setup_ask_enter();
    for (int i = 0; i < copy.slot_count; i++) {
        bool is_new = true;
        for (int k = 0; k < s->config->slot_count; k++)
            is_new = is_new && s->config->slots[k].number != copy.slots[i].number;
        if (is_new)
            slots[count++] = copy.slots[i];
    }
    if (count == 0)
        snprintf(fault, SETUP_FAULT, "no slot was taught; Enter goes on without");
    return count > 0 && keep_new(s, slots, count, fault);
}

static bool take_slots(struct setup *s, const char *text, char *out, char fault[static SETUP_FAULT])
{
    struct config_slot slots[CONFIG_SLOTS_MAX];

    (void)out;
    if (s->given.slots == NULL && strcmp(text, "plug") == 0)
        return learn(s, false, fault);
    if (s->given.slots == NULL && strcmp(text, "present") == 0)
        return learn(s, true, fault);
    int count = setup_file_slots(text, slots, fault);
    return count >= 0 && keep_new(s, slots, count, fault);
}

static int ask_slots(struct setup *s)
{
    bool none = false;
    char otherwise[96] = "none now; flashline slots learn teaches them later.";
    const struct question q = {.option = "slots",
                               .given = s->given.slots,
                               .text = "Slots",
                               .proposed = "",
                               .none = &none,
                               .take = take_slots,
                               .size = PATH_TEXT};

    if (s->asks && s->given.slots == NULL) {
        putchar('\n');
        if (s->config->slot_count > 0)
            printf("%d slot%s taught already.\n", s->config->slot_count,
                   s->config->slot_count == 1 ? " is" : "s are");
        if (s->slot_count > 0)
            snprintf(otherwise, sizeof otherwise, "the %d you gave before; " NONE ": none of them.",
                     s->slot_count);
        prose_print(
            stdout, 0,
            "Slots: 'plug' to plug the fixture's cables in one after another, 'present' for those that are "
            "plugged in now, or their places (1=1-2.3,2=1-2.4). Enter: %s\n",
            otherwise);
    }
    int code = answer(s, &q);
    if (none)
        s->slot_count = 0;
    return code;
}

/* Who is an engineer already: NULL database or one that cannot be read yet: nobody. */
static bool find_engineers(struct setup *s, const char *name)
{
    const struct db_options options = {.path = s->database, .mode = DB_REVIEW};
    struct failure f = {0};
    struct db *db = access(s->database, F_OK) == 0 ? db_open(&options, &f) : NULL;
    struct operator_info *people = db != NULL ? calloc(PEOPLE_MAX, sizeof *people) : NULL;
    int count = people != NULL ? operator_list(db, people, PEOPLE_MAX, &f) : 0;
    size_t used = 0;
    bool found = false;

    snprintf(s->engineers, sizeof s->engineers, "nobody");
    for (int i = 0; i < count; i++) {
        if (!people[i].is_engineer || !people[i].active)
            continue;
        found = found || strcmp(people[i].name, name) == 0;
        if (used < sizeof s->engineers)
            used += (size_t)snprintf(s->engineers + used, sizeof s->engineers - used, "%s%s",
                                     used > 0 ? ", " : "", people[i].name);
    }
    free(people);
    db_close(db);
    return found;
}

static int read_pin_file(struct setup *s)
{
    FILE *file = fopen(s->given.pin_file, "re");
    struct stat st = {0};

    if (file == NULL)
        return cmd_fail(EXIT_USAGE, VERB, "--pin-file: %s: %s", s->given.pin_file, errno_text(errno));
    if (fgets(s->pin, sizeof s->pin, file) == NULL)
        s->pin[0] = '\0';
    if (fstat(fileno(file), &st) == 0 && (st.st_mode & S_IROTH) != 0)
        prose_print(stderr, 2, "flashline setup: note: %s can be read by everybody: remove it\n",
                    s->given.pin_file);
    fclose(file);
    s->pin[strcspn(s->pin, "\r\n")] = '\0';
    const char *trouble = operator_pin_trouble(s->pin);
    return trouble == NULL ? EXIT_ALL_PASS
                           : cmd_fail(EXIT_USAGE, VERB, "--pin-file: %s: %s", s->given.pin_file, trouble);
}

static int ask_pin(struct setup *s)
{
    const char *given = getenv("FLASHLINE_NEW_PIN");
    char question[160];
    const char *trouble;

    snprintf(question, sizeof question, "PIN of %s (six digits or more, or a passphrase of eight)%s",
             s->engineer, s->asks ? "; Enter: not this engineer" : "");
    for (;;) {
        int rc = pin_ask_new(question, s->pin);
        if (rc == -ECANCELED)
            return LEFT;
        if (rc == -ENODATA && s->asks)
            return NO_PIN;
        trouble = rc == -EINVAL    ? "the two are not the same"
                  : rc == -ENODATA ? "no PIN was typed"
                  : rc != 0        ? "there is no terminal to ask for the PIN: say --pin-file"
                                   : operator_pin_trouble(s->pin);
        if (trouble == NULL)
            return EXIT_ALL_PASS;
        if (!s->asks || (given != NULL && given[0] != '\0'))
            return cmd_fail(EXIT_USAGE, VERB, "--engineer: %s", trouble);
        prose_print(stdout, 0, "  %s\n", trouble);
    }
}

static void forget_engineer(struct setup *s)
{
    s->engineer[0] = '\0';
    OPENSSL_cleanse(s->pin, sizeof s->pin);
}

/* Who, by name, into `name`; "": nobody. */
static int ask_engineer_name(struct setup *s, char *name, size_t size)
{
    char text[320];
    bool none = false;
    const struct question q = {.option = "engineer",
                               .given = s->given.engineer,
                               .text = text,
                               .proposed = s->engineer,
                               .none = &none,
                               .take = take_name,
                               .out = name,
                               .size = size};
    const char *otherwise = s->engineer[0] != '\0' ? NONE ": nobody" : "Enter: nobody";

    if (strcmp(s->engineers, "nobody") == 0)
        snprintf(text, sizeof text, "Engineer (rules, jobs and stops are then the engineer's); %s yet",
                 otherwise);
    else
        snprintf(text, sizeof text, "Another engineer beside %s; %s", s->engineers, otherwise);
    return answer(s, &q);
}

/* 0 with the engineer and the PIN, or with nobody; NO_PIN: the name once more. */
static int take_engineer(struct setup *s, const char *name)
{
    bool is_new = strcmp(name, s->engineer) != 0 || s->pin[0] == '\0';

    if (name[0] == '\0' || find_engineers(s, name)) {
        if (name[0] != '\0' && !s->common.json)
            prose_print(stdout, 2, "%s%s is an engineer already; the PIN stays as it is.\n",
                        s->asks ? "  " : "", name);
        forget_engineer(s);
        return EXIT_ALL_PASS;
    }
    if (!is_new)
        return EXIT_ALL_PASS;
    forget_engineer(s);
    snprintf(s->engineer, sizeof s->engineer, "%s", name);
    int code = s->given.pin_file != NULL ? read_pin_file(s) : ask_pin(s);
    if (code == NO_PIN)
        forget_engineer(s);
    return code;
}

static int ask_engineer(struct setup *s)
{
    char name[sizeof s->engineer];
    int code;

    do {
        name[0] = '\0';
        find_engineers(s, "");
        code = ask_engineer_name(s, name, sizeof name);
        if (code == EXIT_ALL_PASS)
            code = take_engineer(s, name);
        if (code == NO_PIN && s->given.engineer != NULL)
            return cmd_fail(EXIT_USAGE, VERB, "--engineer: no PIN was typed");
    } while (code == NO_PIN);
    return code;
}

static bool take_backup(struct setup *s, const char *text, char *out, char fault[static SETUP_FAULT])
{
    (void)s;
    return setup_place_folder(text, out, fault);
}

static const char *backup_question(bool answered, bool is_set)
{
    if (answered)
        return is_set ? "Folder for a nightly copy of the database; " NONE ": the one there is"
                      : "Folder for a nightly copy of the database; " NONE ": none";
    return is_set ? "Folder for a nightly copy of the database"
                  : "Folder for a nightly copy of the database, best on another disk; Enter: none";
}

static int ask_backup(struct setup *s)
{
    const char *now = s->config->policy.backup_dir;
    char folder[sizeof s->backup] = "", before[sizeof s->backup];
    bool none = false;
    const struct question q = {.option = "backup",
                               .given = s->given.backup,
                               .text = backup_question(s->backup[0] != '\0', now[0] != '\0'),
                               .proposed = s->backup[0] != '\0' ? before : now,
                               .is_path = true,
                               .none = &none,
                               .take = take_backup,
                               .out = folder,
                               .size = sizeof folder};

    snprintf(before, sizeof before, "%s", s->backup);
    int code = answer(s, &q);
    if (code != EXIT_ALL_PASS)
        return code;
    snprintf(s->backup, sizeof s->backup, "%s", strcmp(folder, now) != 0 ? folder : "");
    if (s->backup[0] != '\0' && !s->common.json && setup_place_same_disk(folder, s->database))
        prose_print(
            stdout, 2,
            "note: that folder is on the disk of the database: a copy there does not outlive that disk\n");
    return code;
}

/* Nobody to ask, and a new station: what must be said, or --yes. */
static int check_said(const struct setup *s)
{
    const char *const lacks[] = {s->given.name == NULL ? " --name" : "",
                                 s->given.database == NULL ? " --database" : "",
                                 s->given.slots == NULL ? " --slots" : "",
                                 s->given.engineer == NULL ? " --engineer (with --pin-file)" : "",
                                 s->given.backup == NULL ? " --backup" : ""};
    char all[160] = "";
    size_t used = 0;

    if (s->asks || s->yes || s->config->found)
        return EXIT_ALL_PASS;
    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s", lacks[i]);
    return used == 0 ? EXIT_ALL_PASS
                     : cmd_fail(EXIT_USAGE, VERB,
                                "nobody can be asked here: say%s, or --yes for what is proposed", all);
}

static void greet(const struct setup *s)
{
    char note[SETUP_NOTE];

    if (setup_place_private(s->config, s->common.config, note))
        prose_print(s->asks ? stdout : stderr, 2, "%s%s\n", s->asks ? "" : "flashline setup: ", note);
    if (!s->asks)
        return;
    prose_print(
        stdout, 0, "%s %s. Enter takes what stands in brackets, Ctrl-D leaves everything as it is.\n\n",
        s->config->found ? "This station is set up in" : "This station will be set up in", s->config->path);
}

int setup_answers(struct setup *s, bool again)
{
    static int (*const questions[])(struct setup *) = {ask_name, ask_database, ask_slots, ask_engineer,
                                                       ask_backup};
    int code = check_said(s);

    if (code == EXIT_ALL_PASS && s->given.pin_file != NULL && s->given.engineer == NULL)
        code = cmd_fail(EXIT_USAGE, VERB, "--pin-file is the PIN of --engineer NAME: say whose it is");
    if (code == EXIT_ALL_PASS && again)
        puts("");
    else if (code == EXIT_ALL_PASS)
        greet(s);
    for (size_t i = 0; i < sizeof questions / sizeof *questions && code == EXIT_ALL_PASS; i++)
        code = questions[i](s);
    return code;
}
