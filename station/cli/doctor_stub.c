/* SPDX-License-Identifier: Apache-2.0 */
/* Can boards be written the fast way: is there a helper program, and for which chips? */
#include <stdio.h>
#include <string.h>

#include "engine/chip/esp_target.h"
#include "station/cli/doctor.h"
#include "station/run/stub_find.h"

void doctor_look_stubs(struct doctor_report *r)
{
    char path[PATH_TEXT], none[300] = "";
    const char *name;
    int there = 0, all = 0;

    for (; (name = esp_target_stub_name((size_t)all)) != NULL; all++) {
        size_t used = strlen(none);

        if (stub_find(NULL, name, path) == 0)
            there++;
        else
            snprintf(none + used, sizeof none - used, "%s%s", used > 0 ? ", " : "", name);
    }
    if (there == 0)
        doctor_add(
            r, "stub", "", FAILURE_NONE,
            "Run 'flashline stub install FILE' with the tarball of the npm package esptool-js, or the folder of an "
            "installed esptool.",
            "there is no helper program (stub): boards are written by the ROM loader, which takes longer");
    else if (there < all)
        doctor_add(r, "stub", "", FAILURE_NONE, NULL,
                   "helper programs (stubs) are there; none for %s, which the ROM loader writes", none);
    else
        doctor_add(r, "stub", "", FAILURE_NONE, NULL, "helper programs (stubs) are there for every chip");
}
