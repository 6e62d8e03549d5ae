/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/pycom_script.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/firmware/file_kind.h"
#include "profiles/firmware/firmware_archive.h"

#define SCRIPT_BYTES_MAX (64 * 1024)
#define MB               (1024u * 1024)

struct reader {
    struct pycom_script *out;
    const struct place *at;
    struct complaint *c;
};

/* "0x1000" -> 0x1000. The format knows hex text only; anything else is a slip of the hand. */
static int parse_hex(const char *text, uint32_t *out)
{
    unsigned long long value;
    char *end;

    if (text == NULL || text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
        return -EINVAL;
    if (strlen(text) > 10 || strspn(text + 2, "0123456789abcdefABCDEF") != strlen(text + 2) ||
        text[2] == '\0')
        return -EINVAL;
    value = strtoull(text + 2, &end, 16);
    *out = (uint32_t)value;
    return 0;
}

static int bad_entry(struct reader *r, int entry, const char *what)
{
    return complain_at(r->c, FAIL_FIRMWARE, r->at, "%s: entry %d: %s", r->out->member, entry, what);
}

/* Text element `i` of a command, or NULL. Embedded NULs would let two programs read two names. */
static const char *element(const json_t *command, size_t i)
{
    const json_t *e = json_array_get(command, i);
    const char *text = json_string_value(e);

    return text != NULL && strlen(text) == json_string_length(e) ? text : NULL;
}

static int read_target(struct reader *r, const char *text, struct script_command *cmd)
{
    const char *name = text;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        if (parse_hex(text, &cmd->offset) != 0)
            return complain_at(r->c, FAIL_FIRMWARE, r->at,
                               "%s: entry %d: '%.40s' is not a hex offset like 0x10000", r->out->member,
                               cmd->entry, text);
        return 0;
    }
    if (strcmp(text, "ota") == 0)
        name = "otadata";
    else if (strcmp(text, "cb") == 0)
        name = "config";
    if (name[0] == '\0' || strlen(name) >= sizeof cmd->target)
        return complain_at(r->c, FAIL_FIRMWARE, r->at, "%s: entry %d: '%.40s' is not a partition name",
                           r->out->member, cmd->entry, text);
    cmd->named = true;
    snprintf(cmd->target, sizeof cmd->target, "%s", name);
    return 0;
}

static int read_erase(struct reader *r, const json_t *command, struct script_command *cmd)
{
    if (cmd->named)
        return json_array_size(command) == 2 ? 0
                                             : bad_entry(r, cmd->entry, "erasing a partition takes no size");
    if (json_array_size(command) != 3 || parse_hex(element(command, 2), &cmd->size) != 0 || cmd->size == 0)
        return bad_entry(r, cmd->entry, "erasing at an offset needs a size in hex, like \"0x40000\"");
    return 0;
}

static int read_write(struct reader *r, const json_t *command, struct script_command *cmd)
{
    const char *file = element(command, 2);

    if (json_array_size(command) != 3 || file == NULL || file[0] == '\0' || strlen(file) >= sizeof cmd->file)
        return bad_entry(r, cmd->entry, "writing needs a target and the name of a member");
    if (strncmp(file, "./", 2) == 0)
        file += 2;
    snprintf(cmd->file, sizeof cmd->file, "%s", file);
    return 0;
}

static int read_command(struct reader *r, const json_t *command, int entry)
{
    struct script_command *cmd = &r->out->commands[r->out->count];
    const char *letter = json_is_array(command) ? element(command, 0) : NULL, *target = element(command, 1);

    memset(cmd, 0, sizeof *cmd);
    cmd->entry = entry;
    if (letter == NULL || target == NULL)
        return bad_entry(r, entry, "is not a command like [\"w\", \"0x1000\", \"file.bin\"]");
    if (strcmp(letter, "e") == 0)
        cmd->letter = SCRIPT_ERASE;
    else if (strcmp(letter, "w") == 0)
        cmd->letter = SCRIPT_WRITE;
    else if (strcmp(letter, "o") == 0)
        cmd->letter = SCRIPT_OVERWRITE;
    else
        return complain_at(r->c, FAIL_FIRMWARE, r->at,
                           "%s: entry %d: unknown letter '%.20s'; known are e, w and o", r->out->member,
                           entry, letter);
    if (read_target(r, target, cmd) != 0)
        return -1;
    if ((cmd->letter == SCRIPT_ERASE ? read_erase(r, command, cmd) : read_write(r, command, cmd)) != 0)
        return -1;
    r->out->count++;
    return 0;
}

static int read_commands(struct reader *r, const json_t *list)
{
    size_t n = json_array_size(list);

    if (!json_is_array(list) || n == 0)
        return complain_at(r->c, FAIL_FIRMWARE, r->at, "%s: has no commands", r->out->member);
    if (n > SCRIPT_COMMANDS_MAX)
        return complain_at(r->c, FAIL_FIRMWARE, r->at, "%s: has %zu commands, more than %d", r->out->member,
                           n, SCRIPT_COMMANDS_MAX);
    for (size_t i = 0; i < n; i++)
        if (read_command(r, json_array_get(list, i), (int)i + 1) != 0)
            return -1;
    return 0;
}

static int read_partitions(struct reader *r, json_t *map)
{
    const char *name;
    json_t *pair;

    if (map == NULL)
        return 0;
    if (!json_is_object(map) || json_object_size(map) > SCRIPT_PARTITIONS_MAX)
        return complain_at(r->c, FAIL_FIRMWARE, r->at, "%s: \"partitions\" is not a list of at most %d names",
                           r->out->member, SCRIPT_PARTITIONS_MAX);
    json_object_foreach(map, name, pair)
    {
        struct script_partition *p = &r->out->partitions[r->out->partition_count];

        if (strlen(name) >= sizeof p->name || json_array_size(pair) != 2 ||
            parse_hex(element(pair, 0), &p->offset) != 0 || parse_hex(element(pair, 1), &p->size) != 0 ||
            p->size == 0 || p->offset % 0x1000 != 0 || p->size % 0x1000 != 0 ||
            p->size > UINT32_MAX - p->offset)
            return complain_at(
                r->c, FAIL_FIRMWARE, r->at,
                "%s: partition '%.40s' is not [\"0xOFFSET\", \"0xSIZE\"] in whole 4 KiB sectors",
                r->out->member, name);
        snprintf(p->name, sizeof p->name, "%s", name);
        r->out->partition_count++;
    }
    return 0;
}

static int read_object(struct reader *r, json_t *root)
{
    const char *version = json_string_value(json_object_get(root, "version"));

    r->out->is_object = true;
    if (version == NULL || strncmp(version, "2.", 2) != 0)
        return complain_at(r->c, FAIL_FIRMWARE, r->at, "%s: version '%.20s' is not known; 2.0 and 2.1 are",
                           r->out->member, version != NULL ? version : "");
    if (read_partitions(r, json_object_get(root, "partitions")) != 0)
        return -1;
    return read_commands(r, json_object_get(root, "script"));
}

int pycom_script_parse(const struct archive_member *member, struct pycom_script *out, const struct place *at,
                       struct complaint *c)
{
    struct reader r = {out, at, c};
    json_error_t error;
    json_t *root;
    size_t mark;
    int rc;

    memset(out, 0, sizeof *out);
    out->member = member->name;
    if (member->size > SCRIPT_BYTES_MAX)
        return complain_at(c, FAIL_FIRMWARE, at, "%s: has more than %d bytes; this is no script",
                           member->name, SCRIPT_BYTES_MAX);
    if (file_kind_of(member->data, member->size) == FILE_KIND_UTF16)
        return complain_at(c, FAIL_FIRMWARE, at, "%s: is %s; %s", member->name,
                           file_kind_name(FILE_KIND_UTF16), file_kind_advice(FILE_KIND_UTF16));
    mark = file_kind_mark_size(member->data, member->size);
    root = json_loadb((const char *)member->data + mark, member->size - mark, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        return complain_at(c, FAIL_FIRMWARE, at, "%s: line %d is not valid JSON: %.100s", member->name,
                           error.line, error.text);
    if (json_is_array(root))
        rc = read_commands(&r, root);
    else if (json_is_object(root))
        rc = read_object(&r, root);
    else
        rc = complain_at(c, FAIL_FIRMWARE, at, "%s: is neither a list nor an object", member->name);
    json_decref(root);
    return rc;
}

static bool is_for_encryption(const char *name)
{
    size_t len = strlen(name);

    return strncmp(name, "script", 6) == 0 && len > 4 && strcmp(name + len - 4, "_enc") == 0;
}

int pycom_script_check_build(const struct pycom_script *script, const struct firmware_archive *archive,
                             const struct place *at, struct complaint *c)
{
    const char *encrypted = NULL;

    for (size_t i = 0; i < archive->count && encrypted == NULL; i++)
        if (is_for_encryption(archive->members[i].name))
            encrypted = archive->members[i].name;
    for (size_t i = 0; encrypted != NULL && i < script->count; i++)
        if (script->commands[i].letter != SCRIPT_ERASE &&
            firmware_archive_find(archive, script->commands[i].file) == NULL)
            return complain_at(
                c, FAIL_FIRMWARE, at,
                "is an encrypted build (%.40s): it also carries %s, whose member '%.80s' is missing; take "
                "the archive for plain boards",
                encrypted, script->member, script->commands[i].file);
    return 0;
}

/* An archive without a script: what it is instead. */
static void tell_no_script(const struct firmware_archive *archive, const struct place *at,
                           struct complaint *c)
{
    char all[160] = "";
    size_t used = 0;

    for (size_t i = 0; i < archive->count; i++) {
        const struct archive_member *m = &archive->members[i];
        enum file_kind kind = file_kind_of(m->data, m->size);

        if (file_kind_is_archive(kind) || kind == FILE_KIND_OTHER_ARCHIVE)
            complain_at(c, FAIL_FIRMWARE, at,
                        "is an archive with another one in it, '%.80s' (%s); unpack it and name that",
                        m->name, file_kind_name(kind));
        else if (kind == FILE_KIND_BUILD_LIST)
            complain_at(c, FAIL_FIRMWARE, at,
                        "is a packed ESP-IDF build ('%.80s'); unpack it and name its folder", m->name);
        if (used < sizeof all)
            used += (size_t)snprintf(all + used, sizeof all - used, "%s%.60s", used > 0 ? ", " : "", m->name);
    }
    complain_at(c, FAIL_FIRMWARE, at,
                "has no script member, so it is no Pycom firmware archive; it holds %s%s", all,
                used >= sizeof all ? "..." : "");
}

const struct archive_member *pycom_script_choose(const struct firmware_archive *archive, uint32_t flash_size,
                                                 const struct place *at, struct complaint *c)
{
    const char *own = flash_size == 8 * MB ? "script_8MB" : flash_size == 4 * MB ? "script_4MB" : NULL;
    const char *const order[] = {own, "script2", "script"};
    char all[120] = "";
    size_t used = 0;

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        const struct archive_member *m = order[i] != NULL ? firmware_archive_find(archive, order[i]) : NULL;

        if (m != NULL)
            return m;
    }
    for (size_t i = 0; i < archive->count; i++) {
        const char *name = archive->members[i].name;

        if (strncmp(name, "script", 6) != 0)
            continue;
        if (is_for_encryption(name)) {
            complain_at(c, FAIL_FIRMWARE, at,
                        "has only '%.40s' for boards with flash encryption; "
                        "take the archive for plain boards",
                        name);
            return NULL;
        }
        if (used < sizeof all)
            used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", used > 0 ? ", " : "", name);
    }
    if (used == 0)
        tell_no_script(archive, at, c);
    else
        complain_at(c, FAIL_FIRMWARE, at, "has no script for %u MB flash; it has %s", flash_size / MB, all);
    return NULL;
}
