/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_flash - one board, no job file: find it, say what will happen, ask, do it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "profiles/job/job.h"
#include "profiles/text/complaint.h"
#include "station/cli/cmd.h"
#include "station/cli/options.h"
#include "station/config/config.h"
#include "station/print/prose.h"
#include "station/run/job_choice.h"
#include "station/run/one_port.h"
#include "station/run/run.h"
#include "station/run/run_slots.h"

static const char summary[] =
    "Flashes one board with a firmware archive, a merged image or the folder of an ESP-IDF build, without a job file, or\n"
    "with a job: finds the board's port, says what it will do, asks, does it and records it. A board that was flashed\n"
    "before is flashed again (kept as rework), where no job says otherwise.\n"
    "Exit codes are those of 'flashline run'.";

struct flash {
    struct run_options run;
    const char *name, *firmware, *port,
        *slot; /* name: a job or a firmware; firmware: instead of the job's own */
    char found[ONE_PORT_SIZE];
    bool sim, yes;
};

/* Which port: the one named, the one virtual board, or the only one there is. */
static int find_port(struct flash *f)
{
    if (f->sim) {
        f->run.sim = 1;
        snprintf(f->found, sizeof f->found, "sim:1");
        return 0;
    }
    f->run.slots = f->found;
    f->run.slots_option = f->slot != NULL ? "slot" : "port";
    return one_port_find("flash", f->port, f->slot, f->found);
}

/* Of the ports that the kernel has: others are found when they are opened. With --yes the run says it, and its records. */
static int check_port(const struct flash *f, const char *uri)
{
    const char *path = strncmp(uri, "tty:", 4) == 0 ? uri + 4 : NULL;

    if (f->yes || path == NULL || access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR))
        return 0;
    struct failure missing = {0};
    failure_set(&missing, FAIL_PORT_MISSING, STAGE_OPEN, 0, "%.100s", path);
    return cmd_failure(EXIT_STATION, "flash", &missing);
}

/* Nobody is asked about a slot or a port that is not there, nor at a station whose configuration is broken. */
static int check_slot(struct flash *f)
{
    struct complaint c = {0};
    struct config *config = config_load(f->run.common.config, &c);
    struct run_slots *slots = config != NULL ? calloc(1, sizeof *slots) : NULL;
    int code = config == NULL  ? cmd_fail(EXIT_INPUT, "flash", "%s", c.text)
               : slots == NULL ? cmd_fail(EXIT_STATION, "flash", "out of memory")
                               : run_slots_choose(slots, &f->run, config);

    if (code == 0 && slots != NULL)
        code = check_port(f, slots->slots[0].uri);
    free(slots);
    config_free(config);
    return code;
}

/* What goes where, what becomes of what is there, and what the board is given of its own. */
static void announce(const struct flash *f, const struct job *job)
{
    prose_print(stdout, 0, "%s %s from %s%s%s will be written to the board at %s%s (%.1f MB).\n",
                job->firmware_board[0] != '\0' ? job->firmware_board : job->board, job->firmware_version,
                job->firmware_source, job->for_firmware ? "" : " by the job ",
                job->for_firmware ? "" : job->name, f->slot != NULL ? "slot " : "", f->found,
                (double)job->image_bytes / 1e6);
    prose_print(stdout, 0, "%s is erased%s.\n",
                job->plan_count > 0 && job->plans[0].erase_all ? "The whole flash"
                                                               : "What the firmware covers",
                job->plan_count > 0 && job->plans[0].identity.size > 0 && !job->plans[0].writes_identity
                    ? "; the board's identity sector at 0x3FF000 is backed up first and kept"
                    : "");
    if (job->region[0] != '\0')
        prose_print(stdout, 0, "The board's LoRa region is set to %s.\n", job->region);
    for (size_t i = 0; i < job->warning_count; i++)
        prose_print(stdout, 2, "Note: %s\n", job->warnings[i]);
    fflush(stdout);
}

/* 0: go on; else the exit code. */
static int ask(const struct flash *f)
{
    char answer[16] = "";

    if (f->yes)
        return 0;
    if (!isatty(STDIN_FILENO))
        return cmd_fail(EXIT_USAGE, "flash", "nobody can be asked here: say --yes to go on without");
    fputs("Go on? [y/N] ", stdout);
    fflush(stdout);
    if (fgets(answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y'))
        return 0;
    return cmd_fail(EXIT_INTERRUPTED, "flash", "nothing was done");
}

static int flash_board(struct flash *f)
{
    const struct job_extra extra = {.firmware = f->firmware, .region = f->run.region};
    int code;

    /* What is wrong with the firmware is said before a port is looked for or anybody is asked. */
    struct job *job = job_choice_open("flash", f->name, &extra, &code);
    if (job == NULL)
        return code;
    code = find_port(f);
    if (code == 0)
        code = check_slot(f);
    if (code != 0) {
        job_free(job);
        return code;
    }
    if (job->for_firmware)
        job->on_duplicate = DUPLICATE_REWORK; /* whoever flashes one board by hand means this board */
    if (!f->run.common.json)
        announce(f, job);
    code = ask(f);
    if (code != 0) {
        job_free(job);
        return code;
    }
    struct run *run = run_open(&f->run, job, &code);
    if (run == NULL)
        return code;
    code = run_tray(run);
    run_close(run);
    return code;
}

int cmd_flash(int argc, char **argv)
{
    struct flash f = {
        .run = {
            .verb = "flash", .sim_seed = 1, .sim_revision = 1, .reset = -1, .once = true, .headless = true}};
    struct run_options *o = &f.run;
    const struct options_row rows[] = {
        OPTIONS_STRING("firmware", &f.firmware, "F",
                       "with a job: archive, image or build folder instead of its own"),
        OPTIONS_STRING("region", &o->region, "R",
                       "LoRa region of the board: India, IN865, 7 (flashline pycom regions)"),
        OPTIONS_STRING("port", &f.port, "URI", "the board's port: tty:/dev/ttyUSB0, ftdi:1-4.2:B"),
        OPTIONS_STRING("slot", &f.slot, "S", "a configured slot, by number or label"),
        OPTIONS_SWITCH("yes", &f.yes, "do not ask"),
        OPTIONS_STRING("lot", &o->lot, "L", "the lot or work order"),
        OPTIONS_STRING("operator", &o->operator_id, "O", "who works here"),
        OPTIONS_WORD("reset", &o->reset, "classic|tight|none", "how the port is wired to the board's reset"),
        OPTIONS_STRING("stub", &o->stub, "PATH|no", "the chip's helper program, or none"),
        OPTIONS_SWITCH("write-all", &o->write_all, "write also what the board holds already"),
        OPTIONS_SWITCH("training", &o->training, "for practice: never counted as production"),
        OPTIONS_SWITCH("sim", &f.sim, "a virtual board instead of a real one"),
        OPTIONS_WORD("sim-time", &o->sim_time, "real|virtual", "virtual: as fast as the machine can"),
        OPTIONS_STRING("sim-dump", &o->sim_dump, "DIR", "leave the virtual board's flash in DIR/slot-1.bin"),
        OPTIONS_STRING("sim-personality", &o->sim_personality, "1=P", "the virtual board behaves like P"),
        OPTIONS_STRING("sim-chip", &o->sim_chip, "CHIP[@REV]", "its chip: esp32 (default), esp32c3, .."),
        OPTIONS_WHOLE("sim-revision", &o->sim_revision, "R", 0, 3, "revision of an ESP32: 0, 1 or 3"),
        OPTIONS_WHOLE("sim-flash-size", &o->sim_flash_size, "MIB", 1, 16, "else what suits the revision"),
        OPTIONS_END,
    };
    const struct options_spec spec = {"flash", "ARCHIVE|IMAGE|BUILDDIR|JOB [OPTION...]", summary, rows, 1};
    int code, first = options_parse(&spec, argc, argv, &o->common, &code);

    if (first < 0)
        return code;
    if (first == argc)
        return cmd_fail(EXIT_USAGE, "flash", "name the firmware: flashline flash WiPy-1.20.tar.gz");
    if ((f.port != NULL) + (f.slot != NULL) + f.sim > 1)
        return cmd_fail(EXIT_USAGE, "flash", "--port, --slot and --sim exclude each other");
    f.name = argv[first];
    return flash_board(&f);
}
