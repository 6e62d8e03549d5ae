/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/remedy.h"

#include <stdio.h>
#include <string.h>

#include "station/print/text.h"

/* `any`: the words for a pin without a name in `remedy`, which is in the same language. */
static const char *name_pin(const char *remedy, const char *any, const char *boot_pin,
                            char out[static REMEDY_SIZE])
{
    const char *at = boot_pin[0] != '\0' ? strstr(remedy, any) : NULL;

    if (at == NULL)
        snprintf(out, REMEDY_SIZE, "%s", remedy);
    else
        snprintf(out, REMEDY_SIZE, "%.*s%s%s", (int)(at - remedy), remedy, boot_pin, at + strlen(any));
    return out;
}

const char *remedy_plain(enum failure_code code, const char *boot_pin, char out[static REMEDY_SIZE])
{
    return name_pin(failure_remedy(code), "the boot pin", boot_pin, out);
}

const char *remedy_words(enum failure_code code, const char *boot_pin, char out[static REMEDY_SIZE])
{
    return name_pin(_(failure_remedy(code)), _("the boot pin"), boot_pin, out);
}

int remedy_pin_short(const char *boot_pin)
{
    return (int)strcspn(boot_pin, " ");
}
