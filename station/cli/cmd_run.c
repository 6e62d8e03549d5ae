/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_run - a tray of boards: the station's main work. */
#include <string.h>

#include "station/cli/cmd.h"
#include "station/cli/options.h"
#include "station/run/run.h"

static const char summary[] =
    "Flashes and records the boards of all slots, each on its own, as a job says.\n"
    "With --sim every slot gets one virtual board and the run ends with the last of them; real slots go on until they\n"
    "are drained (Ctrl-C, or q on the screen), or as --once and --count say. A second Ctrl-C aborts.\n"
    "Exit: 0 all PASS, 1 some FAIL or HOLD, 2 usage, 3 station ERROR, 4 bad job, archive or database, 5 interrupted.";

static int check(const struct run_options *o)
{
    if (o->sim > 0 && o->slots != NULL)
        return cmd_fail(EXIT_USAGE, "run",
                        "--sim and --slots exclude each other: virtual boards or real ones");
    if (o->sim == 0 && (o->sim_chip != NULL || o->sim_dump != NULL || o->sim_personality != NULL ||
                        o->sim_time != RUN_TIME_REAL || o->sim_seed != 1 || o->sim_revision != 1 ||
                        o->sim_flash_size != 0 || o->sim_fault_rate > 0))
        return cmd_fail(EXIT_USAGE, "run", "the --sim-... options are for virtual boards: give --sim N too");
    return 0;
}

int cmd_run(int argc, char **argv)
{
    struct run_options o = {.verb = "run", .sim_seed = 1, .sim_revision = 1, .reset = -1};
    const struct options_row rows[] = {
        OPTIONS_STRING("job", &o.job, "J",
                       "what to flash: a job's name, its file (./job.yaml), or a firmware"),
        OPTIONS_STRING("firmware", &o.firmware, "F",
                       "archive, image or build folder to use instead of the job's own"),
        OPTIONS_STRING("region", &o.region, "R",
                       "LoRa region of all boards: India, IN865, 7 (flashline pycom regions)"),
        OPTIONS_STRING("slots", &o.slots, "A,B", "slots by number or label, or ports (tty:/dev/ttyUSB0)"),
        OPTIONS_WORD("reset", &o.reset, "classic|tight|none",
                     "how ports named by --slots are wired to the reset"),
        OPTIONS_SWITCH("once", &o.once, "one board a slot, then end"),
        OPTIONS_WHOLE("count", &o.count, "N", 1, 1000000, "end after N boards that PASS"),
        OPTIONS_STRING("serials", &o.serials, "FILE",
                       "MAC,SERIAL a line, or a serial for each slot; every board needs one then"),
        OPTIONS_STRING("lot", &o.lot, "L", "the lot or work order"),
        OPTIONS_STRING("operator", &o.operator_id, "O", "who works here"),
        OPTIONS_SWITCH("rework", &o.rework,
                       "units that passed before are flashed again (engineer, with --reason)"),
        OPTIONS_STRING("reason", &o.reason, "TEXT", "why there is rework"),
        OPTIONS_STRING("stub", &o.stub, "PATH|no", "the chip's helper program, or none"),
        OPTIONS_SWITCH("write-all", &o.write_all, "write also what a board holds already"),
        OPTIONS_SWITCH("headless", &o.headless, "lines of text instead of the screen"),
        OPTIONS_SWITCH("ascii", &o.ascii, "a screen of plain ASCII"),
        OPTIONS_SWITCH("mono", &o.mono, "a screen without colour"),
        OPTIONS_SWITCH("training", &o.training, "real ports, but for practice: never counted as production"),
        OPTIONS_WHOLE("sim", &o.sim, "N", 1, RUN_SIM_MAX,
                      "N virtual boards (1 to 256) instead of real slots"),
        OPTIONS_WORD("sim-time", &o.sim_time, "real|virtual", "virtual: as fast as the machine can"),
        OPTIONS_STRING("sim-dump", &o.sim_dump, "DIR", "leave each virtual board's flash in DIR/slot-K.bin"),
        OPTIONS_WHOLE("sim-seed", &o.sim_seed, "S", 0, 4294967295.0,
                      "MACs, identity data and faults follow from it"),
        OPTIONS_STRING("sim-personality", &o.sim_personality, "K=P,...",
                       "slot K behaves like P (flashline sim personalities)"),
        OPTIONS_NUMBER("sim-fault-rate", &o.sim_fault_rate, "R", 0, 1,
                       "how many of the boards misbehave: 0 to 1"),
        OPTIONS_STRING("sim-chip", &o.sim_chip, "CHIP[@REV],...",
                       "chips of the boards, in turn: esp32 (default), esp32c3, .."),
        OPTIONS_WHOLE("sim-revision", &o.sim_revision, "R", 0, 3, "revision of an ESP32: 0, 1 or 3"),
        OPTIONS_WHOLE("sim-flash-size", &o.sim_flash_size, "MIB", 1, 16, "else what suits the revision"),
        OPTIONS_END,
    };
    const struct options_spec spec = {"run", "--job J [OPTION...]", summary, rows, 0};
    int code;

    if (options_parse(&spec, argc, argv, &o.common, &code) < 0)
        return code;
    if ((code = check(&o)) != 0)
        return code;
    struct run *run = run_open(&o, NULL, &code);
    if (run == NULL)
        return code;
    code = run_tray(run);
    run_close(run);
    return code;
}
