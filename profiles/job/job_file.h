/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job_file - the YAML of a job, read into struct job's settings and a list of the firmware files it names.
 * docs/profiles.md describes the keys.
 */
#ifndef PROFILES_JOB_JOB_FILE_H
#define PROFILES_JOB_JOB_FILE_H

#include "profiles/job/job.h"
#include "profiles/plan/plan.h"
#include "profiles/text/complaint.h"
#include "profiles/text/yaml_schema.h"
#include "profiles/unit/unit_spec.h"

struct arena;

#define JOB_FILE_MAX   (64u * 1024)
#define JOB_IMAGES_MAX 64

enum firmware_form { FIRMWARE_UNSAID, FIRMWARE_ARCHIVE, FIRMWARE_IMAGES, FIRMWARE_MERGED };

struct firmware_file {
    char path[256]; /* as written; "" : to be given with --firmware */
    int line;       /* of the job file; 0: none */
    uint32_t offset;
    bool has_offset;               /* else a merged image's start is looked for */
    char sha256[SHA256_TEXT_SIZE]; /* pinned by `job release`; "" : not */
    int sha256_line;
    struct schema_spot path_spot, sha256_spot;
    uint8_t found[SHA256_SIZE]; /* of the file as it was read */
};

struct job_file {
    struct job *job;  /* filled, borrowed */
    const char *path; /* of the job file, borrowed */
    bool says_chip;   /* else its firmware does */
    enum firmware_form form;
    int firmware_line; /* where the firmware is, or should be, named */
    struct firmware_file files[JOB_IMAGES_MAX];
    size_t count;
    struct firmware_file filesystem; /* of a Pycom board; path "": the job names none */
    bool write_config; /* `protect: none`: the firmware may write what the board type protects */
    int write_config_line, protect_line;
    bool partial; /* bootloader, table or application are the board's own */
    int flash_size_line;
    struct range_words protect, erase;
    char firmware_name[128], version[64]; /* what the job calls them; "": as the firmware says */
    int released_line, stub_sha256_line, revision_min_line, revision_max_line, archive_sha256_line;
    char revision_min[9]; /* as written */
    int verify_line;      /* 0: not there */
    struct schema_spot released_spot, stub_sha256_spot;
    const struct pycom_model
        *model; /* one of Pycom's generations or modules, by `board`; NULL: none of them alone */
    char region[64], eui[UNIT_TEXT_SIZE]; /* as written; "": not said */
    int region_line, eui_line;            /* 0: said on the command line */
    const char *region_option;            /* --region; borrowed; NULL: not given */
    struct unit_spec unit;                /* job->unit, where there is any */
};

/* Of the section `require`: profiles/job/job_require.c. */
extern const struct schema_rule job_require_rules[];

/* Defaults for everything the file may leave out. */
void job_file_defaults(struct job_file *out, struct job *job, const char *path);
/* Has the job a name? Its file's may be none; then its firmware's is taken. 0, or -1 with *c (FAIL_JOB). job_file_parse() asks too. */
int job_file_check_name(const struct job_file *f, struct complaint *c);
/* The file's bytes, in the arena; one that is no text, or larger than JOB_FILE_MAX, is refused. 0, or -1 with *c (FAIL_JOB). */
int job_file_read(const char *path, struct arena *a, const uint8_t **bytes, size_t *size,
                  struct complaint *c);
/* What boards get of their own, completed and checked; job_file_parse() does it too. 0, or -1 with *c (FAIL_JOB). */
int job_file_unit(struct job_file *f, struct complaint *c);
/* Returns 0, or -1 with *c filled (FAIL_JOB). */
int job_file_parse(const void *bytes, size_t size, struct job_file *out, struct complaint *c);

#endif /* PROFILES_JOB_JOB_FILE_H */
