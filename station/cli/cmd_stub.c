/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_stub - the chip's helper program: is it there, which one is it, put it where it belongs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/errno_text.h"
#include "base/file.h"
#include "base/own_file.h"
#include "engine/chip/esp_stub.h"
#include "engine/chip/esp_target.h"
#include "profiles/firmware/file_kind.h"
#include "profiles/firmware/file_refusal.h"
#include "profiles/text/arena.h"
#include "profiles/text/complaint.h"
#include "profiles/text/file_bytes.h"
#include "station/cli/cmd.h"
#include "station/cli/options.h"
#include "station/print/json.h"
#include "station/run/stub_find.h"
#include "station/work/own_files.h"

#define STUB_FILE_MAX (4u << 20)

static const char summary[] =
    "Without a word: tells which helper program (stub) boards of each chip would be written with, and its version.\n"
    "Flashline ships none: they are Espressif's (script/bootstrap of Flashline's sources fetches them).\n"
    "Without one, boards are written by the ROM loader, which takes longer.";

static bool is_name(const char *name)
{
    const char *known;

    for (size_t i = 0; (known = esp_target_stub_name(i)) != NULL; i++)
        if (strcmp(known, name) == 0)
            return true;
    return false;
}

static int tell(const char *chip, bool json)
{
    char path[PATH_TEXT], hash[SHA256_TEXT_SIZE], why[160] = "";
    struct stub stub = {0};
    int error = stub_find(NULL, chip, path);
    bool found = error == 0, good = found && stub_load(path, &stub, why) == 0;

    if (error != 0 && error != -ENOENT)
        return cmd_fail(EXIT_INPUT, "stub", "no place for stub files: %s", errno_text(-error));
    if (good && stub.chip[0] != '\0' && strcmp(stub.chip, chip) != 0) {
        snprintf(why, sizeof why, "is the helper program for %s", stub.chip);
        good = false;
    }
    digest_hex(stub.sha256, SHA256_SIZE, hash);
    if (json) {
        json_t *o = json_line_new("stub");
        json_put_text(o, "chip", chip);
        json_put_text(o, "path", path);
        json_put_bool(o, "found", found);
        json_put_text(o, "version", good ? stub.version : NULL);
        json_put_text(o, "sha256", good ? hash : NULL);
        json_put_text(o, "problem", found && !good ? why : NULL);
        json_line_write(stdout, o);
    } else if (good) {
        printf("%s: stub %s, %u bytes, SHA-256 %s, %s\n", chip, stub.version,
               (unsigned)(stub.text_size + stub.data_size), hash, path);
    } else if (!found) {
        printf(
            "%s: no stub at %s: boards are written by the ROM loader; 'flashline stub install FILE' puts one there\n",
            chip, path);
    }
    stub_free(&stub);
    return found && !good ? cmd_fail(EXIT_INPUT, "stub", "%s: %s", path, why) : EXIT_ALL_PASS;
}

static int tell_all(bool json)
{
    int code = EXIT_ALL_PASS;
    const char *name;

    for (size_t i = 0; (name = esp_target_stub_name(i)) != NULL; i++) {
        int one = tell(name, json);

        code = code == EXIT_ALL_PASS ? one : code;
    }
    return code;
}

static int where(const char *chip, bool json)
{
    char path[PATH_TEXT];

    if (!is_name(chip))
        return cmd_fail(EXIT_USAGE, "stub",
                        "'%.40s' is no helper program's name; 'flashline stub' lists them", chip);
    int error = stub_place(chip, path);
    if (error != 0)
        return cmd_fail(EXIT_INPUT, "stub", "no place for stub files: %s", errno_text(-error));
    if (json) {
        json_t *o = json_line_new("stub_place");
        json_put_text(o, "chip", chip);
        json_put_text(o, "path", path);
        json_line_write(stdout, o);
    } else {
        puts(path);
    }
    return EXIT_ALL_PASS;
}

/* Whole or not at all, so that a running station never reads half a file. */
static int copy(const char *from, const char *to, struct complaint *c)
{
    const struct place at = {.file = from};
    struct arena *a = arena_new();
    const uint8_t *bytes = NULL;
    size_t size = 0;
    int rc = a == NULL ? complain(c, FAIL_NO_MEMORY, from, 0, "out of memory")
                       : file_bytes_read(from, STUB_FILE_MAX, a, &bytes, &size, FAIL_CONFIG, &at, c);
    int error = rc == 0 ? own_folders_make(to) : 0;

    if (rc == 0 && error == 0)
        error = file_save(to, bytes, size, FILE_FOLLOW | FILE_KEEP_OWNER);
    if (error != 0)
        rc = complain(c, FAIL_CONFIG, to, 0, "%s", errno_text(-error));
    arena_free(a);
    return rc;
}

/* A file that is no stub: by what it is where that is plain, else by what its reader missed. */
static int not_a_stub(const char *file, const char *why)
{
    const struct place at = {.file = file};
    struct arena *a = arena_new();
    struct complaint c = {0};
    const uint8_t *bytes = NULL;
    size_t size = 0;

    if (a != NULL && file_bytes_read(file, STUB_FILE_MAX, a, &bytes, &size, FAIL_CONFIG, &at, &c) == 0) {
        enum file_kind kind = file_kind_of(bytes, size);

        if (kind != FILE_KIND_UNKNOWN && kind != FILE_KIND_JSON)
            file_refuse(bytes, size, FAIL_CONFIG, "a helper program (esp32.json)", &at, &c);
    }
    if (c.code == FAILURE_NONE)
        complain_at(&c, FAIL_CONFIG, &at, "%s", why);
    arena_free(a);
    return cmd_fail(EXIT_INPUT, "stub", "%s", c.text);
}

static void tell_installed(const struct stub *stub, const char *path, bool json)
{
    json_t *o;

    if (!json) {
        printf("%s: stub %s installed at %s\n", stub->chip, stub->version, path);
        return;
    }
    o = json_line_new("stub_installed");
    json_put_text(o, "chip", stub->chip);
    json_put_text(o, "path", path);
    json_put_text(o, "version", stub->version);
    json_line_write(stdout, o);
}

/* By the file's name where its digest is not known; false: neither tells. */
static bool name_stub(const char *file, struct stub *stub)
{
    const char *slash = strrchr(file, '/'), *base = slash != NULL ? slash + 1 : file;
    size_t len = strcspn(base, ".");

    if (stub->chip[0] == '\0' && len < sizeof stub->chip)
        snprintf(stub->chip, sizeof stub->chip, "%.*s", (int)len, base);
    return is_name(stub->chip);
}

static int put_in_place(const char *file, const struct stub *stub, const struct options_common *common)
{
    struct complaint c = {0};
    char path[PATH_TEXT];
    int error = stub_place(stub->chip, path);

    if (error != 0)
        return cmd_fail(EXIT_INPUT, "stub", "no place for stub files: %s", errno_text(-error));
    if ((error = own_files_check("stub", common, path)) != 0)
        return error;
    if (copy(file, path, &c) != 0)
        return cmd_fail(EXIT_STATION, "stub", "%s", c.text);
    tell_installed(stub, path, common->json);
    return EXIT_ALL_PASS;
}

static int install(const char *file, const struct options_common *common)
{
    struct stub stub;
    char why[160];

    if (stub_load(file, &stub, why) != 0)
        return not_a_stub(file, why);
    int code =
        name_stub(file, &stub)
            ? put_in_place(file, &stub, common)
            : cmd_fail(EXIT_INPUT, "stub",
                       "%s: is a helper program that is not known here, and its name tells no chip; call it "
                       "after its chip, like esp32c3.json",
                       file);
    stub_free(&stub);
    return code;
}

int cmd_stub(int argc, char **argv)
{
    struct options_common common = {0};
    const struct options_row rows[] = {
        OPTIONS_DOES("where", "[CHIP]", "prints a file's place (esp32, esp32c3, esp32p4-rev1, ..)"),
        OPTIONS_DOES("install", "FILE", "checks FILE, sees which chip's it is and copies it there"),
        OPTIONS_END,
    };
    const struct options_spec spec = {"stub", "[WORD] [OPTION...]", summary, rows, 2};
    int code, first = options_parse(&spec, argc, argv, &common, &code);

    if (first < 0)
        return code;
    if (first == argc)
        return tell_all(common.json);
    if (strcmp(argv[first], "where") == 0)
        return where(first + 1 < argc ? argv[first + 1] : esp_target_stub_name(0), common.json);
    if (strcmp(argv[first], "install") == 0 && first + 2 == argc)
        return install(argv[first + 1], &common);
    if (strcmp(argv[first], "install") == 0)
        return cmd_fail(EXIT_USAGE, "stub", "install needs a file: flashline stub install esp32.json");
    return cmd_fail(EXIT_USAGE, "stub",
                    "'%s' is not understood; usage: flashline stub [where [NAME] | install FILE]",
                    argv[first]);
}
