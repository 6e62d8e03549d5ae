/* SPDX-License-Identifier: Apache-2.0 */
/* mixed_db FILE: a database of practice in which nothing went smoothly, for screens of the real programme. */
#include <stdio.h>

#include "tests/support/mixed_records.h"

int main(int argc, char **argv)
{
    struct db_fixture x;

    if (argc != 2) {
        fprintf(stderr, "usage: mixed_db FILE\n");
        return 2;
    }
    mixed_records_begin(&x);
    mixed_records_make(&x, true);
    int error = rename(x.path, argv[1]);
    fixture_free(&x);
    if (error != 0)
        perror(argv[1]);
    return error != 0;
}
