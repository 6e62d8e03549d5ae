/* SPDX-License-Identifier: Apache-2.0 */
/* `flashline sim`: what virtual boards there are, and one out of the records. flashline-sim serves boards to others. */
#include <stdio.h>
#include <string.h>

#include "sim/board/sim_personality.h"
#include "station/cli/cmd.h"
#include "station/print/json.h"
#include "station/cli/options.h"
#include "station/cli/sim_replay_mode.h"

static int personalities(int argc, char **argv)
{
    struct options_common common = {0};
    const struct options_spec spec = {"sim personalities", "[OPTION...]",
                                      "What --personality and --sim-personality can make of a virtual board.",
                                      NULL, 0};
    const struct sim_personality *p;
    int code;

    if (options_parse(&spec, argc, argv, &common, &code) < 0)
        return code;
    for (size_t i = 0; (p = sim_personality_at(i)) != NULL; i++) {
        if (common.json) {
            json_t *o = json_line_new("personality");
            json_put_text(o, "name", p->name);
            json_put_text(o, "about", p->about);
            json_line_write(stdout, o);
        } else {
            printf("%-18s %s\n", p->name, p->about);
        }
    }
    return EXIT_ALL_PASS;
}

int cmd_sim(int argc, char **argv)
{
    struct options_common common = {0};
    const struct options_row rows[] = {
        OPTIONS_DOES("personalities", NULL,
                     "lists what --personality and --sim-personality can make of a virtual board"),
        OPTIONS_DOES("replay", NULL, "runs an attempt that failed once more; see its own --help"),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        "sim", "WORD [OPTION...]",
        "Tells what virtual boards there are, and replays a board out of the records. Virtual boards work in\n"
        "`flashline run --sim N` and `flashline flash --sim`; flashline-sim(1) serves them to other people's tools.",
        rows, 1};
    int code;

    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], OPTIONS_DESCRIBE) == 0) {
        char verb[] = "sim", help[] = "--help";
        options_parse(&spec, 2, (char *[]){verb, argc < 2 ? help : argv[1], NULL}, &common, &code);
        return argc < 2 ? EXIT_USAGE : code;
    }
    if (strcmp(argv[1], "personalities") == 0)
        return personalities(argc - 1, argv + 1);
    if (strcmp(argv[1], "replay") == 0) {
        char replay[] = "sim replay";
        argv[1] = replay;
        return sim_replay_mode(argc - 1, argv + 1);
    }
    if (strcmp(argv[1], "serve") == 0)
        return cmd_fail(EXIT_USAGE, "sim serve", "%s",
                        "serving is a programme of its own: say 'flashline-sim' for 'flashline sim serve'");
    return cmd_fail(EXIT_USAGE, "sim", "'%s' is not known here: personalities or replay", argv[1]);
}
