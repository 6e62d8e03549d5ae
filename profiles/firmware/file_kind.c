/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/file_kind.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define TEXT_LOOKED_AT 4096 /* bytes of a text that decide what it is */
#define TAR_MAGIC_AT   257  /* POSIX.1-1988, ustar */
#define TAR_SUM_AT     148
#define TAR_BLOCK      512

#define KIND(kind_, name_, advice_) \
    [FILE_KIND_##                   \
        kind_] = {.name = name_, .advice = advice_, .no_image = "is " name_ ", no ESP32 image; " advice_}

/* Whole files of a wrong kind are never told to be fetched once more: what is there instead is said. */
static const struct {
    const char *name, *advice, *no_image;
} kinds[] = {
    KIND(UNKNOWN, "a file of no kind that is known here", "look whether it is the right file"),
    KIND(EMPTY, "empty", "copy or download it again"),
    KIND(BLANK, "blank (all of its bytes are the same)", "look whether it is the right file"),
    KIND(GZIP, "a gzip-compressed file", "unpack it (gunzip) and name what is in it"),
    KIND(XZ, "an xz-compressed file", "unpack it (unxz) and name what is in it"),
    KIND(BZIP2, "a bzip2-compressed file", "unpack it (bunzip2) and name what is in it"),
    KIND(ZSTD, "a zstd-compressed file", "unpack it (unzstd) and name what is in it"),
    KIND(TAR, "a tar archive", "unpack it and name what is in it"),
    KIND(ZIP, "a zip archive", "unpack it and name what is in it"),
    KIND(OTHER_ARCHIVE, "an archive in a form that is not read here",
         "unpack it and pack it as tar.gz or zip"),
    KIND(ESP_IMAGE, "an ESP32 image", "write a job with 'images:' that says where it goes"),
    KIND(PARTITION_TABLE, "a partition table alone",
         "write a job with 'images:' that lists it with the others"),
    KIND(ELF, "an ELF file",
         "make an image of it: esptool elf2image, or take the .bin that the build made too"),
    KIND(INTEL_HEX, "an Intel hex file", "make plain bytes of it: objcopy -I ihex -O binary"),
    KIND(SRECORD, "a Motorola S-record file", "make plain bytes of it: objcopy -I srec -O binary"),
    KIND(UF2, "a UF2 file", "it is for boards that show up as a disk: take the .bin of the same release"),
    KIND(WINDOWS_PROGRAMME, "a Windows programme", "take the firmware itself, not its installer"),
    KIND(WEB_PAGE, "a web page (HTML)", "download the file that the page offers, not the page"),
    KIND(LFS_POINTER, "a Git LFS pointer",
         "run 'git lfs pull' in its checkout, which fetches the file it stands for"),
    KIND(PICTURE, "a picture (PNG, JPEG or GIF)", "name the firmware instead"),
    KIND(PDF, "a PDF document", "name the firmware instead"),
    KIND(DATABASE, "an SQLite database", "name the firmware instead"),
    KIND(JOB, "a job file (YAML)", "name it with 'flashline run --job FILE'"),
    KIND(BUILD_LIST, "the list of an ESP-IDF build", "name the build's folder"),
    KIND(JSON, "a JSON text", "name the firmware instead"),
    KIND(UTF16, "a text in UTF-16", "save it as UTF-8"),
    KIND(TEXT, "a text", "name the firmware instead"),
};

struct magic {
    size_t at;
    const char *bytes;
    size_t size;
    enum file_kind kind;
};

/* As the makers of these forms publish them; the first that fits. */
static const struct magic magics[] = {
    {0, "\x1f\x8b", 2, FILE_KIND_GZIP},
    {0, "\xfd\x37zXZ\0", 6, FILE_KIND_XZ},
    {0, "BZh", 3, FILE_KIND_BZIP2},
    {0, "\x28\xb5\x2f\xfd", 4, FILE_KIND_ZSTD},
    {0, "PK\3\4", 4, FILE_KIND_ZIP},
    {0, "PK\5\6", 4, FILE_KIND_ZIP}, /* a zip without members */
    {0, "7z\xbc\xaf\x27\x1c", 6, FILE_KIND_OTHER_ARCHIVE},
    {0, "Rar!\x1a\7", 6, FILE_KIND_OTHER_ARCHIVE},
    {0, "!<arch>\n", 8, FILE_KIND_OTHER_ARCHIVE},
    {0,
     "\x7f"
     "ELF",
     4, FILE_KIND_ELF},
    {0, "UF2\n", 4, FILE_KIND_UF2},
    {0, "MZ", 2, FILE_KIND_WINDOWS_PROGRAMME},
    {0, "\x89PNG\r\n\x1a\n", 8, FILE_KIND_PICTURE},
    {0, "\xff\xd8\xff", 3, FILE_KIND_PICTURE},
    {0, "GIF8", 4, FILE_KIND_PICTURE},
    {0, "%PDF-", 5, FILE_KIND_PDF},
    {0, "SQLite format 3", 16, FILE_KIND_DATABASE},
    {0, "\xff\xfe", 2, FILE_KIND_UTF16},
    {0, "\xfe\xff", 2, FILE_KIND_UTF16},
    {0, "\xaa\x50", 2, FILE_KIND_PARTITION_TABLE},
    {TAR_MAGIC_AT, "ustar", 5, FILE_KIND_TAR},
};

size_t file_kind_mark_size(const uint8_t *b, size_t size)
{
    return size >= 3 && memcmp(b, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

/* A header's sum with its own field taken as blanks: the tar of before 1988 has no other mark. */
static bool is_old_tar(const uint8_t *b, size_t size)
{
    unsigned sum = 8 * ' ', said = 0;
    size_t i = TAR_SUM_AT;

    if (size < TAR_BLOCK || b[0] == 0)
        return false;
    for (size_t k = 0; k < TAR_BLOCK; k++)
        sum += k >= TAR_SUM_AT && k < TAR_SUM_AT + 8 ? 0 : b[k];
    while (b[i] == ' ' && i < TAR_SUM_AT + 7)
        i++;
    while (b[i] >= '0' && b[i] <= '7' && i < TAR_SUM_AT + 8)
        said = said * 8 + (b[i++] - '0');
    return said == sum;
}

static bool is_blank(const uint8_t *b, size_t size)
{
    return (b[0] == 0xff || b[0] == 0) && memcmp(b, b + 1, size - 1) == 0;
}

/* Text as people and programmes write it: no control characters but those of lines, UTF-8 or not; FF is blank flash. */
static bool is_text(const char *b, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)b[i] == 0xff ||
            ((unsigned char)b[i] < 0x20 && strchr("\t\n\r\f\033", b[i]) == NULL))
            return false;
    return memchr(b, 0, size) == NULL;
}

static bool begins(const char *text, const char *with)
{
    return strncasecmp(text, with, strlen(with)) == 0;
}

/* ":LLAAAATT": a record mark, a length, an address and a type below 6. */
static bool is_hex_record(const char *text)
{
    if (text[0] != ':')
        return false;
    for (int i = 1; i < 11; i++)
        if (!isxdigit((unsigned char)text[i]))
            return false;
    return text[7] == '0' && text[8] >= '0' && text[8] <= '5';
}

static bool is_srecord(const char *text)
{
    if (text[0] != 'S' || text[1] < '0' || text[1] > '9')
        return false;
    for (int i = 2; i < 10; i++)
        if (!isxdigit((unsigned char)text[i]))
            return false;
    return true;
}

static bool has_line(const char *text, const char *key)
{
    size_t len = strlen(key);

    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, len) == 0)
            return true;
    }
    return false;
}

static bool is_web_page(const char *text)
{
    return begins(text, "<!doctype html") || begins(text, "<html") || begins(text, "<head") ||
           begins(text, "<body") || (begins(text, "<!--") && strcasestr(text, "<html") != NULL) ||
           (begins(text, "<?xml") && strcasestr(text, "<html") != NULL);
}

static enum file_kind text_kind(const char *text)
{
    text += strspn(text, " \t\r\n");
    if (is_web_page(text))
        return FILE_KIND_WEB_PAGE;
    if (begins(text, "version https://git-lfs"))
        return FILE_KIND_LFS_POINTER;
    if (is_hex_record(text))
        return FILE_KIND_INTEL_HEX;
    if (is_srecord(text))
        return FILE_KIND_SRECORD;
    if (text[0] == '{' && strstr(text, "\"flash_files\"") != NULL)
        return FILE_KIND_BUILD_LIST;
    if (text[0] == '{' || text[0] == '[')
        return FILE_KIND_JSON;
    if (has_line(text, "firmware:") || (has_line(text, "board:") && has_line(text, "chip:")))
        return FILE_KIND_JOB;
    return FILE_KIND_TEXT;
}

enum file_kind file_kind_of(const uint8_t *b, size_t size)
{
    char text[TEXT_LOOKED_AT + 1];
    size_t mark = file_kind_mark_size(b, size), n;

    if (size == 0)
        return FILE_KIND_EMPTY;
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        const struct magic *m = &magics[i];

        if (size >= m->at + m->size && memcmp(b + m->at, m->bytes, m->size) == 0)
            return m->kind;
    }
    if (b[0] == 0xe9 && size >= 24 && b[1] > 0 && b[1] <= 16)
        return FILE_KIND_ESP_IMAGE;
    if (is_old_tar(b, size))
        return FILE_KIND_TAR;
    if (is_blank(b, size))
        return FILE_KIND_BLANK;
    n = size - mark < TEXT_LOOKED_AT ? size - mark : TEXT_LOOKED_AT;
    memcpy(text, b + mark, n);
    text[n] = '\0';
    return is_text(text, n) ? text_kind(text) : FILE_KIND_UNKNOWN;
}

const char *file_kind_name(enum file_kind kind)
{
    return kinds[kind].name;
}

const char *file_kind_advice(enum file_kind kind)
{
    return kinds[kind].advice;
}

const char *file_kind_no_image(enum file_kind kind)
{
    return kinds[kind].no_image;
}

bool file_kind_is_compressed(enum file_kind kind)
{
    return kind == FILE_KIND_GZIP || kind == FILE_KIND_XZ || kind == FILE_KIND_BZIP2 ||
           kind == FILE_KIND_ZSTD;
}

bool file_kind_is_archive(enum file_kind kind)
{
    return file_kind_is_compressed(kind) || kind == FILE_KIND_TAR || kind == FILE_KIND_ZIP;
}

bool file_kind_may_be_text(enum file_kind kind)
{
    return kind == FILE_KIND_UNKNOWN || kind == FILE_KIND_EMPTY || kind == FILE_KIND_BLANK ||
           kind == FILE_KIND_JOB || kind == FILE_KIND_JSON || kind == FILE_KIND_UTF16 ||
           kind == FILE_KIND_TEXT;
}
