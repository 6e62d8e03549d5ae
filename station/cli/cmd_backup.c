/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_backup - a whole, verified copy of the database, also beside a running station. */
#include <stdio.h>
#include <string.h>

#include "db/care/maintain.h"
#include "station/cli/cmd.h"
#include "station/cli/record_options.h"
#include "station/print/json.h"

int cmd_backup(int argc, char **argv)
{
    static char long_name[] = "--output";
    struct options_common common = {0};
    const char *output = NULL;
    bool replace = false;
    const struct options_row rows[] = {
        OPTIONS_STRING("output", &output, "FILE", "where to; also -o FILE"),
        OPTIONS_SWITCH("replace", &replace, "FILE may exist: it is replaced once the new one is verified"),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        "backup", "-o FILE [OPTION...]",
        "Writes a complete copy of the database to FILE, verifies it and prints its SHA-256.\n"
        "It holds boards' identity data: keep it as safe as the database.",
        rows, 0};
    struct backup_report r;
    struct failure f = {0};
    char hash[SHA256_TEXT_SIZE];

    for (int i = 1; i < argc; i++)
        argv[i] = strcmp(argv[i], "-o") == 0 ? long_name : argv[i];
    int code, first = options_parse(&spec, argc, argv, &common, &code);
    if (first < 0)
        return code;
    if (output == NULL)
        return cmd_fail(EXIT_USAGE, "backup", "say where to: -o FILE");
    struct db *db = record_open("backup", &common, &code);
    if (db == NULL)
        return code;
    int rc = maintain_backup(db, output, replace, &r, &f);
    db_close(db);
    if (rc != 0)
        return cmd_fail(EXIT_INPUT, "backup", "%s", f.detail);
    digest_hex(r.sha256, SHA256_SIZE, hash);
    if (common.json) {
        json_t *o = json_line_new("backup");
        json_put_text(o, "file", output);
        json_put_int(o, "attempts", r.verify.attempts);
        json_put_int(o, "bytes", (int64_t)r.bytes);
        json_put_text(o, "sha256", hash);
        json_line_write(stdout, o);
        return EXIT_ALL_PASS;
    }
    printf("%s: %lld attempts, %llu bytes, verified, SHA-256 %s\n", output, (long long)r.verify.attempts,
           (unsigned long long)r.bytes, hash);
    return EXIT_ALL_PASS;
}
