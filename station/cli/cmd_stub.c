/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_stub - the chip's helper program: is it there, which one is it, put it where it belongs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/errno_text.h"
#include "base/file.h"
#include "base/own_file.h"
#include "engine/chip/esp_stub.h"
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

#define CHIP          "esp32" /* the one chip family there is so far */
#define STUB_FILE_MAX (4u << 20)

static const char summary[] =
    "Without a word: tells which helper program (stub) boards of each chip would be written with, and its version.\n"
    "'where' prints the file's place; 'install FILE' checks FILE and copies it there. Flashline ships none: it is\n"
    "Espressif's (script/bootstrap fetches it). Without one, boards are written by the ROM loader, which takes longer.";

static int tell(bool json)
{
    char path[PATH_TEXT], hash[SHA256_TEXT_SIZE], why[160] = "";
    struct stub stub = {0};
    int error = stub_find(NULL, CHIP, path);
    bool found = error == 0, good = found && stub_load(path, &stub, why) == 0;

    if (error != 0 && error != -ENOENT)
        return cmd_fail(EXIT_INPUT, "stub", "no place for stub files: %s", errno_text(-error));
    digest_hex(stub.sha256, SHA256_SIZE, hash);
    if (json) {
        json_t *o = json_line_new("stub");
        json_put_text(o, "chip", CHIP);
        json_put_text(o, "path", path);
        json_put_bool(o, "found", found);
        json_put_text(o, "version", good ? stub.version : NULL);
        json_put_text(o, "sha256", good ? hash : NULL);
        json_put_text(o, "problem", found && !good ? why : NULL);
        json_line_write(stdout, o);
    } else if (good) {
        printf("%s: stub %s, %u bytes, SHA-256 %s, %s\n", CHIP, stub.version,
               (unsigned)(stub.text_size + stub.data_size), hash, path);
    } else if (!found) {
        printf(
            "%s: no stub at %s: boards are written by the ROM loader; 'flashline stub install FILE' puts one there\n",
            CHIP, path);
    }
    if (found && !good)
        return cmd_fail(EXIT_INPUT, "stub", "%s: %s", path, why);
    stub_free(&stub);
    return EXIT_ALL_PASS;
}

static int where(bool json)
{
    char path[PATH_TEXT];
    int error = stub_place(CHIP, path);

    if (error != 0)
        return cmd_fail(EXIT_INPUT, "stub", "no place for stub files: %s", errno_text(-error));
    if (json) {
        json_t *o = json_line_new("stub_place");
        json_put_text(o, "chip", CHIP);
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
        printf("%s: stub %s installed at %s\n", CHIP, stub->version, path);
        return;
    }
    o = json_line_new("stub_installed");
    json_put_text(o, "chip", CHIP);
    json_put_text(o, "path", path);
    json_put_text(o, "version", stub->version);
    json_line_write(stdout, o);
}

static int install(const char *file, const struct options_common *common)
{
    char path[PATH_TEXT], why[160];
    struct complaint c = {0};
    struct stub stub;
    int error = stub_place(CHIP, path);

    if (error != 0)
        return cmd_fail(EXIT_INPUT, "stub", "no place for stub files: %s", errno_text(-error));
    if ((error = own_files_check("stub", common, path)) != 0)
        return error;
    if (stub_load(file, &stub, why) != 0)
        return not_a_stub(file, why);
    error = copy(file, path, &c);
    if (error == 0)
        tell_installed(&stub, path, common->json);
    stub_free(&stub);
    return error == 0 ? EXIT_ALL_PASS : cmd_fail(EXIT_STATION, "stub", "%s", c.text);
}

int cmd_stub(int argc, char **argv)
{
    struct options_common common = {0};
    const struct options_spec spec = {"stub", "[where | install FILE]", summary, NULL, 2};
    int code, first = options_parse(&spec, argc, argv, &common, &code);

    if (first < 0)
        return code;
    if (first == argc)
        return tell(common.json);
    if (strcmp(argv[first], "where") == 0 && first + 1 == argc)
        return where(common.json);
    if (strcmp(argv[first], "install") == 0 && first + 2 == argc)
        return install(argv[first + 1], &common);
    if (strcmp(argv[first], "install") == 0)
        return cmd_fail(EXIT_USAGE, "stub", "install needs a file: flashline stub install esp32.json");
    return cmd_fail(EXIT_USAGE, "stub",
                    "'%s' is not understood; usage: flashline stub [where | install FILE]", argv[first]);
}
