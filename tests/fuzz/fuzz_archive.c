/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a firmware archive, through to its plans; tar headers get their checksum first where fuzz_body says so. */
#include "tests/fuzz/fuzz_body.h"
#include "tests/fuzz/plan_scripts.h"

#define MB    (1024u * 1024)
#define BLOCK 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void mend_headers(uint8_t *tar, size_t size)
{
    for (size_t at = 0; at + BLOCK <= size; at += BLOCK) {
        unsigned sum = 0;
        char text[8];

        if (memcmp(tar + at + 257, "ustar", 5) != 0)
            continue;
        memset(tar + at + 148, ' ', 8);
        for (int i = 0; i < BLOCK; i++)
            sum += tar[at + i];
        snprintf(text, sizeof text, "%06o", sum & 0777777);
        memcpy(tar + at + 148, text, 7);
    }
}

static void check_members(const struct firmware_archive *archive)
{
    size_t total = 0;

    must(archive->count > 0 && archive->count <= ARCHIVE_MEMBERS_MAX, "a strange number of members");
    for (size_t i = 0; i < archive->count; i++) {
        const struct archive_member *m = &archive->members[i];

        total += m->size;
        must(m->name[0] != '\0' && m->name[0] != '/', "a name that leads elsewhere");
        must(strstr(m->name, "/../") == NULL && strncmp(m->name, "../", 3) != 0,
             "a name that leads elsewhere");
        must(firmware_archive_find(archive, m->name) == m, "a name twice");
    }
    must(total <= ARCHIVE_EXPANDED_MAX, "more than the limit");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t sizes[] = {4 * MB, 8 * MB};
    const struct place at = {"archive", 0, NULL};
    struct arena *a = arena_new();
    struct firmware_archive archive;
    struct complaint c = {0};
    uint8_t *body = fuzz_body(data, size, mend_headers, &size);

    if (body == NULL || a == NULL) {
        free(body);
        arena_free(a);
        return 0;
    }
    if (firmware_archive_read(body, size, a, &archive, &at, &c) != 0) {
        check_complaint(&c);
    } else {
        check_members(&archive);
        for (int i = 0; i < 2; i++) {
            const struct archive_member *m = pycom_script_choose(&archive, sizes[i], &at, NULL);

            if (m != NULL)
                plan_script_member(a, &archive, m, sizes[i], (data[0] & 2) != 0);
        }
    }
    arena_free(a);
    free(body);
    return 0;
}
