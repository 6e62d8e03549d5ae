/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_pycom - what Pycom's boards have and others have not: LoRa regions, and the config block with identity and settings. */
#include <stdio.h>
#include <string.h>

#include "station/cli/cmd.h"
#include "station/cli/options.h"
#include "station/cli/pycom_cb.h"
#include "station/cli/pycom_regions.h"

#define WORDS_MOST 66

static const char summary[] =
    "regions lists the LoRa regions that Pycom's firmware knows, their codes and which boards take them, and every country\n"
    "with its plan; with a WORD (a name, a code, a country) what that one leads to.\n"
    "cb is the config block at 0x3FF000 of the board that is plugged in: EUI, Sigfox keys, region, WiFi, Pybytes, LTE. The board\n"
    "stands in its bootloader: G23 (P2) to GND, then reset.\n"
    "  cb show [FILE]          every field, of the board or of a saved file; secrets are not shown\n"
    "  cb backup [-o FILE]     into a file (by default its MAC with .cb) that Pycom's own updater takes too\n"
    "  cb restore FILE         from such a file; that of another board is refused\n"
    "  cb set FIELD=VALUE..    changes fields; FIELD= takes one back; a secret as FIELD=@FILE is the file's first line\n"
    "restore and set save what stood there in the records before they erase, read back what they wrote, and say which bytes\n"
    "changed. They are the engineer's once one is enrolled, and audited.";

/* "cb WORD": 0 to 3, or -1. */
static int which(const char *word)
{
    static const char *const words[] = {"show", "backup", "restore", "set"};

    for (int i = 0; i < 4; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    return -1;
}

static int config_block(const struct cb_options *o, const char *word)
{
    switch (word != NULL ? which(word) : -1) {
    case 0:
        return pycom_cb_show(o);
    case 1:
        return pycom_cb_backup(o);
    case 2:
        return pycom_cb_restore(o);
    case 3:
        return pycom_cb_set(o);
    default:
        break;
    }
    return word == NULL
               ? cmd_fail(EXIT_USAGE, "pycom", "say what: flashline pycom cb show, backup, restore or set")
               : cmd_fail(EXIT_USAGE, "pycom",
                          "cb '%s' is not understood; there is show, backup, restore and set", word);
}

static int regions(const struct cb_options *o, int count, char **words)
{
    if (count > 2)
        return cmd_fail(EXIT_USAGE, "pycom", "'%s' is one word too many; put a name of two words in quotes",
                        words[2]);
    return pycom_regions(count > 1 ? words[1] : NULL, o->board, o->at.common->json);
}

int cmd_pycom(int argc, char **argv)
{
    static char long_name[] = "--output";
    struct options_common common = {0};
    struct cb_options o = {.at = {.verb = "pycom", .common = &common, .reset = -1, .unwired = RESET_NONE}};
    const struct options_row rows[] = {
        OPTIONS_DOES("regions", "[WORD]", "the LoRa regions and countries, or what WORD leads to"),
        OPTIONS_DOES("cb", "show|backup|restore|set", "the config block of a board"),
        OPTIONS_STRING("board", &o.board, "B", "the board's type, where a region depends on it: LoPy4"),
        OPTIONS_STRING("output", &o.output, "FILE", "cb backup: where to; also -o FILE"),
        OPTIONS_SWITCH("reveal", &o.reveal, "cb show: secrets too"),
        OPTIONS_SWITCH("settings-only", &o.settings_only,
                       "cb restore: the board keeps its EUI and what Sigfox has"),
        OPTIONS_SWITCH("force", &o.force, "cb restore: all of it, though it is another board's"),
        OPTIONS_STRING("port", &o.at.port, "URI", "the board's port: tty:/dev/ttyUSB0, ftdi:1-4.2:B"),
        OPTIONS_STRING("slot", &o.at.slot, "S", "a configured slot, by number or label"),
        OPTIONS_WORD("reset", &o.at.reset, "classic|tight|none",
                     "how the port is wired to the board's reset; else none, as on Pycom's carriers"),
        OPTIONS_SWITCH("sim", &o.at.sim, "the virtual board of 'flash --sim' instead of a real one"),
        OPTIONS_STRING("sim-dump", &o.at.sim_dump, "DIR",
                       "leave the virtual board's flash in DIR/slot-1.bin"),
        OPTIONS_STRING("sim-personality", &o.at.sim_personality, "1=P", "the virtual board behaves like P"),
        OPTIONS_SWITCH("training", &o.at.training, "records of the training database"),
        OPTIONS_STRING("operator", &o.operator_id, "O", "who does it"),
        OPTIONS_STRING("reason", &o.reason, "TEXT", "why, for the audit"),
        OPTIONS_END,
    };
    const struct options_spec spec = {"pycom", "WORD [OPTION...]", summary, rows, WORDS_MOST};

    for (int i = 1; i < argc; i++)
        argv[i] = strcmp(argv[i], "-o") == 0 ? long_name : argv[i];
    int code, first = options_parse(&spec, argc, argv, &common, &code);
    if (first < 0)
        return code;
    int count = argc - first;
    char **words = argv + first;
    if (count > 0 && strcmp(words[0], "regions") == 0)
        return regions(&o, count, words);
    if (count > 0 && strcmp(words[0], "cb") == 0) {
        o.words = words + 2;
        o.word_count = count > 2 ? count - 2 : 0;
        return config_block(&o, count > 1 ? words[1] : NULL);
    }
    if (count == 0)
        return cmd_fail(EXIT_USAGE, "pycom", "say what: flashline pycom regions, flashline pycom cb show");
    return cmd_fail(EXIT_USAGE, "pycom", "'%s' is not understood; usage: flashline pycom regions | cb",
                    words[0]);
}
