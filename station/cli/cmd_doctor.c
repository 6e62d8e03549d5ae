/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_doctor - looks at what a run would need and says in words what is missing and what helps. */
#include <stdio.h>
#include <unistd.h>

#include "profiles/text/complaint.h"
#include "station/cli/cmd.h"
#include "station/cli/doctor.h"
#include "station/cli/options.h"
#include "station/config/config.h"
#include "station/print/json.h"
#include "station/print/prose.h"
#include "station/print/signals.h"

static void print_text(const struct doctor_finding *f)
{
    prose_print(stdout, 5, "%-4s %s%s%s\n", f->well ? "ok" : "BAD", f->subject,
                f->subject[0] != '\0' ? ": " : "", f->words);
    if (!f->well)
        prose_print(stdout, 0, "     %s\n", f->remedy);
}

static void print_json(const struct doctor_finding *f)
{
    json_t *o = json_line_new("finding");

    json_put_text(o, "check", f->check);
    json_put_text(o, "subject", f->subject);
    json_put_bool(o, "well", f->well);
    if (f->code != FAILURE_NONE) {
        json_put_int(o, "code", f->code);
        json_put_text(o, "name", failure_name(f->code));
    }
    json_put_text(o, "words", f->words);
    json_put_text(o, "remedy", f->remedy);
    json_line_write(stdout, o);
}

int cmd_doctor(int argc, char **argv)
{
    struct options_common common = {0};
    const struct options_spec spec = {
        "doctor", "[OPTION...]",
        "Looks at USB, adapters, permissions, drivers, ports, slots, helper programs and the folder of nightly backups, and says what\n"
        "is wrong and what helps. Ports that nobody holds are opened for a moment; boards are not touched.\n"
        "Exit: 0 all is well, 3 something is not.",
        NULL, 0};
    struct doctor_report report = {0};
    struct complaint why = {0};
    int code, bad = 0;

    if (options_parse(&spec, argc, argv, &common, &code) < 0)
        return code;
    struct config *config = config_load(common.config, &why);
    if (config == NULL)
        return cmd_fail(EXIT_INPUT, "doctor", "%s", why.text);
    int signal_fd =
        signals_open(false); /* a port that was opened must be closed, or the kernel's driver stays off */
    doctor_look_usb(&report, config);
    doctor_look_stubs(&report);
    doctor_look_backup(&report, config);
    if (signal_fd >= 0)
        close(signal_fd);
    for (size_t i = 0; i < report.count; i++) {
        bad += !report.findings[i].well;
        if (common.json)
            print_json(&report.findings[i]);
        else
            print_text(&report.findings[i]);
    }
    if (!common.json && bad > 0)
        printf("%d thing%s to put right\n", bad, bad == 1 ? "" : "s");
    code = report.lost ? cmd_fail(EXIT_STATION, "doctor", "out of memory")
           : bad > 0   ? EXIT_STATION
                       : EXIT_ALL_PASS;
    doctor_report_free(&report);
    config_free(config);
    return code;
}
