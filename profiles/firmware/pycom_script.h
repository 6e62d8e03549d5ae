/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pycom_script - the script member of a Pycom archive: what to erase and what to write where.
 *
 * Two forms: a bare JSON array of commands ("script"), and an object with "version", optional "partitions" and
 * "script" ("script2", "script_4MB", "script_8MB"). A command is [letter, target, file or size]; numbers are hex text.
 * docs/pycom-archive.md is the form in full. A byte order mark before it and either way of ending lines are taken.
 */
#ifndef PROFILES_FIRMWARE_PYCOM_SCRIPT_H
#define PROFILES_FIRMWARE_PYCOM_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profiles/text/complaint.h"

struct firmware_archive;
struct archive_member;

#define SCRIPT_COMMANDS_MAX   64
#define SCRIPT_PARTITIONS_MAX 32
#define SCRIPT_NAME_MAX       100

enum script_letter { SCRIPT_ERASE, SCRIPT_WRITE, SCRIPT_OVERWRITE };

struct script_command {
    enum script_letter letter;
    int entry;                  /* 1.. as counted in the script */
    bool named;                 /* target is `target`, else `offset` */
    char target[24];            /* alias resolved: "otadata" for "ota", "config" for "cb" */
    uint32_t offset, size;      /* size: of an erase at an offset */
    char file[SCRIPT_NAME_MAX]; /* archive member to write */
};

struct script_partition {
    char name[24];
    uint32_t offset, size;
};

struct pycom_script {
    const char *member; /* borrowed from the archive: "script_8MB" */
    bool is_object;     /* second form */
    struct script_partition partitions[SCRIPT_PARTITIONS_MAX];
    size_t partition_count;
    struct script_command commands[SCRIPT_COMMANDS_MAX];
    size_t count;
};

/* Reads one script member. Returns 0, or -1 with *c naming member, entry and what is wrong (FAIL_FIRMWARE). */
int pycom_script_parse(const struct archive_member *member, struct pycom_script *out, const struct place *at,
                       struct complaint *c);

/*
 * The member that Pycom's updater would run on a board with this flash size: script_8MB on 8 MB, script_4MB on 4 MB,
 * else script2, else script. NULL: none, *c names the scripts there are; encrypted ones are refused by name.
 */
const struct archive_member *pycom_script_choose(const struct firmware_archive *archive, uint32_t flash_size,
                                                 const struct place *at, struct complaint *c);

/*
 * Is the script one of an archive made for boards with flash encryption, which still lists plain members but does not
 * hold them? 0: no; -1: it is, *c says so.
 */
int pycom_script_check_build(const struct pycom_script *script, const struct firmware_archive *archive,
                             const struct place *at, struct complaint *c);

#endif /* PROFILES_FIRMWARE_PYCOM_SCRIPT_H */
