/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_stub - the chip's helper program: is it there, which one is it, put it where it belongs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_text.h"
#include "base/file.h"
#include "base/own_file.h"
#include "engine/chip/esp_stub.h"
#include "engine/chip/esp_target.h"
#include "profiles/text/complaint.h"
#include "station/cli/cmd.h"
#include "station/cli/options.h"
#include "station/cli/stub_source.h"
#include "station/print/json.h"
#include "station/print/prose.h"
#include "station/run/stub_find.h"
#include "station/work/own_files.h"

static const char summary[] =
    "Without a word: tells which helper program (stub) boards of each chip would be written with, and its version.\n"
    "FILE of 'install' is the tarball of the npm package esptool-js, a wheel or the folder of an installed esptool, of which those\n"
    "are taken whose SHA-256 is known here, or one JSON file. No network is asked. Flashline ships none: they are Espressif's.\n"
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
        prose_print(stdout, 2, "%s: stub %s, %u bytes, SHA-256 %s, %s\n", chip, stub.version,
                    (unsigned)(stub.text_size + stub.data_size), hash, path);
    } else if (!found) {
        prose_print(
            stdout, 2,
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
    int error = stub_find(NULL, chip, path);
    if (error != 0 && error != -ENOENT)
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
static int save(const char *to, const struct stub_offer *o)
{
    int error = own_folders_make(to);

    if (error == 0)
        error = file_save(to, o->bytes, o->size, FILE_FOLLOW | FILE_KEEP_OWNER);
    return error;
}

static void tell_installed(const struct stub *stub, const char *path, bool json)
{
    json_t *o;

    if (!json) {
        prose_print(stdout, 2, "%s: stub %s installed at %s\n", stub->chip, stub->version, path);
        return;
    }
    o = json_line_new("stub_installed");
    json_put_text(o, "chip", stub->chip);
    json_put_text(o, "path", path);
    json_put_text(o, "version", stub->version);
    json_put_bool(o, "all_accounts", stub_is_shared(path));
    json_line_write(stdout, o);
}

/* This account's own goes before the one that was installed for all. */
static void tell_hidden(const struct stub *stub, const char *path)
{
    char found[PATH_TEXT];

    if (stub_find(NULL, stub->chip, found) == 0 && strcmp(found, path) != 0)
        prose_print(stderr, 2, "flashline stub: note: this account's own file goes before it: %s\n", found);
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

static int put_in_place(const struct stub_offer *o, const struct options_common *common)
{
    char path[PATH_TEXT], why[OWN_DENIED_SIZE];
    int error = stub_place(o->stub.chip, path);

    if (error != 0)
        return cmd_fail(EXIT_INPUT, "stub", "no place for stub files: %s", errno_text(-error));
    if ((error = own_files_check("stub", common, path)) != 0)
        return error;
    if ((error = save(path, o)) != 0) {
        own_file_denied(path, NULL, -error, why);
        return cmd_fail(EXIT_STATION, "stub", "%s: %s", path, why);
    }
    tell_installed(&o->stub, path, common->json);
    tell_hidden(&o->stub, path);
    return EXIT_ALL_PASS;
}

static int install_all(const char *file, struct stub_source *s, const struct options_common *common)
{
    int code = EXIT_ALL_PASS;

    if (s->count == 1 && !name_stub(file, &s->offers[0].stub))
        return cmd_fail(EXIT_INPUT, "stub",
                        "%s: is a helper program that is not known here, and its name tells no chip; call it "
                        "after its chip, like esp32c3.json",
                        file);
    for (int i = 0; i < s->count && code == EXIT_ALL_PASS; i++)
        code = put_in_place(&s->offers[i], common);
    return code;
}

/* Where it went, in one line for all of them. */
static void tell_place(const struct options_common *common)
{
    char path[PATH_TEXT];

    if (common->json || stub_place(esp_target_stub_name(0), path) != 0)
        return;
    puts(stub_is_shared(path)                   ? "for all accounts of this station"
         : getenv("FLASHLINE_STUB_DIR") != NULL ? "for whoever sets FLASHLINE_STUB_DIR to this folder"
                                                : "for this account alone");
}

static int install(const char *file, const struct options_common *common)
{
    struct stub_source s;
    struct complaint c = {0};
    int code = stub_source_read(file, &s, &c) == 0 ? install_all(file, &s, common)
                                                   : cmd_fail(EXIT_INPUT, "stub", "%s", c.text);

    if (code == EXIT_ALL_PASS)
        tell_place(common);
    stub_source_free(&s);
    return code;
}

int cmd_stub(int argc, char **argv)
{
    struct options_common common = {0};
    const struct options_row rows[] = {
        OPTIONS_DOES("where", "[CHIP]", "prints a file's place (esp32, esp32c3, esp32p4-rev1, ..)"),
        OPTIONS_DOES("install", "FILE",
                     "puts helper programs in place, for all accounts of the station or for this one"),
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
        return cmd_fail(EXIT_USAGE, "stub",
                        "install needs a file: flashline stub install esptool-js-0.7.0.tgz");
    return cmd_fail(EXIT_USAGE, "stub",
                    "'%s' is not understood; usage: flashline stub [where [NAME] | install FILE]",
                    argv[first]);
}
