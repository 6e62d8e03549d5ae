/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_kind - what a file is, by its bytes and never by its name. Every door that takes a file asks here, so that a wrong
 * one is called by the same name everywhere. Pure functions; the texts are static storage.
 */
#ifndef PROFILES_FIRMWARE_FILE_KIND_H
#define PROFILES_FIRMWARE_FILE_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum file_kind {
    FILE_KIND_UNKNOWN, /* bytes that nothing here knows */
    FILE_KIND_EMPTY,
    FILE_KIND_BLANK, /* nothing but FF, or nothing but zeros */
    FILE_KIND_GZIP,
    FILE_KIND_XZ,
    FILE_KIND_BZIP2,
    FILE_KIND_ZSTD,
    FILE_KIND_TAR,
    FILE_KIND_ZIP,
    FILE_KIND_OTHER_ARCHIVE, /* 7z, rar, and others that nobody reads here */
    FILE_KIND_ESP_IMAGE,
    FILE_KIND_PARTITION_TABLE,
    FILE_KIND_ELF,
    FILE_KIND_INTEL_HEX,
    FILE_KIND_SRECORD,
    FILE_KIND_UF2,
    FILE_KIND_WINDOWS_PROGRAMME,
    FILE_KIND_WEB_PAGE,
    FILE_KIND_LFS_POINTER,
    FILE_KIND_PICTURE,
    FILE_KIND_PDF,
    FILE_KIND_DATABASE,
    FILE_KIND_JOB,        /* YAML with a job's keys */
    FILE_KIND_BUILD_LIST, /* flasher_args.json of an ESP-IDF build */
    FILE_KIND_JSON,
    FILE_KIND_UTF16,
    FILE_KIND_TEXT
};

enum file_kind file_kind_of(const uint8_t *bytes, size_t size);
/* "a web page (HTML)" */
const char *file_kind_name(enum file_kind kind);
/* What to do with it: "download the file that the page offers, not the page" */
const char *file_kind_advice(enum file_kind kind);
/* Both in one, as what is wrong with a file that should be an image: "is a web page (HTML), no ESP32 image; ..." */
const char *file_kind_no_image(enum file_kind kind);

bool file_kind_is_compressed(enum file_kind kind); /* one stream, with anything in it */
bool file_kind_is_archive(enum file_kind kind);    /* compressed, tar or zip: what firmware_archive.h reads */
/* Could it be a text that a person wrote? Unknown bytes count: its reader says better what is wrong with them. */
bool file_kind_may_be_text(enum file_kind kind);

/* Bytes of the UTF-8 byte order mark that some editors put first: 3 or 0. */
size_t file_kind_mark_size(const uint8_t *bytes, size_t size);

#endif /* PROFILES_FIRMWARE_FILE_KIND_H */
