/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_complete - names for the shell's completion (flashline.bash-completion), one a line. Hidden: people do not call it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/result.h"
#include "db/desk/lot.h"
#include "db/desk/operator.h"
#include "db/desk/pool_list.h"
#include "profiles/pycom/lora_region.h"
#include "profiles/text/complaint.h"
#include "sim/board/sim_chip.h"
#include "sim/board/sim_personality.h"
#include "station/cli/cmd.h"
#include "station/cli/record_options.h"
#include "station/config/config.h"
#include "station/config/job_names.h"

#define VERB       "complete"
#define LOTS_MAX   200 /* the newest: more is no help to who chooses one */
#define PEOPLE_MAX 512
#define POOLS_MAX  256

struct asked {
    struct options_common common;
    bool training;
};

static int tell_slots(const struct asked *a)
{
    struct complaint why = {0};
    struct config *config = config_load(a->common.config, &why);

    if (config == NULL)
        return cmd_fail(EXIT_INPUT, VERB, "%s", why.text);
    for (int i = 0; i < config->slot_count; i++) {
        printf("%d\n", config->slots[i].number);
        if (config->slots[i].label[0] != '\0')
            puts(config->slots[i].label);
    }
    config_free(config);
    return EXIT_ALL_PASS;
}

static int tell_jobs(const struct asked *a)
{
    struct job_name *jobs = NULL;
    int count = job_names(&jobs);

    (void)a;
    for (int i = 0; i < count; i++)
        puts(jobs[i].name);
    free(jobs);
    return count < 0 ? cmd_fail(EXIT_STATION, VERB, "out of memory") : EXIT_ALL_PASS;
}

static int tell_lots(const struct asked *a)
{
    struct failure f = {0};
    int code;
    struct db *db = record_open_for(VERB, &a->common, a->training, &code);
    struct lot_status *lots = db != NULL ? calloc(LOTS_MAX, sizeof *lots) : NULL;
    int count = lots != NULL ? lot_list_brief(db, true, lots, LOTS_MAX, &f) : 0;

    for (int i = 0; i < count; i++)
        puts(lots[i].code);
    free(lots);
    db_close(db);
    return count < 0 ? cmd_fail(EXIT_INPUT, VERB, "%s", f.detail) : code;
}

static int tell_operators(const struct asked *a)
{
    struct failure f = {0};
    int code;
    struct db *db = record_open_for(VERB, &a->common, a->training, &code);
    struct operator_info *people = db != NULL ? calloc(PEOPLE_MAX, sizeof *people) : NULL;
    int count = people != NULL ? operator_list(db, people, PEOPLE_MAX, &f) : 0;

    for (int i = 0; i < count; i++)
        puts(people[i].name);
    free(people);
    db_close(db);
    return count < 0 ? cmd_fail(EXIT_INPUT, VERB, "%s", f.detail) : code;
}

static int tell_pools(const struct asked *a)
{
    struct failure f = {0};
    int code;
    struct db *db = record_open_for(VERB, &a->common, a->training, &code);
    struct pool_status *pools = db != NULL ? calloc(POOLS_MAX, sizeof *pools) : NULL;
    int count = pools != NULL ? pool_list(db, pools, POOLS_MAX, &f) : 0;

    for (int i = 0; i < count; i++)
        puts(pools[i].name);
    free(pools);
    db_close(db);
    return count < 0 ? cmd_fail(EXIT_INPUT, VERB, "%s", f.detail) : code;
}

/* Those that a board's firmware takes. */
static int tell_regions(const struct asked *a)
{
    const struct lora_region *region;

    (void)a;
    for (size_t i = 0; (region = lora_region_at(i)) != NULL; i++)
        if (region->takers != LORA_NO_BOARD)
            puts(region->name);
    return EXIT_ALL_PASS;
}

static int tell_results(const struct asked *a)
{
    (void)a;
    for (int r = 0; r < RESULT_COUNT; r++)
        puts(result_name((enum result)r));
    return EXIT_ALL_PASS;
}

static int tell_codes(const struct asked *a)
{
    enum failure_code code;

    (void)a;
    for (int i = 0; (code = failure_at(i)) != FAILURE_NONE; i++)
        printf("%d\n%s\n", (int)code, failure_name(code));
    return EXIT_ALL_PASS;
}

static int tell_personalities(const struct asked *a)
{
    const struct sim_personality *p;

    (void)a;
    for (size_t i = 0; (p = sim_personality_at(i)) != NULL; i++)
        puts(p->name);
    return EXIT_ALL_PASS;
}

static int tell_chips(const struct asked *a)
{
    const struct sim_chip *chip;

    (void)a;
    for (size_t i = 0; (chip = sim_chip_at(i)) != NULL; i++)
        puts(chip->name);
    return EXIT_ALL_PASS;
}

int cmd_complete(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*tell)(const struct asked *);
    } kinds[] = {{"slots", tell_slots},
                 {"jobs", tell_jobs},
                 {"lots", tell_lots},
                 {"operators", tell_operators},
                 {"results", tell_results},
                 {"codes", tell_codes},
                 {"personalities", tell_personalities},
                 {"chips", tell_chips},
                 {"pools", tell_pools},
                 {"regions", tell_regions}};
    struct asked a = {0};
    const struct options_row rows[] = {
        OPTIONS_SWITCH("training", &a.training, "of the training database"),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        VERB, "slots|jobs|lots|operators|results|codes|personalities|chips|pools|regions [OPTION...]",
        "Names for the shell's completion, one a line.", rows, 1};
    int code, first = options_parse(&spec, argc, argv, &a.common, &code);

    if (first < 0)
        return code;
    for (size_t i = 0; first < argc && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, argv[first]) == 0)
            return kinds[i].tell(&a);
    return cmd_fail(
        EXIT_USAGE, VERB,
        "say one of slots, jobs, lots, operators, results, codes, personalities, chips, pools, regions");
}
