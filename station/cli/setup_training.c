/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/setup_training.h"

#include <stdio.h>
#include <string.h>

#include "base/errno_text.h"
#include "engine/chip/esp_target.h"
#include "station/cli/cmd.h"
#include "station/config/paths.h"
#include "station/print/prose.h"
#include "station/run/stub_find.h"

#define VERB     "setup"
#define FIRMWARE "training.tar.gz"
#define BOARDS   "8"

/* Would another verb look for another file? */
static bool is_elsewhere(const struct setup *s)
{
    char usual[PATH_TEXT];

    return path_config(NULL, usual) != 0 || strcmp(usual, s->config->path) != 0;
}

static bool has_stub(void)
{
    char path[PATH_TEXT];
    const char *name;

    for (size_t i = 0; (name = esp_target_stub_name(i)) != NULL; i++)
        if (stub_find(NULL, name, path) == 0)
            return true;
    return false;
}

static void tell_next(const char *command, const char *what)
{
    prose_print(stdout, 37, "  %-35s  %s\n", command, what);
}

void setup_training_tell(const struct setup *s)
{
    puts("\nNext:");
    if (s->config->slot_count + s->slot_count == 0)
        tell_next("flashline slots learn", "plug the cables in one after another");
    if (!has_stub())
        tell_next("flashline stub install FILE", "helper programs: boards are written faster");
    tell_next("flashline doctor", "is this PC ready?");
    tell_next("flashline job list", "the jobs that are here");
    tell_next("flashline run --job J --firmware F", "the boards of all slots");
    puts("and to practise, with eight virtual boards:\n"
         "  flashline archive demo demo.tar.gz\n"
         "  flashline run --job wipy --firmware demo.tar.gz --sim 8");
    if (is_elsewhere(s))
        prose_print(stdout, 2, "all with --config %s, or FLASHLINE_CONFIG=%s\n", s->config->path,
                    s->config->path);
}

int setup_training_run(const struct setup *s)
{
    char path[PATH_TEXT];
    int error = path_cache(FIRMWARE, path);

    if (error == 0)
        error = path_make_parents(path);
    if (error != 0)
        return cmd_fail(EXIT_STATION, VERB, "there is no place for a firmware to practise with: %s",
                        errno_text(-error));
    char archive[] = "archive", demo[] = "demo";
    int code = cmd_archive(3, (char *[]){archive, demo, path, NULL});
    if (code != EXIT_ALL_PASS)
        return code;
    char run[] = "run", job[] = "--job", wipy[] = "wipy", firmware[] = "--firmware", sim[] = "--sim",
         boards[] = BOARDS, config[] = "--config", *file = s->config->path;
    return cmd_run(9, (char *[]){run, job, wipy, firmware, path, sim, boards, config, file, NULL});
}
