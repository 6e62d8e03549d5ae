/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as the list of an ESP-IDF build, or, where the first byte is odd, as its configuration. */
#include "profiles/firmware/idf_build.h"
#include "tests/fuzz/check_plan.h"
#include "tests/fuzz/fuzz_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void mend_nothing(uint8_t *body, size_t size)
{
    (void)body;
    (void)size;
}

static void check_build(const struct idf_build *b)
{
    must(b->count > 0 && b->count <= IDF_BUILD_FILES_MAX, "a strange number of files");
    must(b->app <= b->count, "an application that is no file");
    must(b->chip[0] != '\0', "no chip");
    must(b->other_count <= IDF_BUILD_NOTES_MAX, "too many arguments");
    for (size_t i = 0; i < b->count; i++) {
        const struct idf_file *f = &b->files[i];

        must(f->offset % 0x1000 == 0, "an offset within a sector");
        must(i == 0 || b->files[i - 1].offset <= f->offset, "files out of order");
        must(f->path[0] != '\0' && strlen(f->path) < sizeof f->path, "a path without an end");
        must(f->is_outside || f->path[0] != '/', "an absolute path that is inside");
        must(f->is_outside || strncmp(f->path, "../", 3) != 0, "a path upwards that is inside");
        for (const char *p = f->path; *p != '\0'; p++)
            must((unsigned char)*p >= 0x20 && *p != 0x7f, "a control character in a path");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct place at = {"build", 0, NULL};
    struct complaint c = {0};
    struct idf_build build;
    uint8_t *body = fuzz_body(data, size, mend_nothing, &size);

    if (body == NULL)
        return 0;
    if (data[0] & 1) {
        if (idf_build_check_config(body, size, &at, &c) != 0)
            check_complaint(&c);
    } else if (idf_build_parse(body, size, &build, &at, &c) != 0) {
        check_complaint(&c);
    } else {
        check_build(&build);
    }
    free(body);
    return 0;
}
