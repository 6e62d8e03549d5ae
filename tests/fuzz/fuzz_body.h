/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_body - an input whose first byte is a switch and whose rest is the body. A fuzzer cannot guess checksums: where
 * the first byte is odd, the body's are put right first.
 */
#ifndef TESTS_FUZZ_FUZZ_BODY_H
#define TESTS_FUZZ_FUZZ_BODY_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A copy of exactly the body's size, so that reading past it is seen, to be freed by the caller; NULL: no input. */
static inline uint8_t *fuzz_body(const uint8_t *data, size_t size, void (*mend)(uint8_t *, size_t),
                                 size_t *body_size)
{
    uint8_t *body = size > 0 ? malloc(size - 1) : NULL;

    if (body == NULL)
        return NULL;
    *body_size = size - 1;
    memcpy(body, data + 1, size - 1);
    if (data[0] & 1)
        mend(body, size - 1);
    return body;
}

#endif /* TESTS_FUZZ_FUZZ_BODY_H */
