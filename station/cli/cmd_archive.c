/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_archive - firmware archives: what is wrong with one, and one made for training. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_text.h"
#include "base/file.h"
#include "profiles/firmware/demo_archive.h"
#include "profiles/job/archive_lint.h"
#include "station/cli/archive_records.h"
#include "station/cli/cmd.h"
#include "station/cli/options.h"
#include "station/print/json.h"
#include "station/work/own_files.h"

static void put_line(bool json, const char *kind, const char *text)
{
    json_t *o;

    if (!json) {
        printf("%s%s\n", strcmp(kind, "note") == 0 ? "note: " : "", text);
        return;
    }
    o = json_line_new(kind);
    json_put_text(o, "text", text);
    json_line_write(stdout, o);
}

static int lint(const char *path, bool json)
{
    struct lint_report report;
    int code = EXIT_ALL_PASS;

    if (archive_lint(path, &report) != 0)
        return cmd_fail(EXIT_STATION, "archive", "out of memory");
    for (size_t i = 0; i < report.note_count; i++)
        put_line(json, "note", report.notes[i]);
    for (size_t i = 0; i < report.finding_count; i++)
        put_line(json, "fault", report.findings[i]);
    if (report.finding_count > 0)
        code = cmd_fail(EXIT_INPUT, "archive", "%.400s: %zu fault%s; do not flash boards with it", path,
                        report.finding_count, report.finding_count == 1 ? "" : "s");
    else if (!json)
        printf("%s: no faults\n", path);
    archive_lint_free(&report);
    return code;
}

static int make_demo(const char *path, const struct options_common *common)
{
    uint8_t *bytes;
    size_t size;
    int code = own_files_check("archive", common, path);
    int rc = code == 0 ? demo_archive_make(&bytes, &size) : 0;

    if (code != 0)
        return code;
    if (rc != 0)
        return cmd_fail(EXIT_STATION, "archive", "the archive could not be made: %s", errno_text(-rc));
    rc = file_save(path, bytes, size, FILE_FOLLOW | FILE_KEEP_OWNER);
    free(bytes);
    if (rc != 0)
        return cmd_fail(EXIT_STATION, "archive", "%.400s could not be written: %s", path, errno_text(-rc));
    if (common->json) {
        json_t *o = json_line_new("demo");

        json_put_text(o, "path", path);
        json_put_int(o, "bytes", (int64_t)size);
        json_put_text(o, "version", DEMO_VERSION);
        json_line_write(stdout, o);
    } else {
        printf("%s: %zu bytes, version %s, for virtual boards\n", path, size, DEMO_VERSION);
    }
    return EXIT_ALL_PASS;
}

int cmd_archive(int argc, char **argv)
{
    struct options_common common = {0};
    const char *before = NULL;
    const struct options_row rows[] = {
        OPTIONS_DOES("lint", "A",
                     "looks at every script and member of a firmware archive; code 4 if it has\n"
                     "faults: a missing member, an overlap, an image over its partition, a wrong\n"
                     "chip, a bad checksum, hash or partition table"),
        OPTIONS_DOES("demo", "FILE",
                     "writes an archive in Pycom's form, sound but running nowhere, for training"),
        OPTIONS_STRING("before", &before, "DATE",
                       "no firmware: move records older than this to a file of their own"),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        "archive", "WORD | --before DATE",
        "Looks at a firmware archive, or makes one for training.\n"
        "--before DATE moves old records, verified, to a dated file (also 'flashline db archive --before DATE')",
        rows, 2};
    int code, first = options_parse(&spec, argc, argv, &common, &code);

    if (first < 0)
        return code;
    if (before != NULL && argc == first)
        return archive_records("archive", &common, before, NULL);
    if (argc - first == 2 && strcmp(argv[first], "lint") == 0)
        return lint(argv[first + 1], common.json);
    if (argc - first == 2 && strcmp(argv[first], "demo") == 0)
        return make_demo(argv[first + 1], &common);
    return cmd_fail(EXIT_USAGE, "archive", "say 'lint A', 'demo FILE' or --before DATE");
}
