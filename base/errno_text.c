/* SPDX-License-Identifier: Apache-2.0 */
#include "base/errno_text.h"

#include <stddef.h>
#include <string.h>

const char *errno_text(int error)
{
    const char *text = strerrordesc_np(error); /* glibc 2.32: never translated */

    return text != NULL ? text : "an error that this system has no words for";
}
